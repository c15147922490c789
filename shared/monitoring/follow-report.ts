import type { DriftReport } from '../drift/drift-report.ts';
import type { Episode, MonitoringReport } from './monitoring-report.ts';
import type { Retraining, WatchDocument, WatchedEpisode } from './watch-document.ts';

export interface Following {
  readonly run: WatchDocument['run'];
  /** The forge's time. */
  readonly at: Date;
  /** Between two retrainings of a model, in milliseconds; null where the policy has no `retrain`: then none is started. */
  readonly cooldown: number | null;
}

const mostEpisodes = 20;
const mostRetrainings = 50;
const mostColumns = 20;
const mostWindows = 60;

/**
 * What a report changes in what is known of a model: pure, and the same report twice changes nothing more. A retraining that is wished for
 * is claimed here, once for each key and none inside the cooldown; whoever wrote the claim dispatches it.
 * @returns null where a newer run was taken in already
 */
export function followReport(
  before: WatchDocument | null,
  report: MonitoringReport,
  { run, at, cooldown }: Following,
): { readonly watch: WatchDocument; readonly claimed: Retraining | null } | null {
  if (before && isOlder(run, before.run)) return null;
  const retrainings = before?.retrainings ?? [];
  const wish = report.retrain;
  const isNew = wish !== null && !retrainings.some(({ key }) => key === wish.key);
  const last = retrainings.at(-1);
  const free = last && cooldown !== null ? Date.parse(last.at) + cooldown : 0;
  const episodes = followEpisodes(before?.episodes ?? [], ownEpisodes(report));
  const starts = isNew && cooldown !== null && free <= at.getTime();
  const claimed: Retraining | null = starts ? { ...wish, at: at.toISOString(), state: 'claimed' } : null;
  return {
    claimed,
    watch: {
      schema: 'weighin/watch@1',
      model: report.model,
      stage: report.stage,
      run,
      at: report.createdAt,
      version: report.version,
      drift: report.drift && summaryOf(report.drift, report.window),
      performance: report.performance,
      episodes,
      retrainings: keptRetrainings([...retrainings, ...(claimed ? [claimed] : [])], episodes),
      waiting:
        isNew && cooldown !== null && !starts ? { cause: wish.cause, reason: wish.reason, until: new Date(free).toISOString() } : null,
    },
  };
}

/**
 * Those that are of this model and stage by their own id, and of each kind at most one that goes on, the newest, as the windows give them:
 * a report that says otherwise must neither take over another model's issue nor open hundreds.
 */
function ownEpisodes({ model, stage, episodes }: MonitoringReport): readonly Episode[] {
  const own = episodes.filter(({ id, kind, since }) => id === `${model}/${stage}/${kind}/${since}`);
  return own.filter(
    (one, index) => one.until !== null || !own.slice(index + 1).some(({ kind, until }) => kind === one.kind && until === null),
  );
}

/** The newest, and those of episodes that are still known, however long ago: an episode is trained for once. */
const keptRetrainings = (all: readonly Retraining[], episodes: readonly WatchedEpisode[]): Retraining[] =>
  all.filter(({ key }, index) => index >= all.length - mostRetrainings || episodes.some(({ id }) => id === key));

const isOlder = (run: WatchDocument['run'], than: WatchDocument['run']) =>
  run.id < than.id || (run.id === than.id && run.attempt < than.attempt);

/** The issue of an episode stays with it. One that a report no longer speaks of stays as it was: only a report ends it. */
function followEpisodes(before: readonly WatchedEpisode[], now: readonly Episode[]): WatchedEpisode[] {
  const told = new Map(now.map((episode) => [episode.id, episode]));
  const known = before.map((episode) => ({ ...episode, ...told.get(episode.id) }));
  const opened = now
    .filter(({ id, until }) => until === null && !before.some((episode) => episode.id === id))
    .map((episode) => ({ ...episode, issue: null, closed: false }));
  // What is open must not be forgotten, however many there are.
  const all = [...known, ...opened];
  return all.filter(({ until, closed }, index) => until === null || !closed || index >= all.length - mostEpisodes);
}

function summaryOf(drift: DriftReport, window: MonitoringReport['window']): NonNullable<WatchDocument['drift']> {
  return {
    level: drift.dataset.level,
    headline: drift.headline,
    window,
    since: drift.since,
    compared: drift.dataset.columns.compared,
    columns: drift.columns
      .filter(({ level }) => level !== 'none')
      .slice(0, mostColumns)
      .map(({ column, level, effect, adjustedP }) => ({ column, level, effect, adjustedP })),
    windows: drift.windows.slice(-mostWindows).map(({ start, end, rows, level }) => ({ start, end, rows, level })),
  };
}
