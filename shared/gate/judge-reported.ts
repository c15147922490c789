import type { EvaluationConfig, GateConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import { findMetric } from '../evaluation/metrics.ts';
import { unmeasuredGate } from '../evaluation/unmeasured-gate.ts';
import { byteSize } from './byte-size.ts';
import { figure } from './figures.ts';
import { answerOf, boundOf, isComparison, type Question, type Rule } from './judge.ts';

type Numbers = Readonly<Record<string, number>>;

/**
 * Judges gates by numbers that a training script reported of itself (`format: metrics`). There are no rows, so there is no interval:
 * the point decides, and the sentence says so. A number that was not reported is inconclusive.
 * @throws UserError `GATE_NEEDS_ROWS` for slices and `auto`, which no reported number can answer; `METRIC_DIRECTION` for a comparison of
 * a metric that Weighin does not know.
 */
export function judgeReported(
  task: 'binary' | 'multiclass' | 'regression',
  reported: Numbers,
  baseline: Numbers | null,
  policy: EvaluationConfig,
): GateResult[] {
  return policy.gates.map((gate) => judgeOne(task, gate, reported, baseline, policy));
}

function judgeOne(
  task: 'binary' | 'multiclass' | 'regression',
  gate: GateConfig,
  reported: Numbers,
  baseline: Numbers | null,
  policy: EvaluationConfig,
): GateResult {
  const { rule, limit } = ruleOf(gate);
  const metric = findMetric(task, gate.metric);
  const comparing = isComparison(rule);
  if (comparing && metric?.greaterIsBetter == null)
    throw new UserError(
      'METRIC_DIRECTION',
      `It is not known whether more ${gate.metric} is better, so it can't be compared.`,
      'Use min or max, or a metric that Weighin knows.',
    );
  const value = reported[gate.metric] ?? null;
  const before = baseline?.[gate.metric] ?? null;
  const upwards = comparing ? metric?.greaterIsBetter === true : rule === 'min' || rule === 'above';
  const scale = rule === 'maxRelative' ? Math.abs(before ?? 0) : 1;
  const origin = comparing ? before : limit;
  const estimate = value === null || origin === null || scale === 0 ? null : ((upwards ? 1 : -1) * (value - origin)) / scale;

  const question: Question = { rule, limit, prove: 'safe', decide: 'point', severity: gate.severity, alpha: 0.05 };
  const finding = { estimate, lower: null, upper: null, p: null, short: false, identical: false };
  const answer = comparing && baseline === null ? 'first' : answerOf(question, finding);
  const onMissing = policy.baseline.onMissing === 'fail' ? 'fail' : 'pass';
  const raw = { pass: 'pass', beyond: 'fail', open: 'inconclusive', first: onMissing }[answer] as 'pass' | 'fail' | 'inconclusive';
  const unit = metric?.unit ?? 'none';
  const shown = value === null ? 'was not reported' : `is ${figure(value, unit)}`;
  const against = comparing
    ? before === null
      ? 'production reported none'
      : `production reported ${figure(before, unit)}`
    : `the limit is ${figure(limit, unit)}`;
  return {
    ...unmeasuredGate,
    id: gate.name ?? `${gate.metric}.${rule}`,
    kind: 'metric',
    metric: gate.metric,
    rule,
    limit,
    decide: 'point',
    severity: gate.severity,
    status: raw !== 'pass' && gate.severity === 'warn' ? 'warn' : raw,
    answer: answer === 'first' ? 'no baseline' : answer === 'open' ? 'not reported' : 'reported, by the point',
    value,
    baseline: before,
    estimate,
    observed: estimate,
    bound: boundOf(question),
    method: 'reported',
    unit,
    reason: answer === 'first' ? 'NO_BASELINE' : { pass: 'GATE_PASSED', fail: 'GATE_FAILED', inconclusive: 'NOT_REPORTED' }[raw],
    message: `${gate.metric} ${shown}, as the training script reported it; ${against}. Without rows the point decides.`,
  };
}

function ruleOf(gate: GateConfig): { readonly rule: Rule; readonly limit: number } {
  if (gate.slices)
    throw new UserError(
      'GATE_NEEDS_ROWS',
      `The gate on ${gate.metric} asks for slices, and model.format: metrics has no rows.`,
      'Leave slices out, or use format: predictions.',
    );
  const own = (['min', 'above', 'max', 'below'] as const).find((name) => gate[name] !== undefined);
  if (own) return { rule: own, limit: byteSize(gate[own] ?? 0) };
  const { maxRegression, minImprovement, maxRelative } = gate.compare ?? {};
  if (maxRegression === 'auto')
    throw new UserError(
      'GATE_NEEDS_ROWS',
      `maxRegression: auto of ${gate.metric} is drawn from rows, and model.format: metrics has none.`,
      'Give a number, or use format: predictions.',
    );
  if (maxRegression !== undefined) return { rule: 'maxRegression', limit: maxRegression };
  if (minImprovement !== undefined) return { rule: 'minImprovement', limit: minImprovement };
  return { rule: 'maxRelative', limit: maxRelative ?? 0 };
}
