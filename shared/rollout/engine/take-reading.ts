import { clipText, visibleText } from '../../words/visible-text.ts';
import type { ArmCounts, Bucket } from '../judging/bucket.ts';
import { isBucketWhole } from '../judging/close-bucket.ts';
import { judgeHardLimit } from '../judging/hard-limit.ts';
import type { StopReason } from '../judging/judge-metric.ts';
import type { EngineMetric, MissingCounts } from './engine-state.ts';
import { addExperimentReading } from './experiment-seam.ts';
import { isTelling, judgeOpenBucket, stableServes } from './judge-bucket.ts';
import type { MissingReason, Reading } from './metric-source.ts';
import { inEngine, type MovingRollout, pastTime, type Turn } from './moving-rollout.ts';
import { readingOf } from './reading-of.ts';
import { addCounts, inLastRecord } from './step-record.ts';

/** What one metric says; the guard takes the worst. */
export interface MetricVerdict {
  readonly metric: string;
  readonly decision: 'rollback' | 'pause';
  readonly reason: StopReason;
  /** hardMax: what it was judged by. */
  readonly counts: ArmCounts | null;
}

export interface TakenReading {
  readonly rollout: MovingRollout;
  readonly verdicts: readonly MetricVerdict[];
  /** Every metric has counts that begin where the last look ended. */
  readonly isWhole: boolean;
}

const MINUTE = 60_000;

/**
 * Adds what was counted since the last reading, judges hardMax at once and each bucket that is whole. `closes`: every bucket is judged
 * now, whole or not, as after a silence of the guard.
 */
export function takeReading(rollout: MovingRollout, reading: Reading, turn: Turn, { closes }: { readonly closes: boolean }): TakenReading {
  const { plan, at, now } = turn;
  const { read } = rollout.engine;
  // The same reading again.
  if (read && read.from === reading.from && read.to === reading.to) return { rollout, verdicts: [], isWhole: true };
  const metrics: Record<string, EngineMetric> = { ...rollout.engine.metrics };
  const missing: Record<string, MissingCounts> = {};
  const counted: Record<string, { readonly candidate: ArmCounts; readonly stable: ArmCounts }> = {};
  const verdicts: MetricVerdict[] = [];
  const { lastDataAt } = rollout.engine;
  let any = false;
  const miss = (name: string, why: MissingReason, detail: string) => {
    missing[name] = { why, detail: clipText(visibleText(detail), 300), since: rollout.engine.missing[name]?.since ?? lastDataAt ?? at };
  };
  const keepMissing = (name: string) => {
    const before = rollout.engine.missing[name];
    if (before) missing[name] = before;
  };
  for (const { name, hardMax } of plan.policy.metrics) {
    const found = readingOf(reading, name);
    const metric = Object.hasOwn(metrics, name) ? metrics[name]! : null;
    if (found.is === 'nothing-new') keepMissing(name);
    else if (found.is === 'missing') miss(name, found.why, found.detail);
    else if (metric) {
      any = true;
      counted[name] = { candidate: found.candidate, stable: found.stable };
      const minute = found.lastMinute ? [] : lastMinute(metric.minute, found.candidate, turn);
      const lately = found.lastMinute ?? minute.reduce((sum, each) => addCounts(sum, each), { bad: 0, total: 0 });
      // No bound is above the rate itself, so most looks integrate nothing.
      const mayBeOut = hardMax !== null && lately.bad > hardMax * lately.total;
      if (mayBeOut && judgeHardLimit(lately, hardMax, metric.phi).rollback)
        verdicts.push({ metric: name, decision: 'rollback', reason: 'hard-limit', counts: lately });
      const open = metric.open ?? {
        candidate: { bad: 0, total: 0 },
        stable: { bad: 0, total: 0 },
        since: rollout.live.guard?.lastAt ?? at,
      };
      metrics[name] = {
        ...metric,
        minute,
        open: { since: open.since, candidate: addCounts(open.candidate, found.candidate), stable: addCounts(open.stable, found.stable) },
      };
    }
  }
  for (const { name } of plan.distributions) {
    const found = Object.hasOwn(reading.distributions, name) ? reading.distributions[name] : undefined;
    const metric = metrics[name];
    if (found === undefined) keepMissing(name);
    else if (typeof found === 'string') miss(name, found, 'no distribution of predictions');
    else if (metric) metrics[name] = { ...metric, distribution: addDistribution(metric.distribution, found) };
  }
  for (const name of plan.experimentMetrics) {
    const found = readingOf(reading, name, true);
    if (found.is === 'nothing-new') keepMissing(name);
    else if (found.is === 'missing') miss(name, found.why, found.detail);
    else any = true;
  }
  let next = inEngine(rollout, {
    metrics,
    missing,
    source: reading.state,
    read: { from: reading.from, to: reading.to },
    ...(any && { lastDataAt: at }),
  });
  next = addExperimentReading(next, reading, turn);
  next = inLastRecord(next, (record) => ({
    ...record,
    metrics: {
      ...record.metrics,
      ...Object.fromEntries(
        Object.entries(counted).map(([name, { candidate, stable }]) => {
          const before = record.metrics[name];
          return [
            name,
            {
              candidate: before ? addCounts(before.candidate, candidate) : candidate,
              stable: before ? addCounts(before.stable, stable) : stable,
            },
          ];
        }),
      ),
    },
  }));
  for (const { name } of plan.policy.metrics) {
    const open = next.engine.metrics[name]?.open;
    if (!open) continue;
    const bucket: Bucket = { step: next.live.step, candidate: open.candidate, stable: open.stable };
    const seconds = (now.getTime() - pastTime(open.since, now)) / 1000;
    if (!isBucketWhole(bucket, seconds, stableServes(next)) && !(closes && isTelling(next, open))) continue;
    const judged = judgeOpenBucket(next, name, turn, { isStepEnd: false });
    next = judged.rollout;
    if (judged.verdict) verdicts.push(judged.verdict);
  }
  const isWhole = any && reading.from !== null && Object.keys(missing).length === 0;
  return { rollout: next, verdicts, isWhole };
}

/** The readings of the last minute, and this one whatever it covers. At most one a second is kept. */
function lastMinute(before: EngineMetric['minute'], { bad, total }: ArmCounts, { now, at }: Turn): EngineMetric['minute'] {
  const since = now.getTime() - MINUTE;
  const kept = before.filter((each) => Date.parse(each.at) > since && Date.parse(each.at) <= now.getTime());
  return [...kept, { at, bad, total }].slice(-60);
}

function addDistribution(
  before: EngineMetric['distribution'],
  more: NonNullable<EngineMetric['distribution']>,
): EngineMetric['distribution'] {
  if (![...more.candidate, ...more.stable].every((count) => Number.isSafeInteger(count) && count >= 0)) return before;
  // Other edges than before: nothing of the two can be compared, so it begins anew.
  if (!before || before.candidate.length !== more.candidate.length) return more.candidate.length === more.stable.length ? more : before;
  return {
    candidate: before.candidate.map((count, index) => count + more.candidate[index]!),
    stable: before.stable.map((count, index) => count + (more.stable[index] ?? 0)),
  };
}
