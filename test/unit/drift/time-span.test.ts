import { describe, expect, it } from 'vitest';
import { defaultDriftSettings } from '../../../shared/drift/drift-settings.ts';
import { shownTimes, spanOf } from '../../../shared/drift/time-span.ts';
import { profileOfRows, type Value } from '../../support/profile-of-rows.ts';

const day = 86_400_000;
const columns = [{ name: 'at', type: 'timestamp' }] as const;
const profileOf = (moments: readonly string[], milliseconds?: number) =>
  profileOfRows({
    columns: [...columns],
    rows: moments.map((moment): Value[] => [BigInt(Date.parse(moment)) * 1_000n]),
    ...(milliseconds !== undefined && { window: { column: 'at', milliseconds } }),
  });

describe('spanOf', () => {
  const weeks = profileOf(['2026-01-05T00:00:00Z', '2026-11-16T00:00:00Z'], 7 * day);

  it('counts weeks from Monday, as the windows are cut', () => {
    // Monday to Sunday.
    expect(spanOf(weeks, profileOf(['2026-11-16T00:00:00Z', '2026-11-22T23:59:59Z']))).toEqual({
      start: '2026-11-16T00:00:00.000Z',
      windows: 1,
    });
    expect(spanOf(weeks, profileOf(['2026-11-15T23:59:59Z', '2026-11-16T00:00:00Z'])).windows).toBe(2);
    // Before 1970 too: the 29th of December 1969 was a Monday.
    expect(spanOf(weeks, profileOf(['1969-12-28T23:00:00Z', '1969-12-29T01:00:00Z']))).toEqual({
      start: '1969-12-22T00:00:00.000Z',
      windows: 2,
    });
  });

  it('counts days from midnight in UTC, and windows of its own by their beginnings', () => {
    const days = profileOf(['2026-01-05T00:00:00Z'], day);
    expect(spanOf(days, profileOf(['2026-11-20T23:59:59Z', '2026-11-22T00:00:00Z'])).windows).toBe(3);
    expect(spanOf(days, profileOf(['2026-11-20T12:00:00Z', '2026-11-22T12:00:00Z'], day))).toEqual({
      start: '2026-11-20T00:00:00.000Z',
      windows: 3,
    });
  });

  it('is unknown without windows, without times, and without rows', () => {
    const nothing = { start: null, windows: null };
    expect(spanOf(profileOf(['2026-01-05T00:00:00Z']), profileOf(['2026-01-05T00:00:00Z']))).toEqual(nothing);
    expect(spanOf(weeks, profileOf([]))).toEqual(nothing);
    expect(spanOf(weeks, profileOf([], 7 * day))).toEqual(nothing);
  });
});

it('says the first and last time to the day, unless values are allowed', () => {
  const profile = profileOf(['2026-11-20T12:34:56.789Z', '2026-11-22T23:59:59.999Z']);
  expect(shownTimes(profile, defaultDriftSettings)).toEqual({ from: '2026-11-20T00:00:00.000000Z', to: '2026-11-22T00:00:00.000000Z' });
  expect(shownTimes(profile, { ...defaultDriftSettings, values: 'allow' })).toEqual({
    from: '2026-11-20T12:34:56.789000Z',
    to: '2026-11-22T23:59:59.999000Z',
  });
});
