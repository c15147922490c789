import { z } from 'zod';
import type { CheckAnnotation, CheckRun, CheckToWrite, Conclusion, ForgeChecks } from '../../promotion/forge.ts';
import type { ForgeStart } from './forge-memory.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const runs = '/repos/{owner}/{repo}/check-runs';
const mostAnnotations = 50;
const conclusions: readonly Conclusion[] = ['success', 'failure', 'neutral', 'action_required', 'skipped', 'cancelled'];
const checkFields = z.object({
  id: z.number(),
  name: z.string(),
  app: z.object({ id: z.number(), slug: z.string().nullish() }).nullish(),
  status: z.string(),
  conclusion: z.string().nullish(),
  external_id: z.string().nullish(),
});
const written = z.object({ id: z.number(), output: z.object({ annotations_count: z.number().nullish() }).nullish() });

export function createGitHubChecks(transport: Transport, { identity }: ForgeStart): ForgeChecks {
  const list = async (sha: string): Promise<readonly CheckRun[]> => {
    const ours = identity.appId === null ? {} : { app_id: identity.appId };
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    const found = (await readPages(transport, checkFields, route, { ref: sha, filter: 'latest', ...ours }, { within: 'check_runs' })) ?? [];
    const newest = new Map<string, CheckRun>();
    for (const check of found.toSorted((one, other) => one.id - other.id)) {
      // A workflow's own token writes in the name of GitHub Actions, as do its jobs.
      if (identity.appId === null ? check.app?.slug !== 'github-actions' : check.app?.id !== identity.appId) continue;
      newest.set(check.name, checkOf(check));
    }
    return [...newest.values()];
  };

  const create = (check: CheckToWrite): Promise<number> =>
    writeOnce(transport, {
      send: async () => {
        const body = { name: check.name, head_sha: check.sha, ...stateOf(check), output: outputOf(check, check.annotations ?? []) };
        const answer = await transport.send(`POST ${runs}`, body, { again: false });
        return readAnswer(written, answer.data, 'a new check').id;
      },
      arrived: async () =>
        (await list(check.sha)).find(
          ({ name, externalId, status }) => name === check.name && externalId === check.externalId && status === check.status,
        )?.id ?? null,
    });

  const update = async (check: CheckToWrite, id: number, annotations: readonly CheckAnnotation[]) => {
    const body = { check_run_id: id, ...stateOf(check), output: outputOf(check, annotations) };
    return readAnswer(written, (await transport.send(`PATCH ${runs}/{check_run_id}`, body)).data, 'a check');
  };

  /** Each request adds its annotations to those that are there. */
  const addAnnotations = async (check: CheckToWrite, id: number, from: number) => {
    for (let at = from; at < (check.annotations?.length ?? 0); at += mostAnnotations)
      await update(check, id, check.annotations?.slice(at) ?? []);
  };

  return {
    list,
    write: async (check) => {
      if (check.id !== undefined) {
        const { id, output } = await update(check, check.id, []);
        if (!check.annotations?.length) return id;
        if (!output?.annotations_count) {
          await addAnnotations(check, id, 0);
          return id;
        }
        // Annotations can't be taken back: a check that has some gives way to a new one of its name, the newest of which counts.
      }
      const id = await create(check);
      await addAnnotations(check, id, mostAnnotations);
      return id;
    },
  };
}

function checkOf(check: z.output<typeof checkFields>): CheckRun {
  return {
    id: check.id,
    name: check.name,
    appId: check.app?.id ?? null,
    status: check.status === 'completed' ? 'completed' : check.status === 'in_progress' ? 'in_progress' : 'queued',
    conclusion: conclusions.find((one) => one === check.conclusion) ?? (check.conclusion ? 'failure' : null),
    externalId: check.external_id || null,
  };
}

const stateOf = ({ status, conclusion, externalId }: CheckToWrite) => ({
  status,
  external_id: externalId,
  ...(conclusion === undefined ? {} : { conclusion }),
});

const outputOf = ({ title, summary, text }: CheckToWrite, annotations: readonly CheckAnnotation[]) => ({
  title,
  summary,
  ...(text === undefined ? {} : { text }),
  ...(annotations.length === 0
    ? {}
    : {
        annotations: annotations.slice(0, mostAnnotations).map(({ path, line, level, title: heading, message }) => ({
          path,
          start_line: line,
          end_line: line,
          annotation_level: level,
          title: heading,
          message,
        })),
      }),
});
