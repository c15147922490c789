import type { RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { namesVersion } from './selector.ts';

/** What is counted for a metric of a rollout. Texts are as they were written, `$version` and all. */
export type MeasuredMetric =
  /** null: of `weighin serve`, errors (degraded answers are among them) of all requests. */
  | {
      readonly is: 'counts';
      readonly name: string;
      readonly bad: string | null;
      readonly total: string | null;
      readonly ofExperiment: boolean;
    }
  /** Answers slower than `le` seconds, of a classic histogram. */
  | { readonly is: 'slow'; readonly name: string; readonly histogram: string; readonly le: number }
  | { readonly is: 'distribution'; readonly name: string; readonly histogram: string };

export const servingRequests = 'weighin_serving_requests_total{version="$version"}';
/** Those that a fallback answered are counted as errors there already. */
export const servingErrors = 'weighin_serving_errors_total{version="$version"}';
const servingLatency = 'weighin_serving_latency_seconds{version="$version"}';
const servingScore = 'weighin_serving_score{version="$version"}';

/**
 * The metrics of a rollout, its experiment's among them (units that converted are `bad`, units `total`), as something to count.
 * Those of an experiment are read together or not at all, and a unit may convert long after it was counted: more `bad` than `total` of one
 * reading is right there.
 *
 * @throws UserError METRIC_INVALID
 */
export function measuredMetrics(config: RolloutConfig, rollout: string): readonly MeasuredMetric[] {
  const entries = (config.metrics ?? []).filter(({ of }) => of === undefined);
  const { experiment } = config;
  return [
    ...entries.map(({ name, bad, total, histogram, le, test }): MeasuredMetric => {
      const fails = (what: string, hint: string) => new UserError('METRIC_INVALID', `${rollout}: ${name} ${what}.`, hint);
      if (test === 'distribution') {
        if (bad !== undefined || total !== undefined || le !== undefined)
          throw fails('compares distributions and has counts of its own', 'Leave `bad`, `total` and `le` out, or `test: distribution`.');
        return { is: 'distribution', name, histogram: versioned(histogram ?? servingScore, 'histogram', fails) };
      }
      if (histogram !== undefined || le !== undefined) {
        if (bad !== undefined || total !== undefined)
          throw fails('has both counts and a histogram', 'Write `bad` and `total`, or `histogram` and `le`.');
        if (le === undefined) throw fails('has a histogram and no edge', 'Write `le: 0.1`: slower than that many seconds is bad.');
        if (!Number.isFinite(le)) throw fails(`has the edge ${le}`, 'Write a number of seconds that is an edge of the histogram.');
        return { is: 'slow', name, histogram: versioned(histogram ?? servingLatency, 'histogram', fails), le };
      }
      if ((bad === undefined) !== (total === undefined))
        throw fails(
          `has \`${bad === undefined ? 'total' : 'bad'}\` alone`,
          'Write both `bad` and `total`; neither means the errors of `weighin serve`.',
        );
      if (bad === undefined || total === undefined) return { is: 'counts', name, bad: null, total: null, ofExperiment: false };
      return { is: 'counts', name, bad: versioned(bad, 'bad', fails), total: versioned(total, 'total', fails), ofExperiment: false };
    }),
    ...(experiment && config.strategy === 'ab'
      ? [experiment.metric, ...experiment.guardrails].map(({ name, converted }): MeasuredMetric => {
          const fails = (what: string, hint: string) =>
            new UserError('METRIC_INVALID', `${rollout}: ${name} of the experiment ${what}.`, hint);
          const units = versioned(experiment.metric.units, 'units', fails);
          return { is: 'counts', name, bad: versioned(converted, 'converted', fails), total: units, ofExperiment: true };
        })
      : []),
  ];
}

type Fails = (what: string, hint: string) => UserError;

/** Without the version both arms would be one. */
function versioned(text: string, key: string, fails: Fails): string {
  if (namesVersion(text)) return text;
  throw fails(`does not say which version \`${key}\` is of`, 'Write `{version="$version"}`: v12 is filled in; `$number` is 12.');
}
