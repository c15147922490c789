import type { QueryEngine } from '../../query/query-engine.ts';
import { identifier } from '../../query/sql-text.ts';
import type { ChosenColumns } from './choose-columns.ts';
import type { CategoricalEncoding, NumericEncoding } from './encoding.ts';
import type { LogisticParams } from './params.ts';

/** Whole numbers from here on can hardly be told apart by a double: they count as missing. */
export const largestCategory = 9e15;

/** A category column's value as text; '' where missing. Numbers that are not whole count as missing, as they do in the graph. */
export function categoryText(name: string, of: 'text' | 'number'): string {
  const column = identifier(name);
  if (of === 'text') return `coalesce(CAST(${column} AS VARCHAR), '')`;
  const number = `CAST(${column} AS DOUBLE)`;
  return `coalesce(CAST(CASE WHEN abs(${number}) < ${largestCategory} AND ${number} = trunc(${number}) THEN CAST(${number} AS BIGINT) END AS VARCHAR), '')`;
}

/** No more weights than this for all categories together: the normal equations grow with its square. */
const mostCategories = 2_000;

/** The frequent categories of each column of the training rows; ties by text, so that the choice never depends on the order of rows. */
export async function learnCategories(
  engine: QueryEngine,
  relation: string,
  { categorical }: ChosenColumns,
  params: LogisticParams,
): Promise<readonly CategoricalEncoding[]> {
  const limit = Math.max(1, Math.min(params.maxCategories, Math.floor(mostCategories / Math.max(1, categorical.length))));
  const encodings: CategoricalEncoding[] = [];
  for (const { name, of } of categorical) {
    const found = await engine.rows<{ category: string }>(
      `SELECT ${categoryText(name, of)} AS category, count(*) AS n FROM ${relation} GROUP BY 1 HAVING count(*) >= ${params.minCount} ORDER BY n DESC, category LIMIT ${limit}`,
    );
    // Nothing is frequent: names or ids, of which a weight would only learn the noise.
    if (found.length > 0) encodings.push({ name, of, categories: found.map(({ category }) => category).sort() });
  }
  return encodings;
}

/**
 * Centre, scale and filling of one column from its training values, NaN where missing. Mean and standard deviation are of the present
 * values after filling, by two passes in row order, so that they are the same on every machine.
 */
export function learnNumeric(
  name: string,
  values: Float64Array,
  params: Pick<LogisticParams, 'impute' | 'missingIndicator'>,
): NumericEncoding {
  let present = 0;
  let sum = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    present++;
    sum += value;
  }
  const mean = present === 0 ? 0 : sum / present;
  const fill = params.impute === 'median' && present > 0 ? medianOf(values, present) : mean;
  const missing = values.length - present;
  const centre = (mean * present + fill * missing) / Math.max(1, values.length);
  let squares = missing * (fill - centre) ** 2;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isFinite(value)) squares += (value - centre) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, values.length));
  return {
    name,
    fill,
    centre,
    scale: deviation > 1e-12 * Math.abs(centre) ? deviation : 1,
    indicator: params.missingIndicator && missing > 0,
  };
}

function medianOf(values: Float64Array, present: number): number {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  return (sorted[(present - 1) >> 1]! + sorted[present >> 1]!) / 2;
}
