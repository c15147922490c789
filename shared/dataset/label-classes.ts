import type { DataConfig, ModelConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { SourceColumn } from '../source/table-source.ts';
import { positiveLabel } from './positive-label.ts';
import { type Notice, rowsInWords, work } from './prepare-rows.ts';

/** Beyond this a label is no longer a set of classes. */
const mostClasses = 1000;

export interface LabelClasses {
  /** The value that counts as 1, as canonical text; null unless the task is binary. */
  readonly positive: string | null;
  /** SELECT expression of the label on the row alias `r`. */
  readonly sql: string;
  readonly notices: readonly Notice[];
}

/**
 * What the label's values are good for. Class labels that a floating-point column holds (pandas does so when a value is missing) are
 * written as whole numbers, so that `1` is `1` for every reader.
 *
 * @throws UserError `LABEL_NOT_NUMERIC`, `LABEL_CLASSES`, and those of `positiveLabel`.
 */
export async function labelClasses(
  engine: QueryEngine,
  table: string,
  label: SourceColumn,
  task: ModelConfig['task'],
  configured: DataConfig['positive'],
): Promise<LabelClasses> {
  const column = `r.${identifier(label.name)}`;
  if (task === 'regression' || task === 'ranking') {
    if (label.type === 'number' || label.type === 'integer') return { positive: null, sql: column, notices: [] };
    throw new UserError(
      'LABEL_NOT_NUMERIC',
      `The label ${label.name} holds ${label.sqlType}; a ${task} needs numbers.`,
      'Set task: binary or multiclass, or correct data.label.',
    );
  }
  const found = await engine.rows<{ name: string; rows: number }>(
    `SELECT ${work.label} AS name, count(*) AS rows FROM ${table} GROUP BY 1 ORDER BY 1 LIMIT ${mostClasses + 1}`,
  );
  const classes = found.map(({ name }) => name);
  if (classes.length > mostClasses) {
    throw new UserError(
      'LABEL_CLASSES',
      `The label ${label.name} has more than ${mostClasses.toLocaleString('en-US')} different values; a ${task} task needs ${task === 'binary' ? 'two' : 'classes'}.`,
      'Set task: regression, or correct data.label.',
    );
  }
  const positive = task === 'binary' ? positiveLabel(label.name, classes, configured) : null;
  const whole = label.type === 'number' && classes.every((name) => /^-?\d{1,15}$/.test(name));
  const only = found.length === 1 ? found[0] : undefined;
  return {
    positive,
    sql: whole ? `CAST(${column} AS BIGINT) AS ${identifier(label.name)}` : column,
    notices: only
      ? [{ code: 'ONE_CLASS', message: `All ${rowsInWords(only.rows)} have the same ${label.name}: nothing can be learnt from them.` }]
      : [],
  };
}
