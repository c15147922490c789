import { driftHeadline } from '../../shared/drift/drift-headline.ts';
import type { DriftColumn, DriftFinding, DriftReport, DriftWindow, Level } from '../../shared/drift/drift-report.ts';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';

/** Reports as a comparison of flights, of employment and of hostile tables would give them; the same on every run. */

/** Mulberry32: enough for pictures. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const bell = (bins: number, middle: number, spread: number) =>
  normalised(Array.from({ length: bins }, (_, bin) => Math.exp(-(((bin + 0.5) / bins - middle) ** 2) / (2 * spread ** 2))));
const normalised = (weights: readonly number[]) => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};
const largestDifference = (one: readonly number[], other: readonly number[]) => {
  let [below, most] = [0, 0];
  for (const [bin, share] of one.entries()) {
    below += share - (other[bin] ?? 0);
    most = Math.max(most, Math.abs(below));
  }
  return most;
};
const totalVariation = (one: readonly number[], other: readonly number[]) =>
  one.reduce((total, share, index) => total + Math.abs(share - (other[index] ?? 0)), 0) / 2;

const n = { reference: 1_000_000, current: 1_000_000 };
const levelOf = (effect: number): Level => (effect >= 0.1 ? 'drift' : effect >= 0.03 ? 'shift' : 'none');

function movedOf(shape: NonNullable<DriftColumn['shape']>): DriftColumn['moved'] {
  return shape.labels
    .map((where, index) => ({ where, reference: shape.reference[index] ?? 0, current: shape.current[index] ?? 0 }))
    .sort((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))
    .slice(0, 8);
}

export function driftColumn(change: Partial<DriftColumn> & Pick<DriftColumn, 'column'>): DriftColumn {
  const effect = change.effect === undefined ? 0.01 : change.effect;
  const level = change.level ?? levelOf(effect ?? 0);
  return {
    type: 'numeric',
    method: 'default',
    score: effect,
    threshold: 0.1,
    effect,
    phi: 1,
    pValue: effect === null ? null : Math.exp(-200 * effect),
    adjustedP: effect === null ? null : Math.min(1, 2 * Math.exp(-200 * effect)),
    level,
    drifted: level === 'drift',
    notTested: null,
    exactness: 'exact',
    bound: null,
    n,
    moved: [],
    importance: null,
    shape: null,
    shown: {},
    ...change,
  };
}

export function numericColumn(column: string, shift: number, spread = 0.12, change: Partial<DriftColumn> = {}): DriftColumn {
  const [reference, current] = [bell(40, 0.42, 0.12), bell(40, 0.42 + shift, spread)];
  const shape = { labels: reference.map((_, bin) => `${bin * 10} … ${bin * 10 + 10}`), reference, current };
  return driftColumn({
    column,
    effect: largestDifference(reference, current),
    shape,
    moved: movedOf(shape),
    shown: { psi: 0.1, missingReference: 0.004, missingCurrent: 0.012, meanReference: 168.2, meanCurrent: 168.2 + shift * 400 },
    ...change,
  });
}

export function categoricalColumn(
  column: string,
  labels: readonly string[],
  before: readonly number[],
  after: readonly number[],
  change: Partial<DriftColumn> = {},
): DriftColumn {
  const shape = { labels: [...labels], reference: normalised(before), current: normalised(after) };
  return driftColumn({
    column,
    type: 'categorical',
    effect: totalVariation(shape.reference, shape.current),
    shape,
    moved: movedOf(shape),
    ...change,
  });
}

export function driftFinding(change: Partial<DriftFinding> = {}): DriftFinding {
  return {
    kind: 'unseen',
    column: 'UniqueCarrier',
    level: 'shift',
    effect: 0.031,
    pValue: 1e-9,
    adjustedP: 1e-8,
    message: 'UniqueCarrier: 3.1 % of the rows hold 1 category that the reference does not have.',
    ...change,
  };
}

export function driftReport(columns: readonly DriftColumn[], change: Partial<DriftReport> = {}): DriftReport {
  const count = (level: Level) => columns.filter((column) => column.notTested === null && column.level === level).length;
  const [drift, shift] = [count('drift'), count('shift')];
  const compared = columns.filter(({ notTested }) => notTested === null).length;
  const level: Level = drift > 0 ? 'drift' : shift > 0 ? 'shift' : 'none';
  const rank: Record<Level, number> = { drift: 0, shift: 1, none: 2 };
  const report: Omit<DriftReport, 'headline'> = {
    schema: 'weighin/drift@1',
    verdict: level === 'drift' ? 'fail' : level === 'shift' ? 'warn' : compared === 0 ? 'inconclusive' : 'pass',
    model: 'flight-delay',
    method: 'default',
    reference: { name: 'reference.parquet', rows: 1_000_000, from: '2013-01-01T05:00:00.000Z', to: '2013-03-31T23:59:00.000Z' },
    current: { name: 'current.parquet', rows: 1_000_000, from: '2013-05-01T05:00:00.000Z', to: '2013-06-30T23:59:00.000Z' },
    dataset: {
      level,
      share: compared === 0 ? 0 : drift / compared,
      drifted: level === 'drift',
      columns: { compared, shift, drift, notTested: columns.length - compared },
      family: 2 * compared,
    },
    columns: [...columns].sort((a, b) => rank[a.level] - rank[b.level] || (b.effect ?? 0) - (a.effect ?? 0)),
    findings: [],
    segments: [],
    windows: [],
    since: null,
    agree: { k: 2, m: 3 },
    limits: { alpha: 0.05, shift: 0.03, alarm: 0.1, shareLimit: null },
    ...change,
  };
  return { ...report, headline: change.headline ?? driftHeadline(report) };
}

const day = (index: number) => new Date(Date.UTC(2013, 4, 1 + index)).toISOString();

function windowsOf(columns: readonly DriftColumn[], count: number, since: number): DriftWindow[] {
  const random = randomOf(7);
  return Array.from({ length: count }, (_, index) => {
    const list = columns.map(({ column, effect, level }) => {
      const grown = level === 'none' || index < since ? 0.01 : (effect ?? 0) * Math.min(1, (index - since + 1) / 6);
      const size = Math.max(0, grown + 0.012 * random());
      return { column, effect: size, adjustedP: size > 0.03 ? 0.0001 : 0.6, level: levelOf(size) };
    });
    const worst: Level = list.some(({ level }) => level === 'drift')
      ? 'drift'
      : list.some(({ level }) => level === 'shift')
        ? 'shift'
        : 'none';
    return { start: day(index), end: day(index + 1), rows: Math.round(14_000 + 4_000 * random()), level: worst, columns: list };
  });
}

const carriers = ['AA', 'AS', 'B6', 'DL', 'EV', 'F9', 'FL', 'HA', 'MQ', 'OO', 'UA', 'US', 'VX', 'WN', 'YV'];

/** Something of everything: drift up, wider, categories, shifts, steady, not tested, findings, segments, windows. */
export function flights(): DriftReport {
  const columns = [
    numericColumn('Temperature', 0.16, 0.12, { importance: 0.041 }),
    categoricalColumn(
      'Month',
      ['January', 'February', 'March', 'May', 'June'],
      [0.35, 0.31, 0.34, 0.0001, 0.0001],
      [0.0001, 0.0001, 0.0001, 0.51, 0.49],
    ),
    numericColumn('DepDelay', 0.005, 0.2, { exactness: 'bounded', bound: 0.004 }),
    categoricalColumn(
      'UniqueCarrier',
      carriers,
      [8, 2, 4, 11, 13, 1, 4, 1, 7, 10, 8, 7, 1, 19, 3],
      [8, 3, 4, 12, 11, 1, 3.5, 1, 7, 10, 8.4, 7, 1, 18, 5],
    ),
    numericColumn('CRSElapsedTime', 0.02),
    numericColumn('Distance', 0.003),
    numericColumn('TaxiOut', -0.004),
    numericColumn('CRSDepTime', 0.001),
    categoricalColumn('DayOfWeek', ['1', '2', '3', '4', '5', '6', '7'], [14, 14, 15, 15, 15, 12, 15], [14.3, 14, 15, 15.1, 15, 12, 14.6]),
    categoricalColumn('Diverted', ['0', '1'], [0.998, 0.002], [0.997, 0.003], { phi: 2.4 }),
    driftColumn({ column: 'TailNum', type: 'text', effect: null, notTested: 'not-enough-data', n: { reference: 31, current: 1_000_000 } }),
    driftColumn({ column: 'Year', effect: null, notTested: 'constant' }),
  ];
  return driftReport(columns, {
    since: day(18),
    findings: [
      driftFinding(),
      driftFinding({
        kind: 'missingness',
        column: 'TaxiOut',
        level: 'drift',
        effect: 0.124,
        message: 'TaxiOut: 12.4 points more rows have no value: 13.5 %, 1.1 % in the reference.',
      }),
      driftFinding({
        kind: 'range',
        column: 'DepDelay',
        level: 'none',
        effect: 0.0001,
        message: 'DepDelay: 0.011 % of the rows lie above the largest value of the reference (112 rows).',
      }),
    ],
    segments: [
      {
        where: [{ column: 'Origin', value: 'ORD' }],
        column: 'DepDelay',
        rows: { reference: 48_120, current: 51_300 },
        effect: 0.31,
        adjustedP: 1e-12,
        explains: 0.62,
      },
      {
        where: [
          { column: 'Origin', value: 'DFW' },
          { column: 'UniqueCarrier', value: 'AA' },
        ],
        column: 'DepDelay',
        rows: { reference: 28_120, current: 27_300 },
        effect: 0.14,
        adjustedP: 0.002,
        explains: 0.11,
      },
    ],
    windows: windowsOf(
      columns.filter(({ notTested }) => notTested === null),
      60,
      18,
    ),
  });
}

/** Three years of real survey rows against one: one small shift, nothing else. */
export function employment(): DriftReport {
  return driftReport(
    [
      categoricalColumn('ANC', ['1', '2', '3', '4'], [0.6, 0.22, 0.1, 0.08], [0.56, 0.225, 0.128, 0.087]),
      numericColumn('AGEP', 0.005),
      categoricalColumn(
        'SCHL',
        Array.from({ length: 25 }, (_, code) => String(code)),
        bell(25, 0.6, 0.2),
        bell(25, 0.605, 0.2),
      ),
      ...['MAR', 'RELP', 'DIS', 'ESP', 'CIT', 'MIG', 'MIL', 'SEX'].map((column) =>
        categoricalColumn(column, ['1', '2', '3'], [0.5, 0.3, 0.2], [0.503, 0.299, 0.198]),
      ),
    ],
    {
      model: 'employment',
      reference: { name: 'reference.parquet', rows: 68_785, from: '2015-01-01', to: '2015-12-31' },
      current: { name: 'analysis.parquet', rows: 208_892, from: '2016-01-01', to: '2018-12-31' },
    },
  );
}

export const steady = (): DriftReport =>
  driftReport([numericColumn('age', 0.0005), categoricalColumn('plan', ['a', 'b'], [5, 5], [5.01, 4.99])], { model: null });

export const inconclusive = (): DriftReport =>
  driftReport([driftColumn({ column: 'age', effect: null, notTested: 'not-enough-data', n: { reference: 12, current: 8 } })], {
    reference: { name: 'a.csv', rows: 12, from: null, to: null },
    current: { name: 'b.csv', rows: 8, from: null, to: null },
  });

/** A named method: scores and limits of its own. */
export const evidently = (): DriftReport =>
  driftReport(
    [
      numericColumn('age', 0.1, 0.12, { method: 'wasserstein', score: 0.83, threshold: 0.1, pValue: null, adjustedP: null }),
      numericColumn('income', 0, 0.12, { method: 'wasserstein', score: 0.0123, threshold: 0.1, pValue: null, adjustedP: null }),
      categoricalColumn('plan', ['a', 'b'], [5, 5], [5.1, 4.9], {
        method: 'jensen_shannon',
        score: 0.007,
        threshold: 0.1,
        pValue: null,
        adjustedP: null,
      }),
    ],
    { method: 'evidently', limits: { alpha: 0.05, shift: 0.03, alarm: 0.1, shareLimit: 0.5 } },
  );

/** `count` columns over `days` windows; all of them drifted where `moved` is 1. */
export function wide(count: number, moved = 0.2, days = 30): DriftReport {
  const random = randomOf(count);
  const columns = Array.from({ length: count }, (_, index) => {
    const shift = random() < moved ? 0.02 + 0.2 * random() : 0.002 * random();
    if (index % 3 === 0) {
      const labels = Array.from({ length: 20 }, (_, label) => `category ${index} ${label}`);
      const before = labels.map(() => 0.2 + random());
      return categoricalColumn(
        `category_column_${index}`,
        labels,
        before,
        before.map((weight) => weight * Math.max(0.01, 1 + shift * 20 * (random() - 0.5))),
      );
    }
    // Real shapes are not smooth: every bin has its own height.
    const [reference, current] = [bell(40, 0.42, 0.15), bell(40, 0.42 + shift, 0.15)].map((shares) =>
      normalised(shares.map((share) => share * (0.7 + 0.6 * random()))),
    ) as [number[], number[]];
    const labels = reference.map((_, bin) => `${(bin * 12.34).toFixed(2)} … ${((bin + 1) * 12.34).toFixed(2)}`);
    const shape = { labels, reference, current };
    return numericColumn(`feature_with_a_long_name_${index}`, shift, 0.12, { shape, moved: movedOf(shape) });
  });
  return driftReport(columns, { model: 'wide', windows: windowsOf(columns, days, Math.floor(days / 2)), since: day(Math.floor(days / 2)) });
}

export const nasty =
  '<script>alert(1)</script>"\'`|@team **b** [x](https://e.x) \u202e\u0007\u001b[2J\n# h\n| a | $x$ &amp; <!-- --> </details>';

/** Every text is an attack. */
export function hostile(): DriftReport {
  return driftReport(
    [
      categoricalColumn(nasty, [nasty, 'b', 'c'], [5, 3, 2], [1, 3, 6]),
      numericColumn(`${nasty}2`, 0.2, 0.12, {
        moved: [{ where: nasty, reference: 0.1, current: 0.4 }],
        shown: { [nasty]: 3 },
        method: nasty,
        shape: { labels: [nasty, nasty], reference: [0.5, 0.5], current: [0.9, 0.1] },
      }),
      numericColumn(`${nasty}3`, 0),
      driftColumn({ column: `${nasty}4`, effect: null, notTested: nasty }),
    ],
    {
      model: nasty,
      headline: nasty,
      method: nasty,
      since: nasty,
      reference: { name: nasty, rows: 5, from: nasty, to: nasty },
      current: { name: nasty, rows: 5, from: nasty, to: null },
      findings: [driftFinding({ column: nasty, message: nasty })],
      segments: [
        {
          where: [{ column: nasty, value: nasty }],
          column: nasty,
          rows: { reference: 1, current: 2 },
          effect: 0.4,
          adjustedP: 0.001,
          explains: 0.4,
        },
      ],
      windows: [
        { start: nasty, end: nasty, rows: 3, level: 'drift', columns: [{ column: nasty, effect: 0.3, adjustedP: 0.01, level: 'drift' }] },
      ],
    },
  );
}

export function monitoringReport(drift: DriftReport | null, change: Partial<MonitoringReport> = {}): MonitoringReport {
  return {
    schema: 'weighin/monitoring@1',
    model: 'flight-delay',
    stage: 'production',
    version: 'v12',
    createdAt: '2013-07-01T04:00:00.000Z',
    window: { start: '2013-06-29T00:00:00Z', end: '2013-06-30T00:00:00Z', rows: 15_803 },
    drift,
    performance: {
      window: { start: '2013-06-28T00:00:00Z', end: '2013-06-29T00:00:00Z' },
      metric: 'roc_auc',
      value: 0.691,
      interval: [0.68, 0.702],
      reference: 0.724,
      n: 15_230,
      level: 'shift',
    },
    episodes: [
      {
        id: 'flight-delay/production/drift/2013-05-20T00:00:00Z',
        kind: 'drift',
        since: '2013-05-20T00:00:00Z',
        until: null,
        level: 'drift',
        headline: '3 of 10 columns moved; `Temperature` by 37 % of the rows.',
      },
    ],
    retrain: {
      cause: 'drift',
      key: 'flight-delay/production/drift/2013-05-20T00:00:00Z',
      reason: 'drift since 2013-05-20 in `Temperature`.',
    },
    ...change,
  };
}
