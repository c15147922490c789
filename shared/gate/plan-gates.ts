import type { EvaluationConfig, GateConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { unknownMetric } from '../evaluation/evaluate-metrics.ts';
import type { MetricDefinition } from '../evaluation/metric-definition.ts';
import { findMetric, isMeasuredMetric, type MeasuredMetricName } from '../evaluation/metrics.ts';
import { type Sample, sampleOf } from '../evaluation/sample.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { slicesOf } from '../evaluation/slices.ts';
import type { IntervalOptions } from '../evaluation/uncertainty.ts';
import { byteSize } from './byte-size.ts';
import { isComparison, proveOf, type Rule } from './judge.ts';

/** One judgement to make: a gate of the policy on all rows, or on one slice. */
export interface PlannedGate {
  readonly id: string;
  readonly metricName: string;
  readonly metric:
    | { readonly kind: 'scored'; readonly definition: MetricDefinition }
    | { readonly kind: 'measured'; readonly name: MeasuredMetricName };
  readonly slice: string | null;
  readonly sample: Sample;
  readonly rule: Rule;
  /** `auto` becomes a number once the standard error is known. */
  readonly limit: number | 'auto';
  readonly prove: 'safe' | 'harm';
  readonly decide: 'bound' | 'point';
  readonly severity: 'fail' | 'warn';
  readonly threshold: number;
  readonly ci: IntervalOptions;
  readonly alpha: number;
  readonly minimum: { readonly rows: number; readonly perClass: number };
}

/** In a slice a gate decides from so many rows of each class it needs. */
const SLICE_PER_CLASS = 10;

/** The gates of a policy with every default filled in, one entry a slice. */
export function planGates(rows: ScoredRows, policy: EvaluationConfig): PlannedGate[] {
  const ids = new Map<string, number>();
  return policy.gates.flatMap((gate) => {
    const metric = metricOf(rows.task, gate);
    const { rule, limit } = ruleOf(gate, metric);
    const ci = intervalOf(gate, policy);
    const slices = gate.slices?.by.flatMap((column) => slicesOf(rows, [column])) ?? [{ name: null, sample: sampleOf(rows) }];
    return slices.map(({ name: slice, sample }): PlannedGate => {
      const plain = `${gate.name ?? gate.metric}.${rule}${slice === null ? '' : `[${slice}]`}`;
      // Two gates on one metric and rule keep apart by their order in the policy.
      const times = (ids.get(plain) ?? 0) + 1;
      ids.set(plain, times);
      return {
        id: times === 1 ? plain : `${plain}#${times}`,
        metricName: gate.metric,
        metric,
        slice,
        sample,
        rule,
        limit,
        prove: proveOf(rule, gate.prove, { slice: slice !== null, fairness: false, severity: gate.severity }),
        decide: gate.decide,
        severity: gate.severity,
        threshold: gate.threshold ?? policy.threshold,
        ci,
        alpha: (1 - ci.level) / 2,
        minimum: {
          rows: gate.minSamples?.rows ?? (gate.slices ? gate.slices.minSize : policy.defaults.minSamples.rows),
          perClass: gate.minSamples?.perClass ?? (gate.slices ? SLICE_PER_CLASS : policy.defaults.minSamples.perClass),
        },
      };
    });
  });
}

/** What a gate judges. @throws UserError where the task has no such metric */
export function metricOf(task: ScoredRows['task'], gate: GateConfig): PlannedGate['metric'] {
  if (gate.group !== undefined)
    throw new UserError(
      'GATE_NOT_YET_SUPPORTED',
      `The gate on "${gate.metric}" asks for group: ${gate.group}; fairness gates are not supported yet.`,
      'Use slices: {by: [column]} to judge a metric in every group, or take the gate out.',
    );
  if (isMeasuredMetric(gate.metric)) {
    if (gate.slices)
      throw new UserError('GATE_NOT_SLICED', `${gate.metric} is measured once, not by slice.`, 'Take slices: out of this gate.');
    return { kind: 'measured', name: gate.metric };
  }
  const definition = findMetric(task, gate.metric);
  if (!definition) throw unknownMetric(task, gate.metric);
  return { kind: 'scored', definition };
}

/** How a gate judges it. @throws UserError where the rule and the metric don't fit */
export function ruleOf(gate: GateConfig, metric: PlannedGate['metric']): { rule: Rule; limit: number | 'auto' } {
  const size = metric.kind === 'measured' && metric.name === 'model_bytes';
  const asNumber = (limit: number | string): number => {
    if (typeof limit === 'number') return limit;
    if (size) return byteSize(limit);
    throw new UserError(
      'GATE_BAD_LIMIT',
      `The limit of ${gate.metric} is "${limit}", a size.`,
      'Write a number; sizes are for model_bytes.',
    );
  };
  for (const rule of ['min', 'above', 'max', 'below'] as const) {
    const limit = gate[rule];
    if (limit === undefined) continue;
    if (metric.kind === 'measured' && (rule === 'min' || rule === 'above'))
      throw new UserError(
        'GATE_BAD_RULE',
        `${gate.metric} is better when smaller, so ${rule}: would ask for a worse model.`,
        'Use max: or below:.',
      );
    return { rule, limit: asNumber(limit) };
  }
  if (metric.kind === 'scored' && metric.definition.greaterIsBetter === null)
    throw new UserError(
      'GATE_NO_DIRECTION',
      `${gate.metric} is neither better when larger nor when smaller, so it can't be compared.`,
      'Give it min: and max:, or compare another metric.',
    );
  for (const rule of ['maxRegression', 'minImprovement', 'maxRelative'] as const) {
    const limit = gate.compare?.[rule];
    if (limit !== undefined) return { rule, limit };
  }
  throw new UserError('GATE_WITHOUT_RULE', `The gate on ${gate.metric} has no rule.`, 'Give it one of min, above, max, below, compare.');
}

function intervalOf(gate: GateConfig, policy: EvaluationConfig): IntervalOptions {
  const { ci, looks } = policy.defaults;
  const level = gate.ci?.level ?? ci.level;
  return {
    method: gate.ci?.method ?? ci.method,
    // Bonferroni over the looks that the budget allows: every one uses α/budget.
    level: looks.correct ? 1 - (1 - level) / looks.budget : level,
    resamples: gate.ci?.resamples ?? ci.resamples,
    seed: gate.ci?.seed ?? ci.seed,
  };
}

export const comparesWithBaseline = (gate: PlannedGate): boolean => isComparison(gate.rule);
