import type { DatasetManifest } from '../dataset/manifest.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { UserError } from '../errors.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import type { EvaluationResult, GateResult } from '../evaluation/evaluation-result.ts';
import { identicalPredictions } from '../evaluation/identical-predictions.ts';
import { drawPlots } from '../evaluation/plots.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { profileText } from '../profile/profile-text.ts';
import { type TrainingResult, trainingResultSchema } from '../training/training-result.ts';
import { profileAnswers } from './answers-profile.ts';
import { type ComparedScorers, type CompareScorers, compareScorers } from './compare-scorers.ts';
import { compareTrainingOf } from './compare-training.ts';
import { countLooks } from './count-looks.ts';
import { evaluateReported } from './evaluate-reported.ts';
import { type FoundBaseline, findBaseline } from './find-baseline.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { readStep, writeJson, writeWhole } from './run-folder.ts';
import { findSeenRows, type SeenRows } from './seen-rows.ts';
import { loadTestRows, type TestRows } from './test-rows.ts';

/** Step 5: candidate and baseline on the same test rows, and what the gates say. Writes evaluation.json. */
export async function evaluateModel(context: RunContext, model: string): Promise<EvaluationResult> {
  return evaluateModelOf(context, modelRun(context, model), null);
}

/**
 * With the baseline where the run has it already, so that a store far away hands over its model once. `compare` brings the answers: by
 * default both models are asked here.
 */
export async function evaluateModelOf(
  context: RunContext,
  run: ModelRun,
  known: FoundBaseline | null,
  compare: CompareScorers = compareScorers,
): Promise<EvaluationResult> {
  const { config, folder, name } = run;
  const training = await readStep(folder.trainingResult, trainingResultSchema);
  if (!training)
    throw new UserError('STEP_MISSING', `There is no candidate of ${name} in ${folder.path}.`, `Run \`weighin train ${name}\` first.`);
  const manifest = await readManifest(folder.dataset);
  const found = known ?? (await findBaseline(context, run));
  if (manifest) await compareTrainingOf(context, run, manifest, found);
  context.progress.step('evaluation', found.baseline ? `against ${found.baseline.stage} v${found.baseline.version}` : 'no baseline');
  const result =
    config.model.format === 'metrics' || !manifest
      ? evaluateReported(run, training, found)
      : await evaluateRows(context, run, { training, manifest, found }, compare);
  await writeJson(folder.evaluation, result);
  return result;
}

/** The rows that candidate and baseline are judged on, in a fixed order, without those that the baseline was trained on. */
export async function openTestRows(
  context: RunContext,
  run: ModelRun,
  { manifest, found }: { readonly manifest: DatasetManifest; readonly found: FoundBaseline },
): Promise<{ readonly seen: SeenRows; readonly test: TestRows }> {
  const engine = await context.engine();
  const { store } = await context.store();
  const seen = await findSeenRows(engine, store, manifest, run.folder.dataset, found.report);
  const test = await loadTestRows(engine, {
    manifest,
    folder: run.folder.dataset,
    evaluation: run.config.evaluation,
    splitBy: run.config.data?.split.by ?? 'stratified',
    exclude: seen.exclude,
  });
  return { seen, test };
}

async function evaluateRows(
  context: RunContext,
  run: ModelRun,
  { training, manifest, found }: Pick<Scored, 'training' | 'manifest' | 'found'>,
  compare: CompareScorers,
): Promise<EvaluationResult> {
  const { seen, test } = await openTestRows(context, run, { manifest, found });
  const scored = await compare(context, run, { training, manifest, found, relation: test.relation, rows: test.facts.n });
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
  const rows: ScoredRows = { task, ...test.facts, candidate: scored.candidate, baseline: scored.baseline, dtype: scored.dtype };

  const testDigest = manifest.splits.test.rowIds;
  // Where the store withholds the baseline it withholds its count of looks as well.
  const counted =
    found.missing === 'withheld'
      ? { looks: null, notices: [] }
      : await countLooks(context, evaluation, { model: run.name, testDigest, candidateDigest: training.model.digest });
  await writeWhole(run.folder.answers, profileText(profileAnswers(rows.candidate)));
  const { gates, measured } = await judgeCandidate(rows, evaluation, scored, {
    hasBaseline: rows.baseline !== null,
    previousMargins: previousMargins(found, testDigest),
    ...(counted.looks && { looks: counted.looks.count }),
  });
  const { ci } = evaluation.defaults;
  return {
    task,
    baseline: found.baseline,
    rows: rows.n,
    positives: task === 'binary' ? test.positives : null,
    testDigest,
    looks: counted.looks,
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
    notices: [...found.notices, ...seen.notices, ...scored.notices, ...counted.notices],
    scoring: scored.scoring,
    importance: scored.importance,
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
