import { parseAgreement } from '../config/quantities.ts';
import type { DriftConfig } from '../config/schema.ts';
import { findMetric } from '../evaluation/metrics.ts';
import type { EpisodeWindow } from '../monitoring/find-episodes.ts';
import type { MonitoringReport } from '../monitoring/monitoring-report.ts';
import { windowStart } from '../monitoring/window-profiles.ts';
import { joinLabels } from '../production/late-labels.ts';
import { measureWindows } from '../production/measure-windows.ts';
import type { PredictionLog } from '../production/open-prediction-log.ts';
import type { PerformanceWindow } from '../production/performance.ts';
import { referenceOfEvaluation } from '../production/performance-reference.ts';
import { realisedPerformance } from '../production/realised-performance.ts';
import type { Report } from '../report/report.ts';
import { openSource } from '../source/table-source.ts';
import { formatFixed } from '../words/format-number.ts';

import type { ModelRun, RunContext } from './run-context.ts';
import type { Counting } from './training-profile.ts';

export interface MonitoredPerformance {
  /** The newest window with labels enough; null where there is none. */
  readonly newest: MonitoringReport['performance'];
  /** Those that could be judged, for episodes; k of m is asked already. */
  readonly windows: readonly EpisodeWindow[];
  readonly notices: readonly string[];
}

export interface PerformanceRequest {
  /** Null where the rows are no prediction log: then nobody knows what was answered to what. */
  readonly log: PredictionLog | null;
  readonly drift: DriftConfig;
  readonly version: string | null;
  /** The report that judged the version: what its metrics are held against. */
  readonly judged: Report | null;
  readonly labels: string | undefined;
  readonly counting: Counting;
  readonly until: Date;
}

/** Labels come weeks late: so many windows are measured anew by every run. */
const measuredWindows = 120;

/** Realised metrics by window, where `drift.on` asks for performance and labels came. Held against the evaluation of the version. */
export async function monitorPerformance(
  context: RunContext,
  run: ModelRun,
  request: PerformanceRequest,
): Promise<MonitoredPerformance | null> {
  const { log, drift, version, judged, labels, counting, until } = request;
  const on = typeof drift.on === 'string' ? [drift.on] : drift.on;
  const { task, evaluation, data } = run.config;
  if (!on.includes('performance') || task === 'ranking') return null;
  if (!log) return { newest: null, windows: [], notices: ['Performance needs a prediction log: the rows that were named are none.'] };

  context.progress.step('performance', labels ?? log.source);
  const engine = await context.engine();
  const joined = labels === undefined ? log : await joinLabels(engine, log, await labelTable(context, run, labels));
  const metric = decidingMetric(run, drift);
  const end = windowStart(until, counting.milliseconds);
  const measured = await measureWindows(engine, joined, {
    task,
    positive: data?.positive === undefined ? null : String(data.positive),
    slice: {
      model: run.name,
      until: end,
      since: new Date(end.getTime() - measuredWindows * counting.milliseconds),
      ...(version !== null && { version }),
    },
    ...(metric !== undefined && { metrics: [metric] }),
    threshold: evaluation.threshold,
    milliseconds: counting.milliseconds,
  });
  const reference = judged?.evaluation ? referenceOfEvaluation(judged.evaluation, measured.confidence) : null;
  const found = realisedPerformance(measured, reference, {
    model: run.name,
    ...(metric !== undefined && { metric }),
    agree: parseAgreement(drift.agree),
    minSamples: evaluation.defaults.minSamples,
  });
  const judgedWindows = found.windows.flatMap((window) => {
    const own = window.metrics.find(({ name, note }) => name === found.metric && note === null);
    return own ? [{ window, own }] : [];
  });
  const last = judgedWindows.at(-1);
  return {
    newest: last ? newestOf(last, found.reference.value, found.since) : null,
    windows: judgedWindows.map(({ window: { start, end: over }, own }) => ({
      start,
      end: over,
      alarmed: own.level === 'drift',
      headline: `${own.name} ${shown(own.value)} against ${shown(own.reference)} when the version was judged`,
    })),
    notices: found.notices.map(({ message }) => message),
  };
}

type Judged = { readonly window: PerformanceWindow; readonly own: PerformanceWindow['metrics'][number] };

const newestOf = ({ window, own }: Judged, reference: number | null, since: string | null): MonitoringReport['performance'] => ({
  window: { start: window.start, end: window.end },
  metric: own.name,
  value: own.value,
  interval: own.interval && [own.interval.low, own.interval.high],
  reference,
  n: own.n,
  level: own.level,
  calibration: window.calibration,
  since,
});

/** That of `drift.metric`, else of the first gate that compares, else of the first: of those that labels alone can tell. */
function decidingMetric({ config: { task, evaluation } }: ModelRun, { metric }: DriftConfig): string | undefined {
  if (metric !== undefined) return metric;
  const told = evaluation.gates.filter(
    (gate) => gate.slices === undefined && task !== 'ranking' && findMetric(task, gate.metric) !== undefined,
  );
  return (told.find(({ compare }) => compare !== undefined) ?? told[0])?.metric;
}

/** The column of the label is called as in the training data, or `label`; the request's id as in the log, or as in the training data. */
async function labelTable(context: RunContext, run: ModelRun, source: string) {
  const table = await openSource(await context.engine(), { source, root: run.root, fetch: context.fetchObjects });
  const has = (name: string | undefined): name is string => name !== undefined && table.columns.some((column) => column.name === name);
  const { data } = run.config;
  return {
    table,
    ...(!has('id') && has(data?.id) && { id: data?.id as string }),
    ...(!has('label') && has(data?.label) && { label: data?.label as string }),
  };
}

const shown = (value: number | null) => (value === null ? 'nothing' : formatFixed(value, 3));
