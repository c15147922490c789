import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWindows, windowStart } from '../../../shared/monitoring/window-profiles.ts';
import {
  joinParts,
  keepWindow,
  listWindows,
  readParts,
  sketchedIds,
  type WindowPart,
  type WindowSeries,
} from '../../../shared/monitoring/window-store.ts';
import { mergeProfiles } from '../../../shared/profile/merge-profiles.ts';
import { outwardProfile } from '../../../shared/profile/outward-profile.ts';
import { sealProfile } from '../../../shared/profile/seal-profile.ts';
import { createMemoryStore } from '../../support/registry/memory-store.ts';

const start = new Date('2026-11-20T00:00:00Z');
const series: WindowSeries = { model: 'churn', stage: 'production', version: 'v1', milliseconds: 86_400_000, by: [] };

/** Rows of one window, a plan each; `label` is known of so many. */
function part(ids: readonly string[], { plan = 'a', unknown = 0, windows = ['2026-11-20T00:00:00.000000Z'] } = {}): WindowPart {
  const profile = sealProfile({
    privacy: 'exact',
    by: [],
    window: { column: 'time', milliseconds: 86_400_000 },
    columns: [{ name: 'plan', type: 'text' }],
    cells: windows.map((window) => ({
      segment: [],
      window,
      rows: ids.length,
      columns: [
        {
          kind: 'categories' as const,
          null: unknown,
          counts: ids.length > unknown ? [[plan, ids.length - unknown] as [string, number]] : [],
          hashed: null,
          lengths: ids.length > unknown ? { min: 1, max: 1, sum: ids.length - unknown } : null,
        },
      ],
    })),
  });
  return { profile, ids: [...ids].sort().slice(0, sketchedIds) };
}
const hex = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    createHash('md5')
      .update(String(from + index))
      .digest('hex')
      .slice(0, 15),
  );

describe('parts of a window', () => {
  it('are one where one was counted again with what came late', () => {
    const [early, late] = [part(hex(0, 100)), part(hex(0, 160))];
    expect(joinParts([early, late])).toEqual(late.profile);
    expect(joinParts([late, early])).toEqual(late.profile);
    expect(joinParts([late, late])).toEqual(late.profile);
  });

  it('are added where they are other rows, though every count of the one fits in the other', () => {
    const [one, two] = [part(hex(0, 100)), part(hex(500, 60))];
    expect(joinParts([one, two]).rows).toBe(160);
    expect(joinParts([one, two])).toEqual(mergeProfiles([one.profile, two.profile]));
  });

  it('are one where the same rows know more now', () => {
    // Whichever digest is the smaller one.
    for (const rows of [100, 101, 102, 103, 104]) {
      const [before, after] = [part(hex(0, rows), { unknown: 90 }), part(hex(0, rows), { unknown: 10 })];
      expect(joinParts([before, after])).toEqual(after.profile);
      expect(joinParts([after, before])).toEqual(after.profile);
    }
  });

  it('are told apart by a sketch where there are more rows than it holds', () => {
    const [whole, piece, other] = [part(hex(0, 5_000)), part(hex(1_000, 600)), part(hex(9_000, 600))];
    expect(joinParts([whole, piece]).rows).toBe(5_000);
    expect(joinParts([whole, other]).rows).toBe(5_600);
  });

  it('without ids are compared by their counts', () => {
    const bare = (one: WindowPart): WindowPart => ({ ...one, ids: null });
    expect(joinParts([bare(part(hex(0, 100))), bare(part(hex(0, 160)))]).rows).toBe(160);
    expect(joinParts([bare(part(hex(0, 100))), bare(part(hex(0, 60), { plan: 'b' }))]).rows).toBe(160);
    // Rare in the part, and so a hash; common in the whole.
    const outward = (one: WindowPart): WindowPart => ({ ids: null, profile: outwardProfile(one.profile) });
    expect(joinParts([outward(part(hex(0, 10))), outward(part(hex(0, 160)))]).rows).toBe(160);
  });

  it('without ids are one where the same rows know more now: a label that came late must not double them', () => {
    const bare = (one: WindowPart): WindowPart => ({ ...one, ids: null });
    const [before, after] = [bare(part(hex(0, 100), { unknown: 90 })), bare(part(hex(0, 100), { unknown: 10 }))];
    expect(joinParts([before, after])).toEqual(after.profile);
    expect(joinParts([after, before])).toEqual(after.profile);
  });

  it('of which no id could be in both sketches are compared by their counts', () => {
    const sorted = hex(0, 5_000).sort();
    const whole = part(sorted);
    // Beyond the last hash that the sketch holds: the sketch says nothing of them.
    const few = sorted.slice(-3);
    expect(joinParts([whole, part(few)]).rows).toBe(5_000);
    expect(joinParts([whole, part(few, { plan: 'b' })])).toEqual(mergeProfiles([whole.profile, part(few, { plan: 'b' }).profile]));
  });

  it('join to the same in any order', () => {
    const all = [
      part(hex(0, 100)),
      part(hex(0, 160)),
      part(hex(500, 60)),
      part(hex(500, 60), { unknown: 3 }),
      part(hex(900, 7), { plan: 'b' }),
    ];
    const expected = joinParts(all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (some) => {
        expect(joinParts(some)).toEqual(expected);
      }),
    );
  });
});

describe('the store of windows', () => {
  it('keeps the same part once, and another beside it', async () => {
    const store = createMemoryStore();
    expect(await keepWindow(store, series, start, part(hex(0, 100)))).toBe(true);
    expect(await keepWindow(store, series, start, part(hex(0, 100)))).toBe(false);
    expect(await keepWindow(store, series, start, part(hex(500, 60)))).toBe(true);
    await keepWindow(store, series, new Date('2026-11-19T00:00:00Z'), part(hex(0, 3)));
    const windows = await listWindows(store, series);
    expect(windows.map((one) => [one.start.toISOString().slice(0, 10), one.keys.length])).toEqual([
      ['2026-11-19', 1],
      ['2026-11-20', 2],
    ]);
    const parts = await readParts(store, windows[1]?.keys ?? []);
    expect(joinParts([...parts.values()]).rows).toBe(160);
  });

  it('begins a series of its own for another version, length or segments', async () => {
    const store = createMemoryStore();
    await keepWindow(store, series, start, part(hex(0, 100)));
    for (const other of [{ version: 'v2' }, { version: null }, { milliseconds: 3_600_000 }, { by: ['plan'] }, { stage: 'staging' }])
      expect(await listWindows(store, { ...series, ...other }), JSON.stringify(other)).toEqual([]);
  });

  it('keeps keys that fit into a ref of GitHub', async () => {
    const store = createMemoryStore();
    const name = 'm'.repeat(63);
    await keepWindow(store, { ...series, model: name, stage: name, version: 'v99999' }, start, part(hex(0, 1)));
    for (const key of store.objects.keys()) expect(`refs/weighin/store/${key}`.length).toBeLessThanOrEqual(255);
  });

  it.each([
    ['no JSON', 'WINDOW_CORRUPT', () => '{'],
    ['something else', 'WINDOW_CORRUPT', () => '{"schema":"weighin/window@2"}'],
    ['another profile under the same digest', 'PROFILE_EDITED', (text: string) => text.replace('"rows":100', '"rows":900')],
  ])('refuses %s', async (_, code, edit) => {
    const store = createMemoryStore();
    await keepWindow(store, series, start, part(hex(0, 100)));
    const [[key, bytes] = ['', new Uint8Array()]] = store.objects;
    store.objects.set(key, new TextEncoder().encode(edit(new TextDecoder().decode(bytes))));
    await expect(readParts(store, [key])).rejects.toMatchObject({ code });
  });
});

describe('windows', () => {
  it('begin in UTC, weeks on Monday, as profiles count them', () => {
    const at = (moment: string, hours: number) => windowStart(new Date(moment), hours * 3_600_000).toISOString();
    expect(at('2026-11-21T14:30:00+14:00', 24)).toBe('2026-11-21T00:00:00.000Z');
    expect(at('2026-11-21T01:30:00+14:00', 24)).toBe('2026-11-20T00:00:00.000Z');
    expect(at('2026-11-21T14:30:00Z', 168)).toBe('2026-11-16T00:00:00.000Z');
    expect(at('2026-11-21T14:30:00Z', 6)).toBe('2026-11-21T12:00:00.000Z');
    expect(at('1969-12-31T23:59:59Z', 24)).toBe('1969-12-31T00:00:00.000Z');
  });

  it('are split to what each would be by itself', () => {
    const { profile } = part(hex(0, 4), { windows: ['2026-11-21T00:00:00.000000Z', '2026-11-20T00:00:00.000000Z'] });
    const split = splitWindows(profile);
    expect(split.map((one) => one.start.toISOString().slice(0, 10))).toEqual(['2026-11-20', '2026-11-21']);
    expect(split[0]?.profile).toEqual(part(hex(0, 4)).profile);
    expect(mergeProfiles(split.map((one) => one.profile))).toEqual(profile);
  });
});
