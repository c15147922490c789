import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { ForgeActions, WorkflowRun } from '../../promotion/forge.ts';
import { restAccount } from './accounts.ts';
import { downloadArtifact } from './download-artifact.ts';
import { forgeAnswered } from './forge-error.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';

const runFields = z
  .object({
    id: z.number(),
    run_attempt: z.number().nullish(),
    path: z.string(),
    event: z.string(),
    head_branch: z.string().nullish(),
    head_sha: z.string(),
    head_repository: z.object({ id: z.number(), full_name: z.string() }).nullish(),
    status: z.string().nullish(),
    conclusion: z.string().nullish(),
    actor: restAccount.nullish(),
    triggering_actor: restAccount.nullish(),
    created_at: z.string(),
    html_url: z.string(),
  })
  .transform(
    (run): WorkflowRun => ({
      id: run.id,
      attempt: run.run_attempt ?? 1,
      // A run of a called or pinned workflow says `path@ref`.
      path: run.path.split('@')[0] ?? run.path,
      event: run.event,
      headBranch: run.head_branch ?? null,
      headSha: run.head_sha,
      headRepository: run.head_repository ? { id: run.head_repository.id, fullName: run.head_repository.full_name } : null,
      status: run.status ?? 'unknown',
      conclusion: run.conclusion ?? null,
      actor: run.actor ?? null,
      triggeringActor: run.triggering_actor ?? null,
      createdAt: run.created_at,
      url: run.html_url,
    }),
  );
const artifactFields = z
  .object({ id: z.number(), name: z.string(), size_in_bytes: z.number(), expired: z.boolean(), digest: z.string().nullish() })
  .transform(({ id, name, size_in_bytes: bytes, expired, digest }) => ({ id, name, bytes, expired, digest: digest ?? null }));
const attestation = z.object({ bundle: z.unknown() });

export const createGitHubActions = (transport: Transport, fetchFile: typeof fetch): ForgeActions => ({
  run: async (id) => {
    const answer = await transport.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id });
    return answer === null ? null : readAnswer(runFields, answer.data, `run ${id}`);
  },
  runs: async ({ workflow, event, branch, sha }) => {
    const narrowed = { ...(event ? { event } : {}), ...(branch ? { branch } : {}), ...(sha ? { head_sha: sha } : {}) };
    const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs';
    const file = workflow.split('/').at(-1) ?? workflow;
    return (await readPages(transport, runFields, route, { workflow_id: file, ...narrowed }, { within: 'workflow_runs', pages: 1 })) ?? [];
  },
  artifacts: async (runId) =>
    (await readPages(
      transport,
      artifactFields,
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts',
      { run_id: runId },
      { within: 'artifacts' },
    )) ?? [],
  download: (artifactId, limit) => downloadArtifact(transport, fetchFile, artifactId, limit),
  dispatch: async (eventType, payload) => {
    if (Object.keys(payload).length > 10 || Buffer.byteLength(JSON.stringify(payload)) >= 65_536) {
      throw new UserError(
        'DISPATCH_TOO_LARGE',
        `The payload of ${eventType} is larger than GitHub sends on.`,
        'Send an id, and read the rest from Git.',
      );
    }
    // After a lost answer it is sent again, at worst twice: who receives it believes its id alone, and looks in Git what is to do.
    await transport.send('POST /repos/{owner}/{repo}/dispatches', { event_type: eventType, client_payload: payload });
  },
  attestations: async (digest) => {
    const route = 'GET /repos/{owner}/{repo}/attestations/{subject_digest}';
    const subject = digest.startsWith('sha256:') ? digest : `sha256:${digest}`;
    const found = await readPages(transport, attestation, route, { subject_digest: subject }, { within: 'attestations', pages: 1 });
    // GitHub says 404 for a subject that has none; a server of one's own says so for the whole API.
    if (found === null) return isGitHubCom(transport.baseUrl) ? [] : null;
    const bundles = found.map(({ bundle }) => bundle).filter((bundle) => bundle !== null && bundle !== undefined);
    if (bundles.length < found.length) throw forgeAnswered(`attestations of ${subject}`, 'one came without its bundle');
    return bundles;
  },
});

function isGitHubCom(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === 'api.github.com' || hostname.endsWith('.ghe.com');
}
