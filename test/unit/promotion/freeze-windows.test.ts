import { describe, expect, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { checkFreezes, frozenAt, lastThaw } from '../../../shared/promotion/freeze-windows.ts';
import { configOf } from '../../support/promotion/promotion-facts.ts';

const until = (freeze: { from: string; to: string; timezone?: string }, at: string) => frozenAt([freeze], new Date(at))?.until ?? null;

describe('frozenAt', () => {
  const christmas = { from: '2026-12-20', to: '2027-01-03' };
  it('takes days whole, from the first to the last, in UTC unless said otherwise', () => {
    expect(until(christmas, '2026-12-19T23:59:59.999Z')).toBeNull();
    expect(until(christmas, '2026-12-20T00:00:00Z')).toBe('2027-01-04T00:00:00.000Z');
    expect(until(christmas, '2027-01-03T23:59:59.999Z')).toBe('2027-01-04T00:00:00.000Z');
    expect(until(christmas, '2027-01-04T00:00:00Z')).toBeNull();
    const berlin = { ...christmas, timezone: 'Europe/Berlin' };
    expect(until(berlin, '2026-12-19T23:00:00Z')).toBe('2027-01-03T23:00:00.000Z');
    expect(until(berlin, '2027-01-03T23:00:00Z')).toBeNull();
  });

  it('takes a time with its own offset as it is', () => {
    const own = { from: '2026-12-20T18:00:00+01:00', to: '2026-12-20T20:00:00Z', timezone: 'Asia/Tokyo' };
    expect(until(own, '2026-12-20T16:59:59Z')).toBeNull();
    expect(until(own, '2026-12-20T17:00:00Z')).toBe('2026-12-20T20:00:00.000Z');
  });

  it('follows the clocks of its zone: a day of 23 hours, and one of 25', () => {
    const spring = { from: '2026-03-29', to: '2026-03-29', timezone: 'Europe/Berlin' };
    expect(until(spring, '2026-03-28T23:00:00Z')).toBe('2026-03-29T22:00:00.000Z');
    const autumn = { from: '2026-10-25', to: '2026-10-25', timezone: 'Europe/Berlin' };
    expect(until(autumn, '2026-10-24T22:00:00Z')).toBe('2026-10-25T23:00:00.000Z');
    const newYork = { from: '2026-11-01T09:00', to: '2026-11-01T17:00', timezone: 'America/New_York' };
    expect(until(newYork, '2026-11-01T14:00:00Z')).toBe('2026-11-01T22:00:00.000Z');
    expect(until(newYork, '2026-11-01T13:59:59Z')).toBeNull();
  });

  it('is frozen in doubt: an hour that comes twice is the earlier at the beginning and the later at the end', () => {
    const zone = { timezone: 'Europe/Berlin' };
    expect(until({ from: '2026-10-25T02:30', to: '2026-10-26T00:00', ...zone }, '2026-10-25T00:30:00Z')).not.toBeNull();
    expect(until({ from: '2026-10-24T00:00', to: '2026-10-25T02:30', ...zone }, '2026-10-25T01:29:59Z')).toBe('2026-10-25T01:30:00.000Z');
    // An hour that no clock shows moves on by the gap.
    expect(until({ from: '2026-03-29T02:30', to: '2026-03-30', ...zone }, '2026-03-29T01:30:00Z')).not.toBeNull();
    expect(until({ from: '2026-03-29T02:30', to: '2026-03-30', ...zone }, '2026-03-29T01:29:59Z')).toBeNull();
  });

  it('lasts until the last of the freezes that touch each other', () => {
    const freezes = [
      { from: '2026-12-24', to: '2026-12-26', reason: 'holidays' },
      { from: '2026-12-27', to: '2026-12-31', reason: 'books' },
      { from: '2027-01-02', to: '2027-01-03' },
    ];
    expect(frozenAt(freezes, new Date('2026-12-25T12:00:00Z'))).toEqual({ until: '2027-01-01T00:00:00.000Z', reason: 'holidays' });
    expect(frozenAt(freezes, new Date('2027-01-01T12:00:00Z'))).toBeNull();
    expect(lastThaw(freezes, new Date('2027-01-01T12:00:00Z'))).toBe(Date.parse('2027-01-01T00:00:00Z'));
  });
});

describe('checkFreezes', () => {
  const problem = (freeze: object) => {
    try {
      checkFreezes(configOf({ freeze: [{ from: '2026-12-01', to: '2026-12-02' }, freeze] }));
    } catch (error) {
      if (error instanceof UserError) return `${error.code} ${error.message}`;
      throw error;
    }
    return null;
  };
  const at = 'FREEZE_INVALID models.churn.stages.production.freeze[1]';
  it.each([
    [{ from: 'tomorrow', to: '2026-12-02' }, `${at}.from: "tomorrow" is no date.`],
    [{ from: '2026-02-30', to: '2026-12-02' }, `${at}.from: "2026-02-30" is no date.`],
    [{ from: '2026-12', to: '2026-12-02' }, `${at}.from: "2026-12" is no date.`],
    [{ from: '2026-12-01', to: '2026-12-01T25:00' }, `${at}.to: "2026-12-01T25:00" is no date.`],
    [{ from: '2026-12-05', to: '2026-12-04' }, `${at}.to: "2026-12-04" is not after from (2026-12-05).`],
    [{ from: '2026-12-05', to: '2026-12-06', timezone: 'Berlin' }, `${at}.timezone: "Berlin" is no time zone.`],
  ])('names the place of %j', (freeze, message) => {
    expect(problem(freeze)).toBe(message);
  });
  it('lets through what is right', () => {
    expect(problem({ from: '2026-12-01T08:00', to: '2026-12-02', timezone: 'Europe/Berlin' })).toBeNull();
  });
});
