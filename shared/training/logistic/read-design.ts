import type { QueryEngine } from '../../query/query-engine.ts';
import { identifier, literal } from '../../query/sql-text.ts';
import type { CategoricalEncoding, Design, Encoding, NumericEncoding } from './encoding.ts';
import { categoryText } from './learn-encoding.ts';

export interface RawDesign {
  readonly rows: number;
  readonly labels: Uint8Array;
  /** NaN where missing. */
  readonly numeric: readonly Float64Array[];
  readonly groups: Design['groups'];
}

/**
 * Reads rows in the relation's order: numbers as they are, categories as codes. The engine looks the codes up (an ENUM is a hash table),
 * since bringing millions of strings over would cost more than the fit.
 */
export async function readRows(
  engine: QueryEngine,
  relation: string,
  labelSql: string,
  numeric: readonly string[],
  categorical: readonly CategoricalEncoding[],
): Promise<RawDesign> {
  const types = categorical.map((_, index) => `weighin_categories_${index}`);
  try {
    for (const [index, { categories }] of categorical.entries()) {
      const names = categories.length > 0 ? categories : [''];
      await engine.run(`CREATE OR REPLACE TYPE ${types[index]} AS ENUM (${names.map(literal).join(', ')})`);
    }
    const selected = [
      `CAST(${labelSql} AS UTINYINT) AS "label"`,
      ...numeric.map((name, index) => `CAST(${identifier(name)} AS DOUBLE) AS "number ${index}"`),
      ...categorical.map(
        ({ name, of }, index) => `CAST(enum_code(TRY_CAST(${categoryText(name, of)} AS ${types[index]})) AS INTEGER) AS "code ${index}"`,
      ),
    ];
    const table = await engine.columns(`SELECT ${selected.join(', ')} FROM ${relation}`);
    const column = (name: string) => {
      const found = table.columns[name];
      if (found?.kind !== 'number') throw new Error(`${name} was cast to a number in the query above`);
      return found.values;
    };
    return {
      rows: table.rowCount,
      labels: Uint8Array.from(column('label')),
      numeric: numeric.map((_, index) => column(`number ${index}`)),
      groups: categorical.map(({ categories }, index) => ({
        codes: toCodes(column(`code ${index}`), categories.length),
        size: categories.length + 1,
      })),
    };
  } finally {
    for (const type of types) await engine.run(`DROP TYPE IF EXISTS ${type}`);
  }
}

/** What is no category gets the last code. */
function toCodes(values: Float64Array, other: number): Uint16Array {
  const codes = new Uint16Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const code = values[row]!;
    codes[row] = code >= 0 && code < other ? code : other;
  }
  return codes;
}

/** Fills and scales the numbers in place, and adds the indicators. */
export function encodeRows(raw: RawDesign, encodings: readonly NumericEncoding[]): Design {
  const indicators: Float64Array[] = [];
  encodings.forEach(({ fill, centre, scale, indicator }, index) => {
    const values = raw.numeric[index]!;
    const marks = indicator ? new Float64Array(raw.rows) : null;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      const present = Number.isFinite(value);
      if (marks && !present) marks[row] = 1;
      values[row] = ((present ? value : fill) - centre) / scale;
    }
    if (marks) indicators.push(marks);
  });
  return { rows: raw.rows, labels: raw.labels, dense: [...raw.numeric, ...indicators], groups: raw.groups };
}

/** Rows of any split through an encoding that was learnt before. */
export async function readDesign(engine: QueryEngine, relation: string, labelSql: string, encoding: Encoding): Promise<Design> {
  const names = encoding.numeric.map(({ name }) => name);
  return encodeRows(await readRows(engine, relation, labelSql, names, encoding.categorical), encoding.numeric);
}
