import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees } from '../../../shared/drift/decide-level.ts';
import { endLost } from '../../../shared/monitoring/episode-ledger.ts';
import { findEpisodes } from '../../../shared/monitoring/find-episodes.ts';
import { beginsCalm, type MonitoredWindow, previousLevels } from '../../../shared/monitoring/monitored-window.ts';
import { episodeSchema } from '../../../shared/monitoring/monitoring-report.ts';

const day = 86_400_000;
const at = (index: number) => new Date(Date.UTC(2026, 10, 1) + index * day).toISOString();

/** A mark a window: `.` calm, `s` shift, else the columns that drifted by a letter each, `?` not to be judged, ` ` no rows, so no window. */
const windows = (text: string): MonitoredWindow[] =>
  text.split('|').flatMap((mark, index) =>
    mark === ' '
      ? []
      : [
          {
            start: at(index),
            end: at(index + 1),
            rows: 100,
            tested: mark !== '?',
            level: mark === '.' || mark === '?' ? 'none' : mark === 's' ? 'shift' : 'drift',
            columns: new Map(['s', 'x', 'y', 'z'].map((one) => [one, !mark.includes(one) ? 'none' : one === 's' ? 'shift' : 'drift'])),
          },
        ],
  );
/** As the comparison of profiles asks: this window's drift, and k of m with those before. */
const alarmed = (all: readonly MonitoredWindow[], agree: { k: number; m: number }) =>
  all.flatMap((window, index) => {
    if (!window.tested) return [];
    const previous = previousLevels(all.slice(0, index), agree.m);
    const alarm = [...window.columns].some(([name, level]) => level === 'drift' && agrees([...(previous[name] ?? []), level], agree));
    return [{ start: window.start, end: window.end, alarmed: alarm, headline: `window ${index}` }];
  });
const alarms = (text: string, k = 2, m = 3) =>
  alarmed(windows(text), { k, m })
    .map((one) => (one.alarmed ? '!' : '.'))
    .join('');
const find = (some: readonly MonitoredWindow[], k = 2, m = 3) =>
  findEpisodes(alarmed(some, { k, m }), { model: 'churn', stage: 'production', kind: 'drift', m });
const episodes = (text: string) =>
  find(windows(text)).map(
    ({ since, until }) => `${new Date(since).getUTCDate() - 1}-${until === null ? '' : new Date(until).getUTCDate() - 2}`,
  );

describe('what agrees', () => {
  it.each([
    ['one window is not two', '.|x|.|.|x|.', '......'],
    ['two of three', '.|x|x|.', '..!.'],
    ['a calm one between', 'x|.|x', '..!'],
    ['two calm ones between', 'x|.|.|x', '....'],
    ['this window has to be one of them', 'x|x|.', '.!.'],
    ['another column is another thing', 'x|y|x', '..!'],
    ['columns that take turns', 'x|y|z|x|y|z', '......'],
    ['a shift agrees with nothing', 's|s|s', '...'],
    ['a gap is no window', 'x| | |x', '.!'],
    ['one that could not be judged is none either', 'x|?|?|x', '.!'],
  ])('%s: %s', (_, text, expected) => expect(alarms(text)).toBe(expected));

  it('needs as many as it is told', () => {
    expect(alarms('x|x|x|x', 1, 1)).toBe('!!!!');
    expect(alarms('x|x|x|x', 4, 4)).toBe('...!');
    expect(alarms('x|.|x|.|x', 3, 5)).toBe('....!');
  });
});

describe('episodes', () => {
  it.each([
    ['none', '.|x|.|.', []],
    ['opens with the first alarm', '.|x|x|x', ['2-']],
    ['is not over after two calm windows', 'x|x|.|.', ['1-']],
    ['is over after three, and lasted to the last alarm', 'x|x|x|.|.|.', ['1-2']],
    ['goes on through a calm window', 'x|x|.|x|.|x', ['1-']],
    ['two', 'x|x|.|.|.|x|x|.|.|.', ['1-1', '6-6']],
    ['gaps end nothing', 'x|x| | | | |.', ['1-']],
    ['what could not be judged ends nothing', 'x|x|?|?|?|?', ['1-']],
  ])('%s: %s', (_, text, expected) => expect(episodes(text)).toEqual(expected));

  it('has the headline of its last alarm, and an id of its first', () => {
    const [episode] = find(windows('x|x|x|.'));
    expect(episode).toMatchObject({ id: `churn/production/drift/${at(1)}`, headline: 'window 2', level: 'drift' });
  });

  const marks = fc.array(fc.constantFrom('.', 'x', 'y', 'xy', 's', '?', ' '), { maxLength: 40 }).map((all) => all.join('|'));
  it('keeps its ids as windows follow: each run finds what the one before found', () => {
    fc.assert(
      fc.property(marks, fc.nat(40), (text, cut) => {
        const all = text.split('|');
        const ids = (upTo: number) => find(windows(all.slice(0, upTo).join('|')));
        const [before, after] = [ids(Math.min(cut, all.length)), ids(all.length)];
        expect(after.slice(0, before.length).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
        for (const [index, episode] of before.entries()) if (episode.until !== null) expect(after[index]).toEqual(episode);
      }),
    );
  });

  it('finds the same however far back it looks, from a calm beginning on', () => {
    fc.assert(
      fc.property(marks, fc.nat(40), (text, from) => {
        const all = windows(text);
        const part = all.slice(from);
        if (!beginsCalm(part, 3)) return;
        const begins = part[0]?.start ?? '';
        expect(find(part)).toEqual(find(all).filter(({ since }) => since >= begins));
      }),
    );
  });
});

describe('episodes that are not found any more', () => {
  const [old] = find(windows('x|x'));
  if (!old) throw new Error('there is one');

  it('end where the present windows begin', () => {
    expect(endLost([], [old], at(20))).toMatchObject([
      { id: old.id, until: at(20), headline: expect.stringContaining('another version runs') },
    ]);
    expect(endLost([], [old], null)).toMatchObject([{ until: old.since }]);
    expect(endLost([], [old], at(0))).toMatchObject([{ until: old.since }]);
  });
  it('stay ended as they were', () => {
    const ended = { ...old, until: at(7) };
    expect(endLost([], [ended], at(20))).toEqual([ended]);
  });
  it('stay as the windows say where they are found', () => expect(endLost([old], [old], at(20))).toEqual([old]));
});

it('clips a headline to what the schema takes: a column may have a name of any length', () => {
  const headline = '𝒙'.repeat(600);
  const [found] = findEpisodes([{ start: at(0), end: at(1), alarmed: true, headline }], {
    model: 'churn',
    stage: 'production',
    kind: 'drift',
    m: 3,
  });
  expect(episodeSchema.parse(found).headline.endsWith('𝒙…')).toBe(true);
});
