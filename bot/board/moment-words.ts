import { html, type Markup } from '../../shared/report/html/markup.ts';

/** `4 s`, `3 min`, `2 h`, `5 days`: the largest unit alone, since it only has to be judged at a glance. Same as in the page's script. */
export function ageWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 2 * 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} days`;
}

const secondsBetween = (from: string, now: string) => Math.max(0, Math.floor((Date.parse(now) - Date.parse(from)) / 1000));

/** `4 s`, which the page's script counts on; the moment itself is under the pointer. */
export const age = (at: string, now: string): Markup =>
  html`<time datetime="${at}" title="${moment(at)}" data-age="${secondsBetween(at, now)}">${ageWords(secondsBetween(at, now))}</time>`;

/** `2026-11-21 14:03 UTC` */
export const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
export const clock = (at: string): string => `${at.slice(11, 19)} UTC`;

/** `1 h`, `22 min`, `1 h 30 min`: how long a step is held. */
export function spanWords(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** The whole moment to read, nothing to count. */
export const since = (at: string): Markup => html`<time datetime="${at}">${moment(at)}</time>`;
