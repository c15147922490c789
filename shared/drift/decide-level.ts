import type { Level } from './drift-report.ts';

/** Effects are quotients of counts: one that is exactly the limit must reach it in spite of rounding. */
const slack = 1e-12;

export interface Limits {
  readonly alpha: number;
  readonly shift: number;
  readonly alarm: number;
}

export function decideLevel(q: number, effect: number, { alpha, shift, alarm }: Limits): Level {
  if (!(q < alpha && effect >= shift - slack)) return 'none';
  return effect >= alarm - slack ? 'drift' : 'shift';
}

/**
 * Drift that fewer than k of the last m windows agree on stays a shift: a filter for people, not the error control.
 *
 * @param levels of one column by window, oldest first
 */
export function agreeingLevels(levels: readonly Level[], agree: Agree): Level[] {
  return levels.map((level, at) => (level === 'drift' && !agrees(levels.slice(0, at + 1), agree) ? 'shift' : level));
}

interface Agree {
  readonly k: number;
  readonly m: number;
}

/** Whether k of the last m levels are drift. */
export const agrees = (levels: readonly Level[], { k, m }: Agree): boolean =>
  levels.slice(-m).filter((level) => level === 'drift').length >= k;

export const worstLevel = (levels: Iterable<Level>): Level => {
  let worst: Level = 'none';
  for (const level of levels) {
    if (level === 'drift') return 'drift';
    if (level === 'shift') worst = 'shift';
  }
  return worst;
};
