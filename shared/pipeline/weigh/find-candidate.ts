import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../digest/canonical-json.ts';
import { UserError } from '../../errors.ts';
import { getBlob } from '../../registry/blobs.ts';
import { findMeasuredCandidate } from '../../registry/measured-candidates.ts';
import { readVersion } from '../../registry/read-versions.ts';
import { modelFileName } from '../../training/find-model.ts';
import { inputsDigest } from '../inputs-digest.ts';
import type { ModelRun, RunContext } from '../run-context.ts';
import { fileName, type Judged, type WeighTask } from './weigh-documents.ts';

/** The bytes that are weighed, and whose they are. */
export interface Candidate extends Pick<Judged, 'origin' | 'version' | 'pull' | 'base' | 'authors' | 'actors'> {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** Of the rows' parts, for a version: its test set is frozen. */
  readonly split: string | null;
  /** Digest of what it was made of, as the head's tree says it. */
  readonly inputs: string;
}

/**
 * Finds what is weighed: for a promotion the version's own bytes; on the default branch those that were measured for the pull request,
 * where they were made of exactly what was merged; else what the claimed run made. Taken by digest, from wherever they lie.
 * @throws UserError MODEL_DIGEST_MISMATCH, TRAINING_MISSING
 */
export async function findCandidate(context: RunContext, run: ModelRun, task: WeighTask, folder: string): Promise<Candidate> {
  const inputs = await inputsDigest(context, run);
  const { store } = await context.store();
  const { pull, base, authors, actors } = task;
  if (task.purpose === 'promote') {
    const { record, digest } = await readVersion(store, task.model, task.version ?? 0);
    return {
      origin: 'version',
      file: plainName(modelFileName(run.config.model)),
      bytes: await getBlob(store, record.subject.digest),
      digest: record.subject.digest,
      version: { number: record.number, record: digest },
      split: record.dataset?.split ?? null,
      inputs,
      pull: record.source.pull,
      base: record.source.base,
      authors: record.source.authors,
      actors: record.source.actors,
    };
  }
  const measured =
    task.purpose === 'register' && task.reuse && isAllInGit(run) ? await findMeasuredCandidate(store, task.model, inputs) : null;
  if (measured)
    return {
      origin: 'measured',
      file: plainName(measured.file),
      bytes: await getBlob(store, measured.subject),
      digest: measured.subject,
      version: null,
      split: null,
      inputs,
      pull: measured.pull,
      base: measured.base,
      authors: [...new Set([...measured.authors, ...authors])],
      actors: [...new Set([...measured.actors, ...actors])],
    };
  if (!task.candidate)
    throw new UserError(
      'TRAINING_MISSING',
      `The run of ${task.headSha?.slice(0, 12) ?? 'the default branch'} left no model of ${task.model}.`,
      'Look at that run of the workflow weighin: it must train and upload its files.',
    );
  const bytes = await readFile(join(folder, task.candidate.file));
  if (digestOf(bytes) !== task.candidate.digest)
    throw new UserError(
      'MODEL_DIGEST_MISMATCH',
      `The model of ${task.model} is not the one that was taken from the claimed run.`,
      'Run the whole workflow again.',
    );
  return {
    origin: 'artifact',
    file: task.candidate.file,
    bytes,
    digest: task.candidate.digest,
    version: null,
    split: null,
    inputs,
    pull,
    base,
    authors,
    actors,
  };
}

/** What lies elsewhere can change without a sign of it in the inputs' digest. */
const isAllInGit = ({ config: { data } }: ModelRun) =>
  data !== undefined && [data.source, ...data.features.map(({ source }) => source)].every((source) => !source.includes('://'));

/** A name without folders: the model is handed on under it. */
export function plainName(path: string): string {
  const last = (path.split(/[\\/]/).at(-1) ?? '')
    .replaceAll(/[^\w.-]/g, '_')
    .replace(/^[.-]+/, '')
    .slice(-100);
  return fileName.safeParse(last).success ? last : 'model';
}
