import { configSchema, type EvaluationConfig, type GateConfig } from '../config/schema.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import type { GateResult, MetricResult } from '../evaluation/evaluation-result.ts';
import { judgeGates } from '../gate/judge-gates.ts';
import { verdictOf } from '../gate/verdict-of.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { OpenSession } from '../scoring/inference-session.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { type FileRows, loadFileRows } from './load-file-rows.ts';

/** An evaluation without a configuration: of a file of predictions, or of an ONNX model on a file of rows. */
export interface FileEvaluation extends FileRows {
  readonly metrics: readonly string[] | undefined;
  readonly gates: readonly GateConfig[];
  readonly threshold: number;
  readonly ci: EvaluationConfig['defaults']['ci'];
}

export interface FileEvaluationResult {
  readonly verdict: Verdict;
  readonly blocks: boolean;
  readonly rows: number;
  readonly metrics: readonly MetricResult[];
  readonly gates: readonly GateResult[];
}

export async function evaluateFile(engine: QueryEngine, openSession: OpenSession, request: FileEvaluation): Promise<FileEvaluationResult> {
  const rows = await loadFileRows(engine, openSession, request);
  const { ci, threshold, slices, metrics } = request;
  const policy = policyOf(request);
  const gates = policy ? judgeGates(rows, policy, { hasBaseline: rows.baseline !== null }) : [];
  const { verdict, blocks } = verdictOf(gates, 'warn');
  return { verdict, blocks, rows: rows.n, metrics: evaluateMetrics(rows, { ...(metrics && { metrics }), slices, ci, threshold }), gates };
}

/** The defaults of a configuration, with the gates of the command line; null without gates, since then nothing is judged. */
function policyOf({ gates, ci, threshold, task }: FileEvaluation): EvaluationConfig | null {
  if (gates.length === 0) return null;
  const { models } = configSchema.parse({ version: 1, models: { file: { task, evaluation: { gates, threshold, defaults: { ci } } } } });
  return models['file']?.evaluation ?? null;
}
