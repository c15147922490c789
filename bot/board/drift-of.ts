import type { WatchDocument } from '../../shared/monitoring/watch-document.ts';
import { sayCalibration } from '../../shared/report/drift/drift-words.ts';
import { formatFixed, formatMany } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { BoardDrift } from './board.ts';

const mostColumns = 6;
const mostWindows = 14;

/** What scheduled runs told of a stage; null where nobody measures it. */
export function driftOf(watch: WatchDocument | null): BoardDrift | null {
  if (!watch) return null;
  const { drift, performance, episodes, waiting, retrainings } = watch;
  const dispatched = retrainings.at(-1);
  return {
    level: drift?.level ?? 'none',
    headline: clipText(drift?.headline ?? 'no rows in the newest window', 400),
    at: watch.at,
    windows: (drift?.windows ?? []).slice(-mostWindows).map(({ level }) => level),
    columns: (drift?.columns ?? [])
      .slice(0, mostColumns)
      .map(({ column, level, effect }) => ({ column: clipText(column, 80), level, effect })),
    performance: performance && performanceWords(performance),
    performanceLevel: performance?.level ?? 'none',
    episodes: episodes.filter(({ until }) => until === null).map(({ kind, since, issue }) => ({ kind, since, issue })),
    retraining: waiting
      ? `retraining waits: ${clipText(waiting.reason, 200)}`
      : dispatched
        ? `retraining was started: ${clipText(dispatched.reason, 200)}`
        : null,
    url: watch.run.url,
  };
}

function performanceWords(performance: NonNullable<WatchDocument['performance']>): string {
  const { metric, value, interval, reference, n } = performance;
  const range = interval ? ` (${formatFixed(interval[0], 3)} … ${formatFixed(interval[1], 3)})` : '';
  const against = reference === null ? '' : `, ${formatFixed(reference, 3)} when it was judged`;
  const calibration = sayCalibration(performance);
  return `${clipText(metric, 60)} ${value === null ? 'not known' : formatFixed(value, 3)}${range}${against}; ${formatMany(n, 'labelled row')}${calibration ? `. ${calibration}` : ''}`;
}
