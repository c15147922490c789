import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import type { MetricResult } from '../evaluation/evaluation-result.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { getBlob } from '../registry/blobs.ts';
import { readVersion } from '../registry/read-versions.ts';
import { scoreRows } from '../scoring/score-rows.ts';
import { toScores } from './compare-scorers.ts';
import { openModelScorer } from './open-model-scorer.ts';
import { prepareDataset } from './prepare-dataset.ts';
import { modelRun, type RunContext } from './run-context.ts';
import { loadTestRows } from './test-rows.ts';

export interface VersionDiff {
  readonly model: string;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** `value` is of `to`, `baseline` of `from`. */
  readonly metrics: readonly MetricResult[];
}

/** Two registered versions on the same test rows: those of the dataset as it is today. Rows that one of them was trained on count too. */
export async function diffVersions(context: RunContext, model: string, from: number, to: number): Promise<VersionDiff> {
  const run = modelRun(context, model);
  const { format } = run.config.model;
  if (format !== 'onnx' && format !== 'command')
    throw new UserError(
      'DIFF_NEEDS_MODELS',
      `${model} has format: ${format}, so its versions can't answer rows.`,
      '`weighin show` gives the report of each.',
    );
  const { store } = await context.store();
  const versions = await Promise.all([from, to].map(async (number) => (await readVersion(store, model, number)).record));
  const manifest = await prepareDataset(context, model);
  if (!manifest) throw new UserError('NO_DATA', `${model} has no data to compare on.`, 'Add data: to the model.');
  if (run.config.task === 'ranking')
    throw new UserError('TASK_NOT_YET_SUPPORTED', 'task: ranking is not supported yet.', 'Use another task.');
  context.progress.step('scoring', `v${from} and v${to}`);
  const engine = await context.engine();
  const { evaluation } = run.config;
  const test = await loadTestRows(engine, {
    manifest,
    folder: run.folder.dataset,
    evaluation,
    splitBy: run.config.data?.split.by ?? 'stratified',
    exclude: null,
  });
  const folder = await mkdtemp(join(tmpdir(), 'weighin-diff-'));
  try {
    const scores = [];
    for (const record of versions) {
      const path = join(folder, `v${record.number}${format === 'onnx' ? '.onnx' : ''}`);
      await writeFile(path, await getBlob(store, record.subject.digest));
      const scorer = await openModelScorer(context, run, manifest, { path, bytes: () => readFile(path) });
      scores.push(toScores(await scoreRows(engine, test.relation, scorer), run.config.task, `v${record.number}`));
      await scorer.close();
    }
    const [before, after] = scores;
    if (!before || !after) throw new Error('two versions were scored');
    const rows: ScoredRows = { task: run.config.task, ...test.facts, candidate: after.scores, baseline: before.scores, dtype: after.dtype };
    const { ci } = evaluation.defaults;
    const metrics = evaluateMetrics(rows, {
      ...(evaluation.metrics && { metrics: evaluation.metrics }),
      slices: evaluation.slices,
      ci,
      threshold: evaluation.threshold,
    });
    return { model, from, to, rows: rows.n, metrics };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
