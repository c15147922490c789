import type { EvaluationConfig } from '../config/schema.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import { resampleTogether } from '../evaluation/resampled-estimate.ts';
import type { Measured, ScoredRows } from '../evaluation/scored-rows.ts';
import { unmeasuredGate } from '../evaluation/unmeasured-gate.ts';
import { answerWords, describeGate } from './describe-gate.ts';
import { findingOf, type GateFinding } from './gate-finding.ts';
import { boundOf } from './judge.ts';
import { withoutLooks } from './looks.ts';
import { comparesWithBaseline, type PlannedGate, planGates } from './plan-gates.ts';
import { rowsNeeded, visibleErrors } from './power.ts';
import { type Settled, settleGates } from './settle-gates.ts';

export interface JudgeContext {
  readonly measured?: Measured;
  /** Limits that `maxRegression: auto` had in the baseline's report on this very test set, by gate id. */
  readonly previousMargins?: Readonly<Record<string, number>>;
  readonly hasBaseline: boolean;
  /** Distinct candidates that looked at this test set, this one included. */
  readonly looks?: number;
}

/** Judges every gate of a policy on the test rows. Pure: the same rows, policy and context give the same results, to the last bit. */
export function judgeGates(rows: ScoredRows, policy: EvaluationConfig, context: JudgeContext): GateResult[] {
  const planned = planGates(rows, policy);
  const judged = planned.filter((gate) => context.hasBaseline || !comparesWithBaseline(gate));
  drawTogether(judged);
  const spent = policy.defaults.looks.correct && (context.looks ?? 0) > policy.defaults.looks.budget;
  const found = judged.map((gate) => {
    const finding = findingOf(gate, context.measured ?? null, context.previousMargins?.[gate.id] ?? null);
    return spent ? withoutLooks(finding, context.looks ?? 0, policy.defaults.looks.budget) : finding;
  });
  const settled = settleGates(found, policy.defaults.harmMultiplicity);
  const sizes = { fail: 0, warn: 0 };
  settled.forEach(({ adjustedP }, index) => {
    if (adjustedP !== null) sizes[judged[index]!.severity]++;
  });
  const results = new Map(
    judged.map((gate, index) => {
      const own = settled[index]!;
      const onSpent = spent && policy.defaults.looks.onSpent === 'fail' && own.answer === 'open' ? 'fail' : null;
      return [gate, resultOf(gate, found[index]!, own, sizes[gate.severity], onSpent)] as const;
    }),
  );
  return planned.map((gate) => results.get(gate) ?? withoutBaseline(gate, policy.baseline.onMissing));
}

/** Gates of one sample, threshold and interval share their resamples. */
function drawTogether(gates: readonly PlannedGate[]): void {
  const groups = new Map<PlannedGate['sample'], Map<string, PlannedGate[]>>();
  for (const gate of gates) {
    if (gate.metric.kind !== 'scored') continue;
    const ofSample = groups.get(gate.sample) ?? new Map<string, PlannedGate[]>();
    groups.set(gate.sample, ofSample);
    const key = JSON.stringify([gate.threshold, gate.ci, comparesWithBaseline(gate)]);
    ofSample.set(key, [...(ofSample.get(key) ?? []), gate]);
  }
  for (const [sample, ofSample] of groups)
    for (const group of ofSample.values()) {
      const first = group[0]!;
      const metrics = group.flatMap(({ metric }) => (metric.kind === 'scored' ? [metric.definition] : []));
      resampleTogether(sample, metrics, first.threshold, first.ci, comparesWithBaseline(first));
    }
}

function resultOf(gate: PlannedGate, found: GateFinding, settled: Settled, members: number, onSpent: 'fail' | null): GateResult {
  const { question, finding, obstacle, se, n, positives } = found;
  const { estimate, lower, upper } = finding;
  const open = settled.answer === 'open';
  const zero = obstacle?.reason === 'ZERO_BASELINE';
  const needed =
    open && se !== null && estimate !== null && gate.metric.kind === 'scored'
      ? rowsNeeded(n, se, 0 - boundOf(question), estimate, gate.alpha)
      : null;
  const minimum = obstacle?.reason === 'TOO_FEW_ROWS' && gate.metric.kind === 'scored' ? gate.minimum.rows : 0;
  const status = zero ? 'error' : onSpent && gate.severity === 'fail' ? onSpent : settled.status;
  const rowsToSettle = needed === null ? (minimum > n ? minimum : null) : Math.max(needed, minimum);
  return {
    id: gate.id,
    kind: 'metric',
    metric: gate.metricName,
    slice: gate.slice,
    rule: gate.rule,
    limit: question.limit,
    prove: gate.prove,
    decide: gate.decide,
    severity: gate.severity,
    status,
    mark: zero ? null : settled.mark,
    answer: answerWords(found, settled),
    value: found.value,
    baseline: found.baseline,
    estimate,
    lower,
    upper,
    observed: gate.decide === 'point' ? estimate : lower,
    bound: question.limit === null ? null : boundOf(question),
    level: gate.ci.level,
    method: found.method,
    p: finding.p,
    adjustedP: settled.adjustedP,
    n,
    positives,
    negatives: positives === null ? null : n - positives,
    rowsNeeded: rowsToSettle,
    smallestVisible:
      se === null || se === 0 ? null : visibleErrors(gate.alpha) * se * (gate.rule === 'maxRelative' ? Math.abs(found.baseline ?? 1) : 1),
    unit: found.unit,
    reason: reasonOf(found, settled, status),
    message: describeGate(gate, found, settled, { members }, needed),
  };
}

function reasonOf({ obstacle, finding }: GateFinding, settled: Settled, status: GateResult['status']): string {
  if (obstacle && (settled.answer === 'open' || status === 'error')) return obstacle.reason;
  if (status === 'fail' || (status === 'warn' && settled.answer === 'beyond')) return 'GATE_FAILED';
  if (status === 'inconclusive' || status === 'warn') return 'GATE_INCONCLUSIVE';
  if (finding.identical) return 'IDENTICAL';
  return settled.mark ? 'GATE_NOT_SHOWN' : 'GATE_PASSED';
}

/** Nothing to compare with yet: the first model of a stage. */
function withoutBaseline(gate: PlannedGate, onMissing: 'pass-with-notice' | 'fail'): GateResult {
  const subject = gate.slice === null ? gate.metricName : `${gate.metricName} in ${gate.slice}`;
  const unit = gate.metric.kind === 'scored' ? gate.metric.definition.unit : gate.metric.name === 'model_bytes' ? 'bytes' : 'ms';
  return {
    ...unmeasuredGate,
    id: gate.id,
    kind: 'metric',
    metric: gate.metricName,
    slice: gate.slice,
    rule: gate.rule,
    limit: gate.limit === 'auto' ? null : gate.limit,
    prove: gate.prove,
    decide: gate.decide,
    severity: gate.severity,
    status: onMissing === 'fail' ? (gate.severity === 'warn' ? 'warn' : 'fail') : 'pass',
    answer: 'no baseline',
    level: gate.ci.level,
    n: gate.sample.n,
    positives: gate.sample.task === 'binary' ? gate.sample.positives : null,
    negatives: gate.sample.task === 'binary' ? gate.sample.n - gate.sample.positives : null,
    unit,
    reason: 'NO_BASELINE',
    message: `There is no model to compare ${subject} with yet.`,
  };
}
