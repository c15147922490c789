import { workPrefix } from './plan-columns.ts';

let built = 0;

export interface WorkNames {
  /** Table of the usable rows. */
  readonly rows: string;
  /** View of them with their split. */
  readonly split: string;
  /** One table for each of `data.features`. */
  readonly features: readonly string[];
  /** Statements that remove all of them. */
  readonly drop: string;
}

/** Names of one build's temporary tables and views, which no other build of this process has. */
export function workNames(features: number): WorkNames {
  const name = `${workPrefix}dataset_${++built}`;
  const names = {
    rows: `${name}_rows`,
    split: `${name}_split`,
    features: Array.from({ length: features }, (_, index) => `${name}_feature_${index}`),
  };
  const tables = [`${names.split}_cuts`, `${names.split}_starts`, names.rows, ...names.features];
  const drop = [`DROP VIEW IF EXISTS ${names.split}`, ...tables.map((table) => `DROP TABLE IF EXISTS ${table}`)].join('; ');
  return { ...names, drop };
}
