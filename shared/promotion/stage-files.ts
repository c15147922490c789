import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { type StageDocument, stageDocumentSchema } from '../registry/stage-document.ts';
import { stagePath } from '../registry/work-tree-paths.ts';
import { type ChainCheck, verifyChain } from './event-chain.ts';
import { type LiveDocument, liveDocumentSchema } from './live-document.ts';
import { livePath, stateBranch } from './state-paths.ts';

/** One change of a stage file on the default branch. */
export interface StageCommit {
  readonly oid: string;
  /** When it came onto the branch, ISO 8601. */
  readonly at: string;
  /** null where the file was taken away. */
  readonly text: string | null;
}

/** All that Git holds about one stage: nothing else is asked. Paths are relative to the folder of weighin.yaml, or to the state branch. */
export interface StageFiles {
  readonly model: string;
  readonly stage: string;
  /** Of the stage file along the default branch, oldest first. */
  readonly commits: readonly StageCommit[];
  /** `registry/<model>/…` as the default branch holds it. */
  readonly registry: ReadonlyMap<string, string>;
  /** `live/…` and `events/…`; empty before the bot's first word. */
  readonly state: ReadonlyMap<string, string>;
}

/** The generations that have a file of events, ascending. */
export function eventGenerations({ model, stage, state }: Pick<StageFiles, 'model' | 'stage' | 'state'>): readonly number[] {
  const folder = `events/${model}/${stage}/`;
  return [...state.keys()]
    .filter((path) => path.startsWith(folder))
    .flatMap((path) => /^(0|[1-9]\d*)\.jsonl$/.exec(path.slice(folder.length))?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export const chainOf = ({ model, stage, state }: Pick<StageFiles, 'model' | 'stage' | 'state'>, generation: number): ChainCheck =>
  verifyChain(state.get(`events/${model}/${stage}/${generation}.jsonl`) ?? '');

/** @throws UserError STATE_BROKEN with the file */
export function readLive({ model, stage, state }: Pick<StageFiles, 'model' | 'stage' | 'state'>): LiveDocument | null {
  const path = livePath(model, stage);
  const text = state.get(path);
  return text === undefined ? null : parseDocument(text, liveDocumentSchema, path, stateBranch);
}

/** @throws UserError STATE_BROKEN with the file */
export function readStageFile({ model, stage, registry }: Pick<StageFiles, 'model' | 'stage' | 'registry'>): StageDocument | null {
  const path = stagePath(model, stage);
  const text = registry.get(path);
  return text === undefined ? null : parseDocument(text, stageDocumentSchema, path, 'the default branch');
}

export function parseDocument<Schema extends z.ZodType>(text: string, schema: Schema, path: string, where: string): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw notWeighins(path, where);
}

export const notWeighins = (path: string, where: string) =>
  new UserError(
    'STATE_BROKEN',
    `${path} on ${where} is not what Weighin writes.`,
    'See what changed it (git log), and restore it; `weighin audit` lists everything that does not fit.',
    { file: path },
  );

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
