import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type Cron, latestDue, parseCron } from '../../../shared/config/cron.ts';

const cron = (text: string): Cron => {
  const parsed = parseCron(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const due = (text: string, now: string, since = '2000-01-01T00:00:00Z') =>
  latestDue(cron(text), new Date(now), new Date(since))?.toISOString().slice(0, 16);

describe('a schedule', () => {
  it.each([
    ['0 4 * * 1', '2026-11-21T14:00:00Z', '2026-11-16T04:00'],
    ['0 4 * * 1', '2026-11-23T03:59:59Z', '2026-11-16T04:00'],
    ['0 4 * * 1', '2026-11-23T04:00:00Z', '2026-11-23T04:00'],
    ['*/15 * * * *', '2026-11-21T14:29:00Z', '2026-11-21T14:15'],
    ['5/20 1-3,22 * * *', '2026-11-21T14:29:00Z', '2026-11-21T03:45'],
    ['0 0 1 JAN *', '2026-11-21T14:29:00Z', '2026-01-01T00:00'],
    ['0 0 29 2 *', '2026-11-21T14:29:00Z', '2024-02-29T00:00'],
    ['59 23 31 12 *', '2026-01-01T00:00:00Z', '2025-12-31T23:59'],
    ['30 6 * * 7', '2026-11-21T00:00:00Z', '2026-11-15T06:30'],
    ['30 6 * * sun', '2026-11-21T00:00:00Z', '2026-11-15T06:30'],
  ])('%s is due last before %s at %s', (text, now, at) => expect(due(text, now)).toBe(at));

  it('has either day where both are written, as POSIX does', () => {
    expect(due('0 0 13 * 5', '2026-11-21T00:00:00Z')).toBe('2026-11-20T00:00');
    expect(due('0 0 13 * 5', '2026-11-15T00:00:00Z')).toBe('2026-11-13T00:00');
    // A star with a step is a star: both must match then.
    expect(due('0 0 13 * */5', '2026-11-21T00:00:00Z')).toBe('2026-11-13T00:00');
  });

  it('was due only after `since`', () => {
    expect(due('0 4 * * *', '2026-11-21T14:00:00Z', '2026-11-21T04:00:00Z')).toBeUndefined();
    expect(due('0 4 * * *', '2026-11-21T14:00:00Z', '2026-11-21T03:59:00Z')).toBe('2026-11-21T04:00');
  });

  it('names the weekday that a calendar names', () => {
    for (const [index, name] of ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].entries()) {
      const found = due(`0 12 * * ${name}`, '2026-11-21T14:00:00Z') ?? '';
      expect(DateTime.fromISO(found, { zone: 'utc' }).weekday % 7).toBe(index);
    }
  });

  it.each([
    ['daily', 'it has 1 fields'],
    ['', 'it has 0 fields'],
    ['0 4 * * * *', 'it has 6 fields'],
    ['60 4 * * *', '"60" is no minute (0 to 59)'],
    ['0 4 0 * *', '"0" is no day of the month (1 to 31)'],
    ['0 4 * * 8', 'day of the week'],
    ['0 4 * foo *', '"foo" is no month'],
    ['5-1 4 * * *', '"5-1" is no minute'],
    ['*/0 4 * * *', '"*/0" is no minute'],
    ['*-3 4 * * *', '"*-3" is no minute'],
    ['1,,2 4 * * *', '"" is no minute'],
    ['0 4 31 4 *', 'no such day'],
  ])('refuses %j', (text, why) => expect(parseCron(text)).toContain(why));
});
