import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../../errors.ts';
import type { StageMoment } from '../../registry/lifecycle.ts';
import { readStage } from '../../registry/read-stage.ts';
import { stageDocumentSchema } from '../../registry/stage-document.ts';
import { checkedName } from '../../registry/version-name.ts';
import { stagePath } from '../../registry/work-tree-paths.ts';
import { findTop } from './read-git.ts';
import { askGit, askGitOrNull, splitNul } from './run-git.ts';

/**
 * Every version that a stage of the model points at (by the work tree) or once pointed at (by the log of its stage files).
 * Documents of the past that are not valid are passed over: they never were what a stage ran.
 */
export async function readStageHistory(root: string, model: string): Promise<StageMoment[]> {
  checkedName(model, 'model');
  const moments: StageMoment[] = [];
  for (const stage of await stagesOf(root, model)) {
    const found = await readStage(root, model, stage);
    if (found) moments.push({ stage, number: found.document.version.number, current: true });
  }
  if ((await findTop(root)) === null || !(await askGitOrNull(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']))) return moments;
  // One line of raw output a changed file: the object ids of before and after, so that each document is read once.
  const folder = stagePath(model, 'x').slice(0, -'x.json'.length);
  const log = await askGit(root, ['log', '--format=', '--raw', '--no-abbrev', '--no-renames', '-m', '-z', '--', folder]);
  const blobs = new Set(splitNul(log).flatMap((part) => /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [AM]/.exec(part.trim())?.[1] ?? []));
  for (const blob of blobs) {
    const parsed = stageDocumentSchema.safeParse(parseJson(await askGit(root, ['cat-file', 'blob', blob])));
    if (!parsed.success || parsed.data.model !== model) continue;
    const { stage, version } = parsed.data;
    if (!moments.some((moment) => moment.stage === stage && moment.number === version.number))
      moments.push({ stage, number: version.number, current: false });
  }
  return moments;
}

async function stagesOf(root: string, model: string): Promise<string[]> {
  try {
    const names = await readdir(join(root, 'registry', model, 'stages'));
    return names.flatMap((name) => /^([a-z0-9][a-z0-9-]{0,62})\.json$/.exec(name)?.[1] ?? []).sort();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new InfrastructureError('REGISTRY_UNREADABLE', `The stages of ${model} could not be read.`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
