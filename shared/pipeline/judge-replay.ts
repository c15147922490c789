import { positiveLabel } from '../dataset/positive-label.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import { defaultMetrics, findMetric } from '../evaluation/metrics.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { judgeGates } from '../gate/judge-gates.ts';
import { verdictOf } from '../gate/verdict-of.ts';
import type { Replay } from '../production/replay.ts';
import type { Notice } from '../verdict/notice.ts';
import { formatMany } from '../words/format-number.ts';
import { numbersOf, type ReplayRows, textsOf } from './replay-rows.ts';
import type { ModelRun } from './run-context.ts';
import { encodeNames } from './test-rows.ts';

/** Both models' answers to the replayed rows, in their order. */
export interface ReplayedScores {
  /** prediction: the log has no scores, so production's are 0 and 1 by what it answered. */
  readonly basis: 'score' | 'prediction';
  readonly production: Float64Array;
  readonly candidate: Float64Array;
  readonly dtype: ScoredRows['dtype'];
}

/** As many as gates ask of clusters: a day of at least so many is a block; below, rows count as independent and the notice says so. */
const fewestDays = 30;

export interface JudgedRows extends Pick<Replay, 'verdict' | 'metrics' | 'gates'> {
  readonly labelled: number;
  readonly blocks: boolean;
  readonly notices: readonly Notice[];
}

/** Metrics and gates on the answers whose truth is known and that the candidate did not learn from. */
export function judgeLabelled(run: ModelRun, rows: ReplayRows, asked: ReplayedScores, positive: string | null): JudgedRows {
  const { task, evaluation } = run.config;
  const labels = textsOf(rows.answers, 'label');
  const numeric = task === 'regression';
  const known = labels.flatMap((label, row) => (label === null || (numeric && !Number.isFinite(Number(label))) ? [] : [row]));
  const seen = numbersOf(rows.answers, 'seen');
  const kept = known.filter((row) => seen[row] !== 1);
  const notices: Notice[] = [];
  if (kept.length < known.length)
    notices.push({
      code: 'CANDIDATE_SAW_ROWS',
      message: `${formatMany(known.length - kept.length, 'labelled answer')} of rows that the candidate was trained on ${known.length - kept.length === 1 ? 'is' : 'are'} left out of the metrics.`,
    });
  if (kept.length === 0) {
    const message = 'No label has come for what can be judged, so only answers are compared and no gate is judged.';
    return {
      labelled: 0,
      verdict: 'inconclusive',
      blocks: false,
      metrics: [],
      gates: [],
      notices: [...notices, { code: 'NO_LABELS', message }],
    };
  }
  const scored = labelledRows(run, rows, asked, kept, labels, positive);
  const scores = asked.basis === 'score';
  const usable = (name: string) => {
    const metric = findMetric(scored.task, name);
    return metric !== undefined && (scores || metric.ingredients.kind === 'confusion');
  };
  const metrics = (evaluation.metrics ?? defaultMetrics(scored.task)).filter(usable);
  const gates = evaluation.gates.filter(
    (gate) => usable(gate.metric) && (gate.slices?.by ?? []).every((name) => rows.slices.includes(name)),
  );
  const judged = gates.length === 0 ? [] : judgeGates(scored, { ...evaluation, gates }, { hasBaseline: true });
  const { verdict, blocks } =
    judged.length === 0 ? { verdict: 'inconclusive' as const, blocks: false } : verdictOf(judged, evaluation.defaults.onInconclusive);
  const open = evaluation.gates.length - gates.length;
  if (open > 0)
    notices.push({
      code: 'GATES_NOT_REPLAYED',
      message: `${formatMany(open, 'gate')} of the policy ${open === 1 ? 'asks' : 'ask'} what a log can't tell (latency, size, slices or scores that it lacks).`,
    });
  if (!scored.clusters)
    notices.push({
      code: 'ROWS_ASSUMED_INDEPENDENT',
      message: `Fewer than ${fewestDays} days with labels: rows are taken as independent.`,
    });
  return {
    labelled: kept.length,
    verdict,
    blocks,
    metrics: evaluateMetrics(scored, {
      metrics,
      slices: evaluation.slices.filter((name) => rows.slices.includes(name)),
      ci: evaluation.defaults.ci,
      threshold: evaluation.threshold,
    }),
    gates: judged,
    notices,
  };
}

function labelledRows(
  run: ModelRun,
  rows: ReplayRows,
  asked: ReplayedScores,
  kept: readonly number[],
  labels: readonly (string | null)[],
  positive: string | null,
): ScoredRows {
  const n = kept.length;
  const pick = (texts: readonly (string | null)[]) => kept.map((row) => texts[row] ?? null);
  const days = encodeNames(pick(textsOf(rows.answers, 'day')));
  const base = {
    n,
    slices: Object.fromEntries(rows.slices.map((name, index) => [name, encodeNames(pick(textsOf(rows.answers, `slice ${index}`)))])),
    clusters: days.names.length >= fewestDays ? { codes: days.codes, count: days.names.length, what: 'day' } : null,
    rowNumbers: null,
  };
  const known = [...new Set(pick(labels).map((label) => label ?? ''))].sort();
  const truth = run.config.task === 'regression' ? null : positiveLabel('label', known, positive ?? undefined);
  return {
    ...base,
    task: run.config.task === 'regression' ? 'regression' : 'binary',
    labels: Float64Array.from(kept, (row) => (truth === null ? Number(labels[row]) : labels[row] === truth ? 1 : 0)),
    candidate: Float64Array.from(kept, (row) => asked.candidate[row] ?? Number.NaN),
    baseline: Float64Array.from(kept, (row) => asked.production[row] ?? Number.NaN),
    dtype: asked.dtype,
  };
}
