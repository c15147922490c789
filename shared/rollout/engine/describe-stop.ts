import { formatCount, formatPercent, formatSeconds } from '../../words/format-number.ts';
import type { ArmCounts } from '../judging/bucket.ts';
import type { StopReason } from '../judging/judge-metric.ts';
import type { MissingCounts } from './engine-state.ts';
import type { MissingReason } from './metric-source.ts';
import type { MovingRollout, Turn } from './moving-rollout.ts';
import { countsOfRollout } from './step-record.ts';
import type { MetricVerdict } from './take-reading.ts';

/** One sentence, plain text: what was counted, and beside what. */
export function describeVerdict(rollout: MovingRollout, { metric, reason, counts }: MetricVerdict, { plan }: Turn): string {
  const policy = plan.policy.metrics.find(({ name }) => name === metric);
  const whole = countsOfRollout(rollout, metric);
  const { candidate, stable } = whole;
  const inStep = rollout.engine.metrics[metric]?.state?.inStep ?? candidate;
  const limit = policy?.limit == null ? '' : formatPercent(policy.limit);
  const beside = stable.total > 0 ? `; stable's is ${rateOf(stable)}` : '';
  const own = `${metric} of the candidate is ${rateOf(candidate)}`;
  const sentences: Readonly<Record<StopReason, string>> = {
    'hard-limit': `${metric} of the candidate was ${rateOf(counts ?? candidate)} in its last minute, beyond its hard limit of ${policy?.hardMax == null ? '' : formatPercent(policy.hardMax)}`,
    limit: `${own}, shown to be above its limit of ${limit}${beside}`,
    stable: `${own}, shown to be worse than stable's ${rateOf(stable)}${timesOf(rollout, metric)}`,
    plan: `${own}, worse than stable's ${rateOf(stable)} by the planned test${timesOf(rollout, metric)}`,
    'both-arms': `${metric} is above its limit of ${limit} in both arms: ${rateOf(candidate)} of the candidate, ${rateOf(stable)} of stable`,
    point: `${metric} of the candidate is ${rateOf(inStep)} in this step, above ${limit}`,
    'no-data': `no counts of ${metric} came`,
    'not-assured': `${metric} of the candidate is ${rateOf(candidate)}, which does not show yet that it is at most ${limit}`,
  };
  return sentences[reason];
}

/** `3.2 % (96 of 3,000)` */
export const rateOf = ({ bad, total }: ArmCounts): string =>
  total > 0 ? `${formatPercent(bad / total)} (${formatCount(bad)} of ${formatCount(total)})` : 'unknown (no requests)';

function timesOf({ engine }: MovingRollout, metric: string): string {
  const ratio = engine.metrics[metric]?.look?.ratio;
  return typeof ratio === 'number' ? ` (×${Number(ratio.toPrecision(2))})` : '';
}

const missingWords: Readonly<Record<MissingReason, string>> = {
  unreachable: 'nobody answered',
  late: 'the answer came too late',
  empty: 'there is no such series',
  'not-a-number': 'the answer is not a number',
  infinite: 'the answer is infinite',
  stale: 'the newest sample is too old',
  invalid: 'what came cannot be read as counts',
  incomplete: 'some pods did not answer, so the counts are not all',
};

/** Why there are no counts, by the name that the reason has. */
export const describeMissing = (metric: string, { why, detail }: Pick<MissingCounts, 'why' | 'detail'>): string =>
  `${metric}: ${missingWords[why]} (${why}${detail === '' ? '' : `: ${detail}`})`;

export const describeTime = (milliseconds: number): string => formatSeconds(milliseconds / 1000);
