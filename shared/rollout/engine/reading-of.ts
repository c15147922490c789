import type { ArmCounts } from '../judging/bucket.ts';
import type { MetricReading, Reading } from './metric-source.ts';

/** What came of a metric, believed only where it can be counts: it is from outside, and one NaN would spoil all that follows. */
export function readingOf({ metrics }: Reading, name: string, isExperiment = false): MetricReading {
  const found = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  if (!found) return { is: 'missing', why: 'invalid', detail: 'the source says nothing of it' };
  if (found.is !== 'counts') return found;
  const { candidate, stable, lastMinute: lately } = found;
  // A unit converts long after it was assigned, so of a test of people one reading may have more of the former.
  if ([candidate, stable, lately ?? candidate].every((arm) => isCounts(arm) && (isExperiment || arm.bad <= arm.total))) return found;
  return { is: 'missing', why: 'invalid', detail: 'what came are no counts' };
}

const isCounts = ({ bad, total }: ArmCounts) => Number.isSafeInteger(bad) && Number.isSafeInteger(total) && bad >= 0 && total >= 0;
