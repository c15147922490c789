import { categoriesOf } from '../../shared/profile/category-counts.ts';
import { numericOfValues } from '../../shared/profile/numeric-counts.ts';
import type { Profile } from '../../shared/profile/profile.ts';
import { sealProfile } from '../../shared/profile/seal-profile.ts';

const none = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };

/** A small table by hand: numbers, whole numbers, texts, days; two segments in two windows where `cells` is 4. */
export function sampleProfile(
  change: { readonly cells?: 1 | 4; readonly names?: readonly string[]; readonly category?: string } = {},
): Profile {
  const [number, whole, text, time, empty] = change.names ?? ['amount', 'visits', 'plan', 'joined', 'gone'];
  const split = change.cells === 4;
  const cell = (segment: readonly string[], window: string | null, scale: number) => ({
    segment: [...segment],
    window,
    rows: 100 * scale,
    columns: [
      numericOfValues(
        Array.from({ length: 90 }, (_, index) => [index * 1.5 + 0.25, scale] as const),
        { ...none, null: 8 * scale, nan: scale, positiveInfinity: scale },
      ),
      numericOfValues(
        [
          [0, 40 * scale],
          [1, 30 * scale],
          [2, 20 * scale],
          [12, 10 * scale],
        ],
        none,
      ),
      categoriesOf(
        [
          ['basic', 60 * scale],
          [change.category ?? 'gold', 37 * scale],
          ['rare', 3],
        ],
        100 * scale - 97 * scale - 3,
      ),
      {
        kind: 'times' as const,
        null: 0,
        min: '2026-10-01T00:00:00.000000Z',
        max: '2026-10-03T12:30:00.000000Z',
        days: [['2026-10-01', 60 * scale] as [string, number], ['2026-10-03', 40 * scale] as [string, number]],
      },
      numericOfValues([], { ...none, null: 100 * scale }),
    ],
  });
  const day = ['2026-10-01T00:00:00.000Z', '2026-10-02T00:00:00.000Z'];
  return sealProfile({
    privacy: 'exact',
    by: split ? ['region'] : [],
    window: split ? { column: time ?? '', milliseconds: 86_400_000 } : null,
    columns: [
      { name: number ?? '', type: 'number' },
      { name: whole ?? '', type: 'integer' },
      { name: text ?? '', type: 'text' },
      { name: time ?? '', type: 'timestamp' },
      { name: empty ?? '', type: 'number' },
    ],
    cells: split
      ? day.flatMap((window) => [cell(['north'], window, 2), cell([change.category ?? 'south'], window, 1)])
      : [cell([], null, 1)],
  });
}
