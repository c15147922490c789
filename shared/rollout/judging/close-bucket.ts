import type { Bucket } from './bucket.ts';

const LONGEST_SECONDS = 300;
/** So many requests of each arm make a bucket worth a look of its own. */
const ENOUGH = 20;

/**
 * Whether a bucket that has been filling since its step or its forerunner is whole and can be judged: both arms have answered enough, or five
 * minutes are over. It goes by requests alone, never by bad ones: then looking when there is something to see costs no alpha. A bucket ends
 * with its step.
 */
export function isBucketWhole({ candidate, stable }: Bucket, seconds: number, stableServes = true): boolean {
  if (seconds >= LONGEST_SECONDS) return true;
  return candidate.total >= ENOUGH && (stable.total >= ENOUGH || !stableServes);
}
