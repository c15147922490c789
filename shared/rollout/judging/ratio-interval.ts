import type { Bucket } from './bucket.ts';

/** Candidate's rate over stable's, from 1/50 to 50 in even steps of its logarithm. */
const count = 79;
const widest = Math.log(50);
const step = (2 * widest) / (count - 1);
const logRatio = (index: number) => -widest + index * step;
const ratios = Array.from({ length: count }, (_, index) => Math.exp(logRatio(index)));

/** ln likelihood of what was seen in shared buckets, at every ratio of the grid, given each bucket's bad answers. */
export type RatioEvidence = readonly number[];

export const beginRatio = (): RatioEvidence => [];

export function addRatio(evidence: RatioEvidence, { candidate, stable }: Bucket, phi: number): RatioEvidence {
  const { bad: x, total: m } = candidate;
  const { bad: c, total: s } = stable;
  if (!(m > 0 && s > 0) || x + c === 0) return evidence;
  return ratios.map((ratio, i) => (evidence[i] ?? 0) + (x * logRatio(i) + (x + c) * Math.log((m + s) / (ratio * m + s))) / phi);
}

export interface RatioInterval {
  /** 0 and ∞ where the grid's end is not refuted. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * The ratios that what was seen does not refute, valid at every look at once (a confidence sequence): a ratio is out when the mixture
 * over all of the grid is 1/(1 − level) times as likely. Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021. Null without bad answers.
 */
export function ratioInterval(evidence: RatioEvidence, level = 0.95): RatioInterval | null {
  if (evidence.length === 0) return null;
  const best = evidence.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const value of evidence) sum += Math.exp(value - best);
  // In while ln L(ratio) is above this. The mixture is never above the best of the grid, so one ratio at least is in.
  const edge = best + Math.log(sum / count) + Math.log(1 - level);
  const first = evidence.findIndex((value) => value > edge);
  const last = evidence.findLastIndex((value) => value > edge);
  return {
    lower: first === 0 ? 0 : Math.exp(crossing(evidence, first, -1, edge)),
    upper: last === count - 1 ? Number.POSITIVE_INFINITY : Math.exp(crossing(evidence, last, 1, edge)),
  };
}

/** Between the last ratio that is in and the next one out: the likelihood bends as a parabola does, so it is read off one. */
function crossing(evidence: RatioEvidence, inside: number, direction: 1 | -1, edge: number): number {
  const near = evidence[inside]!;
  const far = evidence[inside + direction]!;
  const behind = evidence[inside - direction];
  let share = (near - edge) / (near - far);
  if (behind !== undefined) {
    const bend = (far + behind - 2 * near) / 2;
    const slope = (far - behind) / 2;
    let [low, high] = [0, 1];
    for (let i = 0; i < 40; i++) {
      share = (low + high) / 2;
      if (near + slope * share + bend * share * share > edge) low = share;
      else high = share;
    }
    share = high;
  }
  return logRatio(inside) + direction * share * step;
}
