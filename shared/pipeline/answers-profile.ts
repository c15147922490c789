import { readFile } from 'node:fs/promises';
import { type AnswersKey, keepAnswers } from '../monitoring/reference-store.ts';
import { numericOfValues } from '../profile/numeric-counts.ts';
import { leavingProfile } from '../profile/outward-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { readProfile } from '../profile/read-profile.ts';
import { sealProfile } from '../profile/seal-profile.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** More answers do not make a reference better, and each different one is summed exactly. */
const mostAnswers = 100_000;

/**
 * What a candidate answered to its test rows, as counts: the reference of prediction drift. Not its training rows, which it knows by heart.
 * One column, `score`. The rows of a test set are in the order of their hashes, so that the first are as good as any.
 */
export function profileAnswers(scores: Float64Array): Profile {
  const some = scores.subarray(0, mostAnswers);
  const counts = new Map<number, number>();
  for (const score of some) counts.set(score, (counts.get(score) ?? 0) + 1);
  const column = numericOfValues([...counts], { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 });
  return sealProfile({
    privacy: 'exact',
    by: [],
    window: null,
    columns: [{ name: 'score', type: 'number' }],
    cells: [{ segment: [], window: null, rows: some.length, columns: [column] }],
  });
}

/** Kept under the model's bytes; nothing where the evaluation left none. */
export async function keepAnswersOf(
  context: RunContext,
  { folder }: ModelRun,
  key: AnswersKey,
  store: Pick<ObjectStore, 'create'>,
): Promise<void> {
  const text = await readFile(folder.answers, 'utf8').catch(() => null);
  if (text === null) return;
  const profile = readProfile(text, folder.answers);
  await keepAnswers(store, key, leavingProfile(profile, context.config.config.privacy.values));
}
