import { clipText } from '../words/visible-text.ts';
import type { Episode } from './monitoring-report.ts';

/** Judged windows in ascending order; one that could not be judged is not among them. */
export interface EpisodeWindow {
  readonly start: string;
  readonly end: string;
  readonly alarmed: boolean;
  /** One sentence, without data values. */
  readonly headline: string;
}

export interface EpisodeSubject {
  readonly model: string;
  readonly stage: string;
  readonly kind: Episode['kind'];
  /** So many windows in a row without an alarm end an episode. */
  readonly m: number;
}

/** The schema takes 500 UTF-16 units, of which a character may be two; a column's name may be of any length. */
const longestHeadline = 250;

/**
 * Episodes, oldest first, from the windows alone: whoever looks at the same windows finds the same, ids included. An episode lasts from the
 * start of its first alarmed window to the end of its last one, and is over once m judged windows in a row did not alarm.
 */
export function findEpisodes(windows: readonly EpisodeWindow[], { model, stage, kind, m }: EpisodeSubject): readonly Episode[] {
  const episodes: Episode[] = [];
  let open: Episode | undefined;
  let lastAlarm = '';
  let calm = 0;
  for (const { start, end, alarmed, headline: whole } of windows) {
    if (alarmed) {
      const headline = clipText(whole, longestHeadline);
      const id = `${model}/${stage}/${kind}/${start}`;
      open = open ? { ...open, headline } : { id, kind, since: start, until: null, level: 'drift', headline };
      lastAlarm = end;
      calm = 0;
    } else if (open && ++calm >= m) {
      episodes.push({ ...open, until: lastAlarm });
      open = undefined;
      calm = 0;
    }
  }
  return open ? [...episodes, open] : episodes;
}
