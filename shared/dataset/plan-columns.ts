import type { DataConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { nearestName } from '../spec/nearest-name.ts';
import { durationMicroseconds } from './duration.ts';
import { rowIdColumn, rowNumberColumn } from './manifest.ts';
import { requireInstant, type TimeKey, timeKey } from './time-key.ts';

/** Columns of the working tables, which no source may have. */
export const workPrefix = 'weighin_';

/** A feature table to be joined as of each row's time. */
export interface JoinPlan {
  readonly table: TableSource;
  /** `data.features[0]`, for messages. */
  readonly option: string;
  /** Matched columns, the rows' beside the feature table's. */
  readonly entity: readonly { readonly row: SourceColumn; readonly feature: SourceColumn }[];
  readonly time: SourceColumn;
  readonly columns: readonly SourceColumn[];
  /** Microseconds; older values count as missing, one exactly this old is kept. */
  readonly maxAge: number | null;
}

/** The config's names, resolved against the columns that the data has. */
export interface ColumnPlan {
  readonly source: TableSource;
  readonly label: SourceColumn;
  readonly id: SourceColumn | null;
  readonly cluster: SourceColumn | null;
  readonly time: SourceColumn | null;
  readonly labelTime: SourceColumn | null;
  readonly joins: readonly JoinPlan[];
  /** Columns that a model may read: what is left of the source's and the joined ones, in that order. */
  readonly features: readonly SourceColumn[];
}

/**
 * Not features: label, id, times and `exclude`, and the cluster too, since it names who a row belongs to, which a model would learn by
 * heart. The entity of a join stays one (an airport, a shop) unless it is the id.
 *
 * @throws UserError `COLUMN_UNKNOWN`, `COLUMN_RESERVED`, `COLUMN_COLLISION`, `TIME_NEEDED`, `TIME_TYPE`, `TIME_KINDS_DIFFER`, `TIME_WITHOUT_UNIT`.
 */
export function planColumns(config: DataConfig, source: TableSource, tables: readonly TableSource[]): ColumnPlan {
  refuseReserved(source);
  const optional = (name: string | undefined, option: string) => (name === undefined ? null : find(source, name, option));
  const label = find(source, config.label, 'data.label');
  const id = optional(config.id, 'data.id');
  const cluster = optional(config.cluster, 'data.cluster');
  const time = optional(config.time, 'data.time');
  const labelTime = optional(config.labelTime, 'data.labelTime');
  const joins = config.features.map((feature, index) => planJoin(feature, index, source, tables[index]!, time));
  refuseCollisions(source, joins);

  const all = [...source.columns, ...joins.flatMap((join) => join.columns)];
  const excluded = (config.exclude ?? []).map((name) => find({ source: source.source, columns: all }, name, 'data.exclude'));
  const notFeatures = new Set([label, id, cluster, time, labelTime, ...excluded].map((column) => column?.name));
  return { source, label, id, cluster, time, labelTime, joins, features: all.filter(({ name }) => !notFeatures.has(name)) };
}

function planJoin(
  feature: DataConfig['features'][number],
  index: number,
  source: TableSource,
  table: TableSource,
  rowTime: SourceColumn | null,
): JoinPlan {
  const option = `data.features[${index}]`;
  if (!rowTime) throw timeNeeded(`${option} joins the values known at each row's time`);
  refuseReserved(table);
  const names = typeof feature.entity === 'string' ? [feature.entity] : feature.entity;
  const entity = names.map((name) => ({
    row: find(source, name, `${option}.entity`),
    feature: find(table, name, `${option}.entity`),
  }));
  const time = find(table, feature.time, `${option}.time`);
  const rowKey = timeKey('x', rowTime, 'data.time');
  const featureKey = timeKey('x', time, `${option}.time`);
  requireSameKind(rowTime, rowKey, time, featureKey, option);
  if (feature.maxAge !== undefined) requireInstant(featureKey, time, `${option}.maxAge`);
  const left = new Set([time.name, ...names]);
  const columns = feature.columns
    ? feature.columns.map((name) => find(table, name, `${option}.columns`))
    : table.columns.filter(({ name }) => !left.has(name));
  return { table, option, entity, time, columns, maxAge: feature.maxAge === undefined ? null : durationMicroseconds(feature.maxAge) };
}

export const timeNeeded = (what: string) =>
  new UserError('TIME_NEEDED', `${what}, but data.time is not set.`, 'Set data.time to the column that says when a row was known.');

function find(table: Pick<TableSource, 'source' | 'columns'>, name: string, option: string): SourceColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found) return found;
  const names = table.columns.map((column) => column.name);
  const nearest = nearestName(name, names);
  const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
  throw new UserError(
    'COLUMN_UNKNOWN',
    `${option} names the column "${name}", which ${table.source} doesn't have.`,
    nearest ? `Did you mean "${nearest}"?` : `It has: ${shown}.`,
  );
}

function requireSameKind(rowTime: SourceColumn, rowKey: TimeKey, time: SourceColumn, featureKey: TimeKey, option: string): void {
  if (rowKey.kind === featureKey.kind) return;
  throw new UserError(
    'TIME_KINDS_DIFFER',
    `${option}.time (${time.name}, ${time.sqlType}) can't be compared with data.time (${rowTime.name}, ${rowTime.sqlType}): one is a number, the other a time.`,
    'Store both as timestamps.',
  );
}

function refuseReserved({ source, columns }: TableSource): void {
  // What a model is fed is an object by its columns' names, which would lose this one.
  if (columns.some(({ name }) => name === '__proto__'))
    throw new UserError('COLUMN_RESERVED', `${source} has a column named __proto__, which no model can be fed.`, 'Rename it.');
  const taken = columns.find(({ name }) => {
    const folded = name.toLowerCase();
    return folded === rowNumberColumn || folded === rowIdColumn || folded.startsWith(workPrefix);
  });
  if (!taken) return;
  throw new UserError(
    'COLUMN_RESERVED',
    `${source} has a column "${taken.name}", a name that Weighin keeps for itself.`,
    `Rename the column; ${rowNumberColumn}, ${rowIdColumn} and names that begin with ${workPrefix} are taken.`,
  );
}

/** SQL knows no case in names, so `Age` and `age` collide too. */
function refuseCollisions(source: TableSource, joins: readonly JoinPlan[]): void {
  const owners = new Map(source.columns.map(({ name }) => [name.toLowerCase(), `${source.source} (data.source)`]));
  for (const { table, option, columns } of joins) {
    for (const { name } of columns) {
      const here = `${table.source} (${option})`;
      const owner = owners.get(name.toLowerCase());
      if (owner !== undefined) {
        throw new UserError(
          'COLUMN_COLLISION',
          `Both ${owner} and ${here} bring a column "${name}".`,
          `Rename it in one of them, or choose others with ${option}.columns.`,
        );
      }
      owners.set(name.toLowerCase(), here);
    }
  }
}
