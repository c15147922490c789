import { canonicalText } from '../dataset/canonical-text.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { type ColumnType, castText, columnTypeOf, sqlTypeOf } from '../source/column-type.ts';
import { fileList } from '../source/file-list.ts';
import type { LogFiles } from './log-files.ts';
import { fieldWords, listBroken, timePattern } from './log-rule.ts';
import { type LogField, logFields, optionalFields } from './prediction-log.ts';
import type { StagedLog } from './staged-log.ts';

interface Described {
  readonly column_name: string;
  readonly column_type: string;
}

const isText = (type: string) => type === 'VARCHAR';
const isNumber = (type: string) => ['number', 'integer'].includes(columnTypeOf(type));
const isScalar = (type: string) => !/^(?:STRUCT|MAP|UNION)|\]$/.test(type);
const accepts: Readonly<Record<LogField, (type: string) => boolean>> = {
  id: isText,
  time: (type) => type.startsWith('TIMESTAMP') || isText(type),
  model: isText,
  version: isText,
  // A column of nulls alone is written as integers by some.
  variant: (type) => isText(type) || type === 'INTEGER',
  features: (type) => type.startsWith('STRUCT'),
  score: isNumber,
  prediction: isScalar,
  latency_ms: isNumber,
  degraded: (type) => type === 'BOOLEAN',
  label: isScalar,
};

/** A view over Parquet files; nothing is copied. Pieces may differ in the features that they hold. */
export async function stageParquetLog(
  engine: QueryEngine,
  source: string,
  { files }: LogFiles,
  { types = {} }: { readonly types?: Readonly<Record<string, ColumnType>> },
): Promise<StagedLog> {
  const scan = `read_parquet(${fileList(files)}, union_by_name = true, file_row_number = true, hive_partitioning = false)`;
  const described = await describe(engine, source, files, scan);
  const columns = new Map(described.map(({ column_name, column_type }) => [column_name, column_type]));
  for (const field of logFields) requireField(source, columns, field);
  const unknown = [...columns.keys()].filter((name) => !(logFields as readonly string[]).includes(name) && name !== 'file_row_number');

  const fields = await engine.rows<Described>(`DESCRIBE SELECT UNNEST(features) FROM ${scan}`);
  const has = (field: LogField) => columns.has(field);
  const typeOf = (field: LogField) => columns.get(field) ?? 'VARCHAR';
  const text = (field: LogField) =>
    has(field) ? canonicalText(identifier(field), { type: columnTypeOf(typeOf(field)), sqlType: typeOf(field) }) : 'CAST(NULL AS VARCHAR)';
  const time = isText(typeOf('time')) ? 'TRY_CAST(TRY_CAST(time AS TIMESTAMPTZ) AS TIMESTAMP)' : 'CAST(time AS TIMESTAMP)';
  const number = (field: LogField) => `CAST(${field} AS DOUBLE)`;

  const nested = fields.filter(({ column_type }) => !isScalar(column_type));
  const doubles = fields.filter(({ column_type }) => /^(?:DOUBLE|FLOAT)$/.test(column_type));
  const nullable: readonly LogField[] = [...optionalFields, 'score', 'prediction'];
  const rules = [
    ...logFields.filter((field) => !nullable.includes(field)).map((field) => ({ code: `missing:${field}`, sql: `${field} IS NULL` })),
    { code: 'value:id', sql: `id = ''` },
    { code: 'value:model', sql: `model = ''` },
    { code: 'value:version', sql: `NOT regexp_full_match(version, 'v[1-9][0-9]*')` },
    { code: 'value:latency_ms', sql: `NOT (${number('latency_ms')} >= 0) OR isinf(${number('latency_ms')})` },
    ...(isText(typeOf('time')) ? [{ code: 'value:time', sql: `${time} IS NULL OR NOT regexp_full_match(time, '${timePattern}')` }] : []),
    { code: 'not-finite:score', sql: `NOT isfinite(${number('score')})` },
    ...(['prediction', 'label'] as const)
      .filter((field) => /^(?:DOUBLE|FLOAT)$/.test(typeOf(field)))
      .map((field) => ({ code: `not-finite:${field}`, sql: `NOT isfinite(${field})` })),
    ...(unknown.length > 0 ? [{ code: 'unknown-field', sql: 'true' }] : []),
    ...(nested.length > 0 ? [{ code: 'nested-feature', sql: 'true' }] : []),
    // NaN is how data frames write a missing number; an infinity is nobody's missing value.
    ...(doubles.length > 0
      ? [
          {
            code: 'feature-not-finite',
            sql: doubles.map(({ column_name }) => `coalesce(isinf(features.${identifier(column_name)}), false)`).join(' OR '),
          },
        ]
      : []),
  ];
  const rows = `(SELECT CAST(file_index + 1 AS INTEGER) AS file, CAST(file_row_number + 1 AS BIGINT) AS line, ${listBroken(rules)} AS broken,
    [${unknown.map(literal).join(', ')}]::VARCHAR[] AS unknown, id, ${time} AS time, model, version,
    ${has('variant') ? 'CAST(variant AS VARCHAR)' : 'CAST(NULL AS VARCHAR)'} AS variant, ${number('score')} AS score, ${text('prediction')} AS prediction,
    ${number('latency_ms')} AS latency_ms, ${has('degraded') ? 'coalesce(degraded, false)' : 'false'} AS degraded, ${text('label')} AS label,
    true AS complete, features FROM ${scan})`;
  const features = fields.map(({ column_name: name, column_type }) => {
    const plain = `features.${identifier(name)}`;
    const declared = Object.hasOwn(types, name) ? types[name] : undefined;
    const cast = column_type === 'VARCHAR' && declared !== undefined && declared !== 'text';
    const sqlType = cast ? sqlTypeOf[declared] : column_type;
    return {
      column: { name, type: columnTypeOf(sqlType), sqlType },
      sql: cast ? castText(plain, declared) : plain,
      kind: kindOf(column_type),
    };
  });
  return {
    rows,
    features: features.map(({ column }) => column),
    featureSql: Object.fromEntries(features.map(({ column, sql }) => [column.name, sql])),
    kindSql: Object.fromEntries(features.map(({ column, kind }) => [column.name, `'${kind}'`])),
    place: 'row',
  };
}

function kindOf(sqlType: string): 'number' | 'boolean' | 'time' | 'text' {
  const type = columnTypeOf(sqlType);
  return type === 'integer' || type === 'number' ? 'number' : type === 'boolean' ? 'boolean' : type === 'text' ? 'text' : 'time';
}

async function describe(engine: QueryEngine, source: string, files: LogFiles['files'], scan: string): Promise<readonly Described[]> {
  try {
    return await engine.rows<Described>(`DESCRIBE SELECT * FROM ${scan}`);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    const file = files.find((one) => message.includes(one.file))?.path ?? (files.length === 1 ? files[0]?.path : undefined) ?? source;
    throw new UserError('LOG_UNREADABLE', `${file} is not a Parquet file, or it was cut short.`, 'Write it again.', { file });
  }
}

function requireField(source: string, columns: ReadonlyMap<string, string>, field: LogField): void {
  const type = columns.get(field);
  if (type === undefined) {
    if (optionalFields.includes(field)) return;
    throw new UserError(
      'LOG_COLUMN_MISSING',
      `${source} has no column ${field}, so it is no prediction log.`,
      `A log has ${logFields.filter((name) => !optionalFields.includes(name)).join(', ')}; \`features\` is a STRUCT. This has ${[
        ...columns.keys(),
      ]
        .filter((name) => name !== 'file_row_number')
        .slice(0, 20)
        .join(', ')}.`,
      { file: source },
    );
  }
  if (!accepts[field](type)) {
    const short = type.length > 60 ? `${type.slice(0, 57)}...` : type;
    throw new UserError('LOG_COLUMN_TYPE', `Column ${field} of ${source} is ${short}.`, `It must be ${fieldWords[field]}.`, {
      file: source,
    });
  }
}
