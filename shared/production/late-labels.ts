import { canonicalText } from '../dataset/canonical-text.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { newTableName } from '../source/table-name.ts';
import type { TableSource } from '../source/table-source.ts';
import type { Notice } from '../verdict/notice.ts';
import { formatMany } from '../words/format-number.ts';
import type { PredictionLog } from './open-prediction-log.ts';
import { requireColumn } from './require-column.ts';

export interface LabelSource {
  readonly table: TableSource;
  /** Column with the request's id; `id` by default. */
  readonly id?: string;
  /** Column of the truth; `label` by default. */
  readonly label?: string;
}

export interface LabelledLog extends PredictionLog {
  readonly labels: {
    /** Answers whose truth is known now. */
    readonly known: number;
    /** Ids with a label of which the log has no answer. */
    readonly unmatched: number;
    /** Ids whose label stands more than once in the labels, and not always the same: the last row counts. */
    readonly changed: number;
    /** Answers whose own label in the log is another than the one that came later: the later one counts. */
    readonly corrected: number;
  };
  readonly notices: readonly Notice[];
}

/**
 * Joins labels that came later to a log, by id, to every variant that answered the request. Of rows with the same id the last counts, and a
 * label of the file counts before the log's own: what is known later is known better. Both are told.
 *
 * @throws UserError `COLUMN_UNKNOWN`, `LABELS_NOT_JOINED` where no id is the log's
 */
export async function joinLabels(
  engine: QueryEngine,
  log: PredictionLog,
  { table, id = 'id', label = 'label' }: LabelSource,
): Promise<LabelledLog> {
  const idColumn = requireColumn(table, id);
  const labelColumn = requireColumn(table, label);
  const labels = newTableName();
  await engine.run(
    `CREATE TEMP TABLE ${labels} AS SELECT id, arg_max(label, turn) AS late, count(DISTINCT label) > 1 AS changed
     FROM (SELECT ${canonicalText(identifier(id), idColumn)} AS id, ${canonicalText(identifier(label), labelColumn)} AS label, __row AS turn FROM ${table.relation})
     WHERE id IS NOT NULL AND label IS NOT NULL GROUP BY id`,
  );
  const relation = `(SELECT answer.* REPLACE (coalesce(late, label) AS label) FROM ${log.relation} AS answer LEFT JOIN ${labels} AS later USING (id))`;
  const [counted] = await engine.rows<{ known: number; joined: number; corrected: number }>(
    `SELECT count(coalesce(late, label)) AS known, count(DISTINCT CASE WHEN late IS NOT NULL THEN id END) AS joined,
       count(*) FILTER (late <> label) AS corrected
     FROM (SELECT id, label FROM ${log.relation}) AS answer LEFT JOIN ${labels} AS later USING (id)`,
  );
  const [given] = await engine.rows<{ ids: number; changed: number }>(
    `SELECT count(*) AS ids, count(*) FILTER (changed) AS changed FROM ${labels}`,
  );
  const { known = 0, joined = 0, corrected = 0 } = counted ?? {};
  const { ids = 0, changed = 0 } = given ?? {};
  if (joined === 0) {
    throw new UserError(
      'LABELS_NOT_JOINED',
      ids === 0 ? `${table.source} holds no label.` : `None of the ${formatMany(ids, 'id')} in ${table.source} is an id of ${log.source}.`,
      `Labels are joined by \`${id}\`, which must be the id that the server logged with its answer.`,
      { file: table.source },
    );
  }
  return { ...log, relation, labels: { known, unmatched: ids - joined, changed, corrected }, notices: noticesOf({ changed, corrected }) };
}

/** A log with the labels that it holds itself. */
export async function withOwnLabels(engine: QueryEngine, log: PredictionLog): Promise<LabelledLog> {
  const [counted] = await engine.rows<{ known: number }>(`SELECT count(label) AS known FROM ${log.relation}`);
  return { ...log, labels: { known: counted?.known ?? 0, unmatched: 0, changed: 0, corrected: 0 }, notices: [] };
}

function noticesOf({ changed, corrected }: { readonly changed: number; readonly corrected: number }): Notice[] {
  const notices: Notice[] = [];
  if (changed > 0)
    notices.push({
      code: 'LABEL_CHANGED',
      message: `${formatMany(changed, 'id')} ${changed === 1 ? 'has' : 'have'} more than one label, not all the same: the last row of each counts.`,
    });
  if (corrected > 0)
    notices.push({
      code: 'LABEL_CORRECTED',
      message: `${formatMany(corrected, 'answer')} ${corrected === 1 ? 'was' : 'were'} logged with another label than the one that came later: the later one counts.`,
    });
  return notices;
}
