import type { DatasetManifest } from '../dataset/manifest.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { UserError } from '../errors.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import type { EvaluationResult, GateResult } from '../evaluation/evaluation-result.ts';
import { identicalPredictions } from '../evaluation/identical-predictions.ts';
import { drawPlots } from '../evaluation/plots.ts';
import type { Measured, ScoredRows } from '../evaluation/scored-rows.ts';
import { judgeGates } from '../gate/judge-gates.ts';
import { recordLook } from '../registry/record-look.ts';
import { type TrainingResult, trainingResultSchema } from '../training/training-result.ts';
import type { Notice } from '../verdict/notice.ts';
import { type ComparedScorers, compareScorers } from './compare-scorers.ts';
import { evaluateReported } from './evaluate-reported.ts';
import { type FoundBaseline, findBaseline } from './find-baseline.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { readStep, writeJson } from './run-folder.ts';
import { findSeenRows, type SeenRows } from './seen-rows.ts';
import { loadTestRows, type TestRows } from './test-rows.ts';

/** Step 5: candidate and baseline on the same test rows, and what the gates say. Writes evaluation.json. */
export async function evaluateModel(context: RunContext, model: string): Promise<EvaluationResult> {
  return evaluateModelOf(context, modelRun(context, model));
}

export async function evaluateModelOf(context: RunContext, run: ModelRun): Promise<EvaluationResult> {
  const { config, folder, name } = run;
  const training = await readStep(folder.trainingResult, trainingResultSchema);
  if (!training)
    throw new UserError('STEP_MISSING', `There is no candidate of ${name} in ${folder.path}.`, `Run \`weighin train ${name}\` first.`);
  const manifest = await readManifest(folder.dataset);
  const found = await findBaseline(context, run);
  context.progress.step('evaluation', found.baseline ? `against ${found.baseline.stage} v${found.baseline.version}` : 'no baseline');
  const result =
    config.model.format === 'metrics' || !manifest
      ? evaluateReported(run, training, found)
      : await evaluateRows(context, run, training, manifest, found);
  await writeJson(folder.evaluation, result);
  return result;
}

async function evaluateRows(
  context: RunContext,
  run: ModelRun,
  training: TrainingResult,
  manifest: DatasetManifest,
  found: FoundBaseline,
): Promise<EvaluationResult> {
  const { evaluation } = run.config;
  const engine = await context.engine();
  const { store } = await context.store();
  const seen = await findSeenRows(engine, store, manifest, run.folder.dataset, found.report);
  const test = await loadTestRows(engine, {
    manifest,
    folder: run.folder.dataset,
    evaluation,
    splitBy: run.config.data?.split.by ?? 'stratified',
    exclude: seen.exclude,
  });
  const scored = await compareScorers(context, run, { training, manifest, found, relation: test.relation });
  try {
    return await judgeScored(context, run, { training, manifest, found, seen, test, scored });
  } finally {
    await scored.close();
  }
}

interface Scored {
  readonly training: TrainingResult;
  readonly manifest: DatasetManifest;
  readonly found: FoundBaseline;
  readonly seen: SeenRows;
  readonly test: TestRows;
  readonly scored: ComparedScorers;
}

async function judgeScored(
  context: RunContext,
  run: ModelRun,
  { training, manifest, found, seen, test, scored }: Scored,
): Promise<EvaluationResult> {
  const { evaluation, task } = run.config;
  if (task === 'ranking')
    throw new UserError('TASK_NOT_YET_SUPPORTED', 'task: ranking is not supported yet.', 'Use binary, multiclass or regression.');
  const { store, writable } = await context.store();
  const rows: ScoredRows = { task, ...test.facts, candidate: scored.candidate, baseline: scored.baseline, dtype: scored.dtype };

  const testDigest = manifest.splits.test.rowIds;
  const { looks: policy, ci } = evaluation.defaults;
  const { count } = await recordLook(store, { model: run.name, testDigest, candidateDigest: training.model.digest, writable });
  const alphaReuse = Math.min(1, (count * (1 - ci.level)) / 2);
  const context_ = {
    hasBaseline: rows.baseline !== null,
    looks: count,
    previousMargins: previousMargins(found, testDigest),
  };
  const judge = (measured: Measured) => judgeGates(rows, evaluation, { ...context_, measured });
  let measured: Measured = { latency: await scored.measureLatency(), modelBytes: scored.modelBytes };
  let gates = judge(measured);
  // A busy machine is not a slow model: both sides are timed once more, and the verdict is on all rounds.
  if (measured.latency && gates.some((gate) => gate.metric.startsWith('latency') && gate.reason === 'GATE_FAILED')) {
    measured = { ...measured, latency: pool(measured.latency, await scored.measureLatency()) };
    gates = judge(measured);
  }
  if (scored.again && gates.some(failed)) {
    const again = await scored.again();
    const second = judgeGates({ ...rows, ...again }, evaluation, { ...context_, measured });
    gates = gates.map((gate, index) => (failed(gate) && !failed(second[index]) ? notRepeatable(gate) : gate));
  }

  const notices: Notice[] = [...found.notices, ...seen.notices, ...scored.notices, ...looksNotice(count, policy.budget, alphaReuse)];
  return {
    task,
    baseline: found.baseline,
    rows: rows.n,
    positives: task === 'binary' ? test.positives : null,
    testDigest,
    looks: { count, budget: policy.budget, alphaReuse },
    identical: identicalPredictions(rows),
    metrics: [
      ...evaluateMetrics(rows, {
        ...(evaluation.metrics && { metrics: evaluation.metrics }),
        slices: evaluation.slices,
        ci,
        threshold: evaluation.threshold,
        measured,
      }),
    ],
    gates: withoutBaseline(gates, found.missing === 'withheld' ? withheld : scored.incompatible),
    plots: drawPlots(rows),
    notices,
    scoring: scored.scoring,
  };
}

/** The margin that production's own report decided on holds for every candidate on the same test rows, else each would choose its own. */
function previousMargins(found: FoundBaseline, testDigest: string): Record<string, number> {
  if (found.report?.evaluation?.testDigest !== testDigest) return {};
  return Object.fromEntries(
    found.report.evaluation.gates.flatMap((gate) => (gate.rule === 'maxRegression' && gate.limit !== null ? [[gate.id, gate.limit]] : [])),
  );
}

const withheld = { reason: 'NO_CREDENTIALS', cause: 'this job has no credentials, by design, to read it' };

/** A comparison that could not be made is open: "could not ask" is never "nothing to compare with". */
function withoutBaseline(gates: readonly GateResult[], obstacle: { readonly reason: string; readonly cause: string } | null): GateResult[] {
  if (obstacle === null) return [...gates];
  return gates.map((gate) =>
    gate.reason === 'NO_BASELINE'
      ? {
          ...gate,
          status: gate.severity === 'warn' ? 'warn' : 'inconclusive',
          reason: obstacle.reason,
          answer: 'not compared',
          message: `${gate.metric}${gate.slice ? ` in ${gate.slice}` : ''} could not be compared with production: ${obstacle.cause}.`,
        }
      : gate,
  );
}

const failed = (gate: GateResult | undefined) => gate?.reason === 'GATE_FAILED';

const notRepeatable = (gate: GateResult): GateResult => ({
  ...gate,
  status: gate.severity === 'warn' ? 'warn' : 'inconclusive',
  reason: 'NOT_REPEATABLE',
  answer: 'not repeatable',
  message: `${gate.message} Scored once more, the same model passed: its answers change from run to run.`,
});

function looksNotice(count: number, budget: number, alphaReuse: number): Notice[] {
  if (count <= budget) return [];
  const message = `${count} candidates were judged on this test set, ${budget} were planned: the chance that one of them passed by luck may be as high as ${Math.round(alphaReuse * 100)} %. A comparison on fresh rows is worth more than any correction.`;
  return [{ code: 'LOOKS_SPENT', message }];
}

type Latency = NonNullable<Measured['latency']>;
function pool(first: Latency, second: Latency | null): Latency {
  if (!second) return first;
  const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
  return {
    candidate: join(first.candidate, second.candidate),
    baseline: first.baseline && second.baseline && join(first.baseline, second.baseline),
  };
}
