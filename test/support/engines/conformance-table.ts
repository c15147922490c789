import { bucketRange, overflowOrder, underflowOrder } from '../../../shared/profile/bucket.ts';
import type { Dialect } from '../../../shared/query/dialect.ts';
import { type TestType, type TestValue, testTypes } from '../../conformance/rows-as-select.ts';

/** One table with whatever engines are known to count differently; the same rows on every run. */
export const conformanceRows = 12_000;

const unicode = [
  '',
  ' ',
  'a',
  'A',
  'ä',
  'a\u0308',
  'ß',
  'ſ',
  '東京',
  '👍',
  '👍🏽',
  'NULL',
  "o'clock",
  'back\\slash',
  '\u0024{x}',
  '"',
  '`',
  'line\nfeed',
  'tab\t',
  '\u00a0',
  '\u200b',
  'zz',
];

export const conformanceColumns = {
  id: 'integer',
  amount: 'double',
  edge: 'double',
  wide: 'double',
  price: 'decimal',
  age: 'integer',
  narrow: 'float',
  country: 'text',
  merchant: 'text',
  words: 'text',
  flag: 'boolean',
  day: 'date',
  at: 'timestamp',
  zoned: 'zoned',
  // Reserved everywhere, and characters that quoting must survive.
  select: 'integer',
  'we"ird `name`\'s ${x} . ü': 'text',
} as const satisfies Readonly<Record<string, TestType>>;

/** mulberry32: the same doubles on every machine. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const bits = new DataView(new ArrayBuffer(8));
/** The double `steps` places up or down. */
function neighbour(x: number, steps: number): number {
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
}

const extremes = [
  5e-324,
  2.2250738585072014e-308,
  1e-300,
  neighbour(1e-300, -1),
  neighbour(1e-300, 1),
  8.9e307,
  neighbour(8.9e307, -1),
  neighbour(8.9e307, 1),
  Number.MAX_VALUE,
  1,
  neighbour(1, -1),
  neighbour(1, 1),
];

export function conformanceValues(): readonly (readonly TestValue[])[] {
  const random = createRandom(20_261_121);
  const below = (limit: number) => Math.floor(random() * limit);
  const time = (micros: number) => {
    const [whole, rest] = [Math.floor(micros / 1e6), Math.abs(micros - Math.floor(micros / 1e6) * 1e6)];
    return `${new Date(whole * 1_000).toISOString().slice(0, 19).replace('T', ' ')}.${String(Math.round(rest)).padStart(6, '0')}`;
  };
  return Array.from({ length: conformanceRows }, (_, row): readonly TestValue[] => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const special = below(200);
    const amount =
      special === 0
        ? null
        : special === 1
          ? Number.NaN
          : special === 2
            ? Number.POSITIVE_INFINITY
            : special === 3
              ? Number.NEGATIVE_INFINITY
              : special === 4
                ? -0
                : special === 5
                  ? 0
                  : Math.exp(3 + 2 * normal) * (random() < 0.3 ? -1 : 1);
    const order = underflowOrder + 2_000 + below(overflowOrder - underflowOrder - 4_000);
    const edge = neighbour(bucketRange(order).low, (row % 3) - 1) * (random() < 0.5 ? -1 : 1);
    const wide = row < 2 * extremes.length ? extremes[row >> 1]! * (row % 2 === 0 ? 1 : -1) : Math.exp((random() - 0.5) * 1_400);
    const micros = -3_000_000_000_000_000 + below(4_700_000_000) * 1_000_000 + below(1_000_000);
    const offset = ['+00:00', '+05:30', '-08:00'][below(3)]!;
    return [
      row,
      amount,
      edge,
      wide,
      random() < 0.1 ? null : Math.round(Math.exp(4 + random()) * 100) / 100,
      random() < 0.02 ? null : 18 + below(77),
      random() < 0.02 ? Number.NaN : Math.fround(normal),
      random() < 0.01 ? null : `c${String(Math.floor(20 * random() ** 2)).padStart(2, '0')}`,
      `m${String(row < 10_000 ? row : below(10_000)).padStart(5, '0')}`,
      random() < 0.05 ? null : unicode[below(unicode.length)]!,
      random() < 0.05 ? null : random() < 0.4,
      random() < 0.01 ? null : row === 0 ? '0001-01-01' : row === 1 ? '9999-12-31' : time(micros).slice(0, 10),
      random() < 0.01 ? null : time(micros),
      `${time(1_700_000_000_000_000 + below(5_000_000) * 1_000_000)}${offset}`,
      below(3),
      unicode[below(3)]!,
    ];
  });
}

/** In the words of one engine, some rows at a time. */
export function* conformanceSelects(dialect: Dialect): Generator<string> {
  const rows = conformanceValues();
  const cells = Object.entries(conformanceColumns).map(
    ([name, type], index) => `CAST(c${index} AS ${testTypes[dialect.name][type]}) AS ${dialect.identifier(name)}`,
  );
  const names = cells.map((_, index) => `c${index}`).join(', ');
  const text = (value: TestValue) => (value === null ? 'NULL' : dialect.literal(Object.is(value, -0) ? '-0.0' : String(value)));
  for (let at = 0; at < rows.length; at += 2_000) {
    const values = rows.slice(at, at + 2_000).map((row) => `(${row.map(text).join(', ')})`);
    yield `SELECT ${cells.join(', ')} FROM (VALUES ${values.join(', ')}) AS written(${names})`;
  }
}
