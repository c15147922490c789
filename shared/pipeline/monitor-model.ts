import { parseAgreement, parseDuration } from '../config/quantities.ts';
import { type DriftConfig, defaultDrift, type Watched } from '../config/schema.ts';
import type { DriftReport } from '../drift/drift-report.ts';
import { type DriftSettings, readDriftSettings } from '../drift/drift-settings.ts';
import { UserError } from '../errors.ts';
import { endLost, keepEpisodes, readEpisodes } from '../monitoring/episode-ledger.ts';
import { type EpisodeWindow, findEpisodes } from '../monitoring/find-episodes.ts';
import { alarmedWindows, type Comparison, judgeBack, reportNewest } from '../monitoring/judge-windows.ts';
import { watchedStage } from '../monitoring/monitored-model.ts';
import type { Episode, MonitoringReport } from '../monitoring/monitoring-report.ts';
import { type AnswersKey, readAnswers } from '../monitoring/reference-store.ts';
import { selectColumns } from '../monitoring/window-profiles.ts';
import type { WindowSeries } from '../monitoring/window-store.ts';
import { wishRetraining } from '../monitoring/wish-retraining.ts';
import type { Profile } from '../profile/profile.ts';
import { sealProfile } from '../profile/seal-profile.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { readStage } from '../registry/read-stage.ts';
import { stageOfConfig } from '../registry/stage-of-config.ts';
import { isStoreError } from '../registry/store-error.ts';
import type { Report } from '../report/report.ts';
import { findNewData } from './monitor-new-data.ts';
import { type MonitoredPerformance, monitorPerformance } from './monitor-performance.ts';
import { findReference, reportOfVersion } from './monitor-reference.ts';
import { openProductionRows, type ProductionRows } from './monitor-source.ts';
import { openWindows } from './monitor-windows.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { countingOf } from './training-profile.ts';

export interface MonitorRequest {
  /** That of the baseline by default. */
  readonly stage?: string | undefined;
  /** Prediction log, or a table with a column of times; `drift.log` by default. */
  readonly current?: string | undefined;
  /** Labels that came later; `drift.labels` by default. */
  readonly labels?: string | undefined;
  /** A profile, or `training-of STAGE`. */
  readonly reference?: string | undefined;
  /** Column of the time in a table. */
  readonly time?: string | undefined;
  /** false: judges and keeps nothing. */
  readonly keep?: boolean;
  /** Windows that are over at this moment are judged; now by default. */
  readonly until?: Date | undefined;
}

export interface Monitored {
  readonly report: MonitoringReport;
  /** What a reader should know beside the verdict. */
  readonly notices: readonly string[];
}

/**
 * One scheduled run: counts the windows that are over, keeps them in the store, compares the newest with the reference profile, and says
 * what goes on. Whoever runs it again, or twice at once, finds the same and keeps the same.
 * @throws UserError `MONITOR_NO_LOG`, `REFERENCE_MISSING` …; InfrastructureError where the store can't be asked
 */
export async function monitorModel(context: RunContext, model: string, request: MonitorRequest = {}): Promise<Monitored> {
  const run = modelRun(context, model);
  const drift = run.config.drift ?? defaultDrift();
  const stage = stageOf(context, run, request.stage);
  const until = request.until ?? context.now();
  const counting = countingOf(drift);
  const { store, notices: storeNotices, ...opened } = await context.store();
  const writable = opened.writable && request.keep !== false;
  const record = (await readStage(context.root, model, stage))?.record ?? null;
  const version = record ? `v${record.number}` : null;
  const judged = record && (await reportOfVersion(store, record));
  const reference = await findReference(context, run, { drift, stage, named: request.reference, counting });
  const notices: string[] = storeNotices.map(({ message }) => message);

  const rows = await openProductionRows(context, run, {
    source: sourceOf(context, run, request.current ?? drift.log),
    version,
    types: typesOf(judged, reference.profile),
    time: request.time,
  });
  notices.push(...rows.notices);
  const [score] = rows.answers;
  const asked = record !== null && score !== undefined && !reference.profile.columns.some(({ name }) => name === score);
  const answers = asked ? await answersOf(store, { model, subject: record.subject.digest }, score) : null;
  const columns = columnsOf(run, rows, reference.profile, judged, watchedOf(drift), answers);
  if (drift.method !== 'default' || Object.keys(drift.columnMethods).length > 0)
    notices.push('Windows are compared by the default alone: the profiles that are kept answer no method by name. `weighin drift` does.');
  if (watchedOf(drift).has('prediction') && !rows.answers.some((name) => columns.compared.has(name)))
    notices.push(
      'Predictions are counted and not compared: this version was registered before its answers were kept. Profile a log of the version (`weighin profile`) and name that in drift.reference, or leave prediction out of drift.on.',
    );
  const series: WindowSeries = { model, stage, version, ...counting };
  context.progress.step('windows', rows.source);
  const windows = await openWindows(context, series, rows, { columns: columns.counted, until, keep: request.keep !== false });
  notices.push(...windows.notices);
  const settings = settingsOf(context, run, drift);
  context.progress.step('drift', reference.name);
  const comparison: Comparison = {
    model,
    reference: selectColumns(reference.profile, (name) => columns.compared.has(name)),
    referenceName: reference.name,
    answers: answers && selectColumns(answers, (name) => columns.compared.has(name)),
    settings,
    late: rows.label,
    ...(judged?.evaluation?.importance && { importance: judged.evaluation.importance }),
  };
  const found = await judgeBack(
    windows.count,
    async (from, to) =>
      (await windows.read(from, to)).map((window) => ({
        ...window,
        profile: selectColumns(window.profile, (name) => columns.compared.has(name)),
      })),
    comparison,
  );

  const newest = found.at(-1)?.window ?? null;
  const performance = await monitorPerformance(context, run, {
    log: rows.log,
    drift,
    version,
    judged,
    labels: request.labels ?? drift.labels,
    counting,
    until,
  });
  notices.push(...(performance?.notices ?? []));
  const subject = { model, stage };
  const own = episodesOf(alarmedWindows(found, comparison), performance, { ...subject, m: settings.agree.m });
  const episodes = endLost(own, await earlierEpisodes(store, subject, until), found[0]?.window.start ?? null);
  if (writable)
    await keepEpisodes(store, subject, episodes).catch((cause: unknown) => {
      if (!isStoreError(cause, 'STORE_READ_ONLY')) throw cause;
    });

  const newData = await findNewData(context, run, { judged, stage, writable });
  const drifted = withStaleness(reportNewest(found, comparison), { drift, newest, until, rows });
  return {
    notices: [...new Set(notices)],
    report: {
      schema: 'weighin/monitoring@1',
      model,
      stage,
      version,
      createdAt: context.now().toISOString(),
      window: newest && { start: newest.start, end: newest.end, rows: newest.rows },
      drift: drifted && { ...drifted, since: openSince(episodes) ?? drifted.since },
      performance: performance?.newest ?? null,
      episodes: [...episodes],
      retrain: wishRetraining(run.config.retrain, {
        now: context.now(),
        episodes,
        trainedAt: record ? new Date(record.createdAt) : null,
        newData,
      }),
    },
  };
}

const watchedOf = ({ on }: DriftConfig): ReadonlySet<Watched> => new Set(typeof on === 'string' ? [on] : on);

function stageOf(context: RunContext, run: ModelRun, named: string | undefined): string {
  const stage = named ?? watchedStage(run.config);
  if (named !== undefined || Object.keys(run.config.stages).length > 0) stageOfConfig(context.config.config, run.name, stage);
  return stage;
}

function sourceOf(context: RunContext, run: ModelRun, source: string | undefined): string {
  if (source !== undefined) return source;
  throw new UserError(
    'MONITOR_NO_LOG',
    `Nothing says where ${run.name} is answered: there is no prediction log to monitor.`,
    `Name it: \`drift: {log: logs/*.jsonl}\` in ${context.config.file}, or --current FILE. \`weighin logs check FILE\` says whether a file is one.`,
    context.config.locate(['models', run.name, 'drift']),
  );
}

/** What the version answered to its test set, under the name that the rows have for a score; null where nobody kept it. */
async function answersOf(store: ObjectStore, key: AnswersKey, score: string): Promise<Profile | null> {
  const kept = await readAnswers(store, key);
  return kept && sealProfile({ ...kept, columns: kept.columns.map(({ type }) => ({ name: score, type })) });
}

/** JSON knows no times and no integers: what the training data had is what is compared. */
const typesOf = (judged: Report | null, reference: Profile) =>
  Object.fromEntries([...reference.columns, ...(judged?.dataset?.features ?? [])].map(({ name, type }) => [name, type]));

/**
 * Which columns are counted, and which of them are compared. All that could be asked for is counted, so that a later question about other
 * columns has an answer from windows that are over.
 */
function columnsOf(
  run: ModelRun,
  rows: ProductionRows,
  reference: Profile,
  judged: Report | null,
  on: ReadonlySet<Watched>,
  answers: Profile | null,
) {
  const { data } = run.config;
  const there = new Set(rows.columns.map(({ name }) => name));
  const aside = new Set([
    data?.id,
    data?.time,
    data?.labelTime,
    data?.cluster,
    data?.label,
    rows.time,
    rows.label,
    ...rows.answers,
    ...(data?.exclude ?? []),
  ]);
  const features = judged?.dataset
    ? judged.dataset.features.map(({ name }) => name)
    : reference.columns.map(({ name }) => name).filter((name) => !aside.has(name));
  const label = rows.label === null ? [] : [rows.label];
  const known = new Set(reference.columns.map(({ name }) => name));
  const compared = [
    ...(on.has('inputs') ? features : []),
    // Training data hold no answers: scores are compared with those of the test set, or where the reference was made of a log.
    ...(on.has('prediction')
      ? rows.answers.filter((name) => known.has(name) || answers?.columns.some((column) => column.name === name))
      : []),
    ...(on.has('label') ? label : []),
  ];
  const counted = [...features, ...rows.answers, ...label].filter((name, index, names) => there.has(name) && names.indexOf(name) === index);
  return { counted, compared: new Set(compared) };
}

function settingsOf(context: RunContext, run: ModelRun, drift: DriftConfig): DriftSettings {
  const { shift, alarm, shareLimit, dispersion, agree } = drift;
  return readDriftSettings({
    shift,
    alarm,
    dispersion,
    shareLimit: shareLimit ?? null,
    agree: parseAgreement(agree),
    ignore: run.config.data?.exclude ?? [],
    values: context.config.config.privacy.values,
  });
}

function episodesOf(
  windows: readonly EpisodeWindow[],
  performance: MonitoredPerformance | null,
  subject: { readonly model: string; readonly stage: string; readonly m: number },
) {
  return [
    ...findEpisodes(windows, { ...subject, kind: 'drift' }),
    ...findEpisodes(performance?.windows ?? [], { ...subject, kind: 'performance' }),
  ];
}

/** A run over the past knows nothing of what began after it. */
const earlierEpisodes = async (store: ObjectStore, subject: { readonly model: string; readonly stage: string }, until: Date) =>
  (await readEpisodes(store, subject)).filter(({ since }) => Date.parse(since) < until.getTime());

const openSince = (episodes: readonly Episode[]) => episodes.findLast(({ kind, until }) => kind === 'drift' && until === null)?.since;

/** Rows that stopped to come are a finding of their own: the newest window is as good as it was, and old. */
function withStaleness(
  report: DriftReport | null,
  {
    drift,
    newest,
    until,
    rows,
  }: { readonly drift: DriftConfig; readonly newest: { readonly end: string } | null; readonly until: Date; readonly rows: ProductionRows },
): DriftReport | null {
  if (!report || !newest || drift.maxAge === undefined) return report;
  const age = until.getTime() - Date.parse(newest.end);
  if (age <= parseDuration(drift.maxAge)) return report;
  const message = `The newest window ended ${Math.floor(age / 3_600_000)} h ago; drift.maxAge is ${drift.maxAge}. Are answers still logged?`;
  return {
    ...report,
    verdict: report.verdict === 'fail' ? 'fail' : 'warn',
    findings: [
      { kind: 'staleness', column: rows.time, level: 'shift', effect: null, pValue: null, adjustedP: null, message },
      ...report.findings,
    ],
  };
}
