import type { EvaluationConfig } from '../config/schema.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import type { Measured, ScoredRows } from '../evaluation/scored-rows.ts';
import { type JudgeContext, judgeGates } from '../gate/judge-gates.ts';
import type { ComparedScorers } from './compare-scorers.ts';

/** What the gates say, and the measurements that they said it on. */
export interface Judgement {
  readonly gates: readonly GateResult[];
  readonly measured: Measured;
}

/**
 * Judges the candidate, and asks once more before it stops one for something that may have been chance: a latency is measured again on
 * both sides and judged on all rounds; a command, whose answers may change from run to run, answers again.
 */
export async function judgeCandidate(
  rows: ScoredRows,
  evaluation: EvaluationConfig,
  scored: ComparedScorers,
  context: JudgeContext,
): Promise<Judgement> {
  let measured: Measured = { latency: await scored.measureLatency(), modelBytes: scored.modelBytes };
  let gates = judgeGates(rows, evaluation, { ...context, measured });
  if (measured.latency && gates.some((gate) => gate.metric.startsWith('latency') && failed(gate))) {
    measured = { ...measured, latency: pool(measured.latency, await scored.measureLatency()) };
    gates = judgeGates(rows, evaluation, { ...context, measured });
  }
  if (scored.again && gates.some(failed)) {
    const second = judgeGates({ ...rows, ...(await scored.again()) }, evaluation, { ...context, measured });
    gates = gates.map((gate, index) => (failed(gate) && !failed(second[index]) ? notRepeatable(gate) : gate));
  }
  return { gates, measured };
}

const failed = (gate: GateResult | undefined) => gate?.reason === 'GATE_FAILED';

const notRepeatable = (gate: GateResult): GateResult => ({
  ...gate,
  status: gate.severity === 'warn' ? 'warn' : 'inconclusive',
  reason: 'NOT_REPEATABLE',
  answer: 'not repeatable',
  message: `${gate.message} Scored once more, the same model passed: its answers change from run to run.`,
});

type Latency = NonNullable<Measured['latency']>;

function pool(first: Latency, second: Latency | null): Latency {
  if (!second) return first;
  const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
  return {
    candidate: join(first.candidate, second.candidate),
    baseline: first.baseline && second.baseline && join(first.baseline, second.baseline),
  };
}
