import type { Bucket } from '../../shared/rollout/judging/bucket.ts';
import { isBucketWhole } from '../../shared/rollout/judging/close-bucket.ts';
import { dispersionOf } from '../../shared/rollout/judging/dispersion.ts';
import { judgeHardLimit } from '../../shared/rollout/judging/hard-limit.ts';
import { judgeBucket } from '../../shared/rollout/judging/look.ts';
import { plannedInformation, plannedRate } from '../../shared/rollout/judging/planned-information.ts';
import { beginRule, type RuleSettings } from '../../shared/rollout/judging/rule.ts';
import type { Run } from './draw-run.ts';
import type { Verdict } from './judge-peers.ts';
import { limit, minutesPerStep, shares } from './scenarios.ts';

const emptyBucket = (step: number): Bucket => ({ step, candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } });

/** The rule as it ships, every setting at its default: a scrape a minute, a look a bucket. */
export function judgeWeighin({ history, minutes }: Run): Verdict {
  const total = history.reduce((sum, bucket) => sum + bucket.total, 0);
  const perMinute = total / (history.length * 5);
  const { phi } = dispersionOf(history);
  const rate = plannedRate(history);
  const steps = shares.map((share) => ({ share, requests: perMinute * minutesPerStep }));
  const settings: RuleSettings = {
    limit,
    alpha: 0.01,
    metrics: 1,
    phi,
    steps: shares.length,
    plannedInformation: rate === null ? null : plannedInformation(steps, rate),
    minRatio: 1.2,
  };
  let state = beginRule(settings);
  let bucket = emptyBucket(0);
  let filling = 0;
  for (const [at, { step, x, m, c, s }] of minutes.entries()) {
    if (filling === 0) bucket = emptyBucket(step);
    bucket = {
      step,
      candidate: { bad: bucket.candidate.bad + x, total: bucket.candidate.total + m },
      stable: { bad: bucket.stable.bad + c, total: bucket.stable.total + s },
    };
    filling++;
    if (!isBucketWhole(bucket, filling * 60, shares[step]! < 1) && minutes[at + 1]?.step === step) continue;
    const judged = judgeBucket(settings, state, bucket);
    state = judged.state;
    filling = 0;
    if (judged.look.decision !== 'continue') return { stopped: judged.look.decision === 'rollback' ? 'rollback' : 'pause', minute: at + 1 };
  }
  return { stopped: null, minute: minutes.length };
}

/** The same with `hardMax: 0.05` beside it, judged each minute: whichever comes first. */
export function withHardLimit({ history, minutes }: Run, rule: Verdict): Verdict {
  const { phi } = dispersionOf(history);
  for (let at = 0; at < rule.minute; at++) {
    const { x, m } = minutes[at]!;
    if (judgeHardLimit({ bad: x, total: m }, 0.05, phi).rollback) return { stopped: 'rollback', minute: at + 1 };
  }
  return rule;
}
