import { usualPositive } from '../../shared/dataset/positive-label.ts';
import { UserError } from '../../shared/errors.ts';
import type { QueryEngine } from '../../shared/query/query-engine.ts';
import { identifier } from '../../shared/query/sql-text.ts';
import type { TableSource } from '../../shared/source/table-source.ts';
import { nearestName } from '../../shared/spec/nearest-name.ts';
import { visibleText } from '../../shared/words/visible-text.ts';

/** What the columns of a table are for, guessed from names and counts. */
export interface ChosenColumns {
  readonly rows: number;
  readonly label: string;
  /** The label's value that counts as 1, as text. */
  readonly positive: string;
  /** Whether the dataset takes it for the positive one by itself, so that the configuration need not say it. */
  readonly positiveIsUsual: boolean;
  /** How many rows are positive. */
  readonly positives: number;
  readonly id: string | undefined;
  readonly time: string | undefined;
  /** Columns that a model should not see, each with the reason. */
  readonly exclude: readonly { readonly column: string; readonly because: string }[];
  /** How the label was found. */
  readonly labelBy: 'given' | 'its name';
}

/** The usual names of what is to be predicted, the surest first. */
const labelNames = [
  'label',
  'target',
  'y',
  'churned',
  'churn',
  'is_churn',
  'outcome',
  'is_fraud',
  'fraud',
  'fraudulent',
  'defaulted',
  'default',
  'converted',
  'clicked',
  'purchased',
  'survived',
  'late',
  'diagnosis',
  'class',
];
const timeNames = ['event_timestamp', 'event_time', 'timestamp', 'time', 'datetime', 'date', 'observed_at', 'created_at'];
const positiveWords = ['1', '1.0', 'true', 'yes', 'y', 't', 'positive', 'pos'];

/** One scan for the counts, one for the label, one for the ids. @throws UserError where the label can't be told or has not two values */
export async function chooseColumns(
  engine: QueryEngine,
  table: TableSource,
  given: { readonly label: string | undefined },
): Promise<ChosenColumns> {
  const counts = await countValues(engine, table);
  const rows = counts.rows;
  if (rows === 0)
    throw new UserError(
      'DATA_EMPTY',
      `${table.source} has no rows.`,
      'Give a file that holds data: at least a few hundred rows make a model worth weighing.',
    );
  const label = findLabel(table, counts.distinct, given.label);
  const classes = await engine.rows<{ value: string; n: number }>(
    `SELECT CAST(${identifier(label)} AS VARCHAR) AS value, count(*) AS n FROM ${table.relation} WHERE ${identifier(label)} IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 3`,
  );
  if (classes.length !== 2) throw notBinary(label, classes.length, table, counts.distinct);
  const positive = classes.find(({ value }) => positiveWords.includes(value.toLowerCase())) ?? rarer(classes);

  const id = await findId(engine, table, counts, label);
  const times = table.columns
    .filter(({ name, type }) => (type === 'timestamp' || type === 'date') && name !== label && name !== id)
    .map(({ name }) => name);
  const time =
    timeNames.map((name) => times.find((column) => column.toLowerCase() === name)).find(Boolean) ??
    (times.length === 1 ? times[0] : undefined);
  const exclude = table.columns.flatMap(({ name, type }) => {
    if (name === label || name === id || name === time) return [];
    if (type === 'timestamp' || type === 'date') return [{ column: name, because: 'a time' }];
    const distinct = counts.distinct.get(name) ?? 0;
    if (distinct === 0) return [{ column: name, because: 'empty' }];
    if (type === 'text' && distinct > 100 && distinct > rows / 2)
      return [{ column: name, because: 'text that is different in nearly every row' }];
    if (isIdName(name) && type !== 'number' && distinct > rows / 2) return [{ column: name, because: 'an id' }];
    return [];
  });
  return {
    rows,
    label,
    positive: positive.value,
    // A floating-point column writes 1.0 for the class 1.
    positiveIsUsual: usualPositive(classes.map(({ value }) => whole(value))) === whole(positive.value),
    positives: positive.n,
    id,
    time,
    exclude,
    labelBy: given.label === undefined ? 'its name' : 'given',
  };
}

const whole = (value: string) => value.replace(/^(-?\d+)\.0+$/, '$1');

interface Counts {
  readonly rows: number;
  /** About as many; exact where it matters, by a query of its own. */
  readonly distinct: ReadonlyMap<string, number>;
  readonly nulls: ReadonlyMap<string, number>;
}

async function countValues(engine: QueryEngine, table: TableSource): Promise<Counts> {
  const parts = table.columns.flatMap(({ name }, index) => [
    `approx_count_distinct(${identifier(name)}) AS d${index}`,
    `count(${identifier(name)}) AS c${index}`,
  ]);
  const [row] = await engine.rows<Record<string, number>>(
    `SELECT count(*) AS n${parts.map((part) => `, ${part}`).join('')} FROM ${table.relation}`,
  );
  const rows = row?.['n'] ?? 0;
  return {
    rows,
    distinct: new Map(table.columns.map(({ name }, index) => [name, row?.[`d${index}`] ?? 0])),
    nulls: new Map(table.columns.map(({ name }, index) => [name, rows - (row?.[`c${index}`] ?? 0)])),
  };
}

function findLabel(table: TableSource, distinct: ReadonlyMap<string, number>, given: string | undefined): string {
  const names = table.columns.map(({ name }) => name);
  if (given !== undefined) {
    if (names.includes(given)) return given;
    const near = nearestName(given, names);
    throw new UserError(
      'LABEL_UNKNOWN',
      `${table.source} has no column \`${visibleText(given)}\`.`,
      near ? `Did you mean ${visibleText(near)}?` : `Its columns are ${list(names)}.`,
    );
  }
  for (const usual of labelNames) {
    const found = names.find((name) => name.toLowerCase() === usual);
    if (found !== undefined) return found;
  }
  const candidates = twoValued(table, distinct);
  throw new UserError(
    'LABEL_NOT_FOUND',
    `Which column of ${table.source} is to be predicted? None has a usual name (label, target, y, churned …).`,
    candidates.length > 0
      ? `Say it with --label. ${candidates.length === 1 ? 'One column has' : 'Columns that have'} two values: ${list(candidates)}.`
      : `Say it with --label. No column has exactly two values, so none can be a binary label; the columns are ${list(names)}.`,
  );
}

function notBinary(label: string, classes: number, table: TableSource, distinct: ReadonlyMap<string, number>): UserError {
  const candidates = twoValued(table, distinct).filter((name) => name !== label);
  const has = classes === 0 ? 'no value at all' : classes === 1 ? 'one value in all rows' : `about ${distinct.get(label) ?? 'many'} values`;
  return new UserError(
    'LABEL_NOT_BINARY',
    `The label \`${visibleText(label)}\` has ${has}; a binary task needs two.`,
    candidates.length > 0
      ? `Name another with --label: ${list(candidates)}. Several classes and numbers to predict come in a later version.`
      : 'Several classes and numbers to predict come in a later version; until then make a column of two values.',
  );
}

/** Of two values neither of which says yes, the rarer is usually what one looks for. */
const rarer = (classes: readonly { readonly value: string; readonly n: number }[]) =>
  [...classes].sort((a, b) => a.n - b.n)[0] ?? { value: '1', n: 0 };

/** A column that is named as an id is one if no value is missing or stands twice. */
async function findId(engine: QueryEngine, table: TableSource, counts: Counts, label: string): Promise<string | undefined> {
  const candidates = table.columns
    .filter(({ name, type }) => name !== label && isIdName(name) && (type === 'integer' || type === 'text') && counts.nulls.get(name) === 0)
    .map(({ name }) => name)
    .sort((a, b) => Number(b.toLowerCase() === 'id') - Number(a.toLowerCase() === 'id'));
  for (const name of candidates) {
    // The estimate is some percent off at most: what is far from unique needs no second look.
    if ((counts.distinct.get(name) ?? 0) < counts.rows * 0.8) continue;
    const [row] = await engine.rows<{ n: number }>(`SELECT count(DISTINCT ${identifier(name)}) AS n FROM ${table.relation}`);
    if (row?.n === counts.rows) return name;
  }
  return undefined;
}

const isIdName = (name: string) =>
  /^(?:id|uuid|guid|key)$|(?:_|-|\.)(?:id|uuid|key)$|[a-z]I[dD]$/i.test(name) && !/^(?:paid|valid|grid|bid)$/i.test(name);
const twoValued = (table: TableSource, distinct: ReadonlyMap<string, number>) =>
  table.columns.map(({ name }) => name).filter((name) => distinct.get(name) === 2);
const list = (names: readonly string[]) => {
  const shown = names.slice(0, 12).map(visibleText).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
};
