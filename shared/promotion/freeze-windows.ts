import { DateTime } from 'luxon';
import type { Config } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { Freeze } from './stage-policy.ts';

export interface FrozenUntil {
  /** ISO 8601 in UTC. */
  readonly until: string;
  readonly reason: string | null;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Whether a freeze is on, and until when: windows that overlap or touch are one. @throws UserError FREEZE_INVALID */
export function frozenAt(freezes: readonly Freeze[], now: Date, where = 'freeze'): FrozenUntil | null {
  const windows = freezes.map((freeze, index) => ({ ...readWindow(freeze, `${where}[${index}]`), reason: freeze.reason ?? null }));
  let instant = now.getTime();
  let reason: string | null = null;
  for (let on = find(windows, instant); on; on = find(windows, instant)) {
    reason ??= on.reason;
    instant = on.to;
  }
  return instant === now.getTime() ? null : { until: new Date(instant).toISOString(), reason };
}

const find = <One extends Window>(windows: readonly One[], instant: number): One | undefined =>
  windows.find(({ from, to }) => from <= instant && instant < to);

/** When the last freeze before `now` ended, in milliseconds since 1970; null where none has. */
export function lastThaw(freezes: readonly Freeze[], now: Date): number | null {
  const ends = freezes.map((freeze) => readWindow(freeze, 'freeze').to).filter((to) => to <= now.getTime());
  return ends.length > 0 ? Math.max(...ends) : null;
}

/**
 * Every freeze of the configuration, read for its form.
 * @throws UserError FREEZE_INVALID with the place of the first that no reader would understand
 */
export function checkFreezes(config: Config): void {
  for (const [model, { stages }] of Object.entries(config.models))
    for (const [stage, { freeze = [] }] of Object.entries(stages))
      for (const [index, one] of freeze.entries()) readWindow(one, `models.${model}.stages.${stage}.freeze[${index}]`);
}

/** From the start of `from` to `to`, not included; a date without a time means the whole day, so `to` reaches to its end. */
function readWindow({ from, to, timezone = 'utc' }: Freeze, where: string): Window {
  if (!DateTime.utc().setZone(timezone).isValid)
    throw invalid(
      `${where}.timezone`,
      timezone,
      'is no time zone',
      'Write one of the IANA names, such as Europe/Berlin, or leave it out for UTC.',
    );
  const window = { from: instantOf(from, timezone, 'from', `${where}.from`), to: instantOf(to, timezone, 'to', `${where}.to`) };
  if (window.to > window.from) return window;
  throw invalid(`${where}.to`, to, `is not after from (${from})`, 'A freeze ends after it begins; swap the two.');
}

/**
 * A day that has no such hour (clocks went forward) moves on by the gap; an hour that comes twice (clocks went back) is the earlier at
 * the beginning of a freeze and the later at its end: in doubt it is frozen.
 */
function instantOf(text: string, timezone: string, side: 'from' | 'to', where: string): number {
  const written = DateTime.fromISO(text, { zone: timezone });
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || !written.isValid)
    throw invalid(where, text, 'is no date', 'Write 2026-12-20, 2026-12-20T18:00 or 2026-12-20T18:00:00+01:00.');
  const day = text.length === '2026-12-20'.length;
  if (day) return (side === 'to' ? written.plus({ days: 1 }) : written).startOf('day').toMillis();
  const withOffset = /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(text.slice('2026-12-20T'.length));
  if (withOffset) return written.toMillis();
  const instants = written.getPossibleOffsets().map((one) => one.toMillis());
  return side === 'from' ? Math.min(...instants) : Math.max(...instants);
}

const invalid = (where: string, text: string, why: string, hint: string) =>
  new UserError('FREEZE_INVALID', `${where}: ${JSON.stringify(text)} ${why}.`, hint);
