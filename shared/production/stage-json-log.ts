import { canonicalText } from '../dataset/canonical-text.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { type ColumnType, castText, columnTypeOf, sqlTypeOf } from '../source/column-type.ts';
import { compressionOf, fileList } from '../source/file-list.ts';
import { newTableName } from '../source/table-name.ts';
import type { SourceColumn } from '../source/table-source.ts';
import { emptyLog, type LogFiles } from './log-files.ts';
import { listBroken, timePattern } from './log-rule.ts';
import { type LogField, logFields, optionalFields } from './prediction-log.ts';
import type { StagedLog } from './staged-log.ts';

/** Bytes of the longest line: a request of a few thousand features fits many times. */
const longestLine = 16_777_216;
/** Beyond so many, names are values: an id that became a key. */
const mostFeatures = 10_000;

/**
 * Parses JSON lines once into a table of the engine, which spills to disk where it outgrows the memory: typed columns, and beside them
 * what each line breaks. Nothing is dropped here but blank lines.
 */
export async function stageJsonLog(
  engine: QueryEngine,
  source: string,
  { files }: LogFiles,
  { types = {}, requires = [] }: { readonly types?: Readonly<Record<string, ColumnType>>; readonly requires?: readonly string[] },
): Promise<StagedLog> {
  const raw = newTableName();
  const scan = `read_csv(${fileList(files)}, columns = {'text': 'VARCHAR'}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', strict_mode = false, compression = '${compressionOf(files)}', max_line_size = ${longestLine}, filename = true, hive_partitioning = false)`;
  try {
    await engine.run(
      `CREATE TEMP TABLE ${raw} AS SELECT CAST(list_position([${files.map(({ file }) => literal(file)).join(', ')}], filename) AS INTEGER) AS file, text, CASE WHEN json_valid(text) THEN json_type(text) END AS kind FROM ${scan}`,
    );
  } catch (cause) {
    throw unreadable(source, files, cause);
  }
  const firsts = await engine.rows<{ file: number; first: number }>(
    `SELECT file, CAST(min(rowid) AS DOUBLE) AS first FROM ${raw} GROUP BY file ORDER BY file`,
  );
  if (firsts.length === 0) throw emptyLog(source);
  const first = `list_extract([${files.map((_, index) => firsts.find(({ file }) => file === index + 1)?.first ?? 0).join(', ')}], file)`;
  const line = `CAST(rowid - ${first} + 1 AS BIGINT)`;

  const structure = await featureStructure(engine, `SELECT text AS j FROM ${raw} WHERE kind = 'OBJECT'`);
  const names = Object.keys(structure);
  if (names.length > mostFeatures) {
    throw new UserError(
      'LOG_TOO_MANY_FEATURES',
      `The lines of ${source} name ${names.length.toLocaleString('en-US')} different features.`,
      'A feature is named by its input, the same in every line: a value (an id, a date) must not be a key.',
    );
  }
  refuseTwins(source, names);
  const parsed = JSON.stringify({
    id: 'VARCHAR',
    time: 'VARCHAR',
    model: 'VARCHAR',
    version: 'VARCHAR',
    variant: 'VARCHAR',
    score: 'DOUBLE',
    prediction: 'JSON',
    latency_ms: 'DOUBLE',
    degraded: 'BOOLEAN',
    label: 'JSON',
    ...(names.length > 0 && { features: structure }),
  });
  const paths = logFields.map((field) => literal(`$.${field}`)).join(', ');
  const known = logFields.map((field) => literal(field)).join(', ');
  const table = newTableName();
  await engine.run(`CREATE TEMP TABLE ${table} AS
    SELECT file, line, ${listBroken(rules)} AS broken,
      list_distinct(list_filter(keys, k -> k NOT IN (${known}))) AS unknown,
      r.id AS id, TRY_CAST(TRY_CAST(r.time AS TIMESTAMPTZ) AS TIMESTAMP) AS time, r.model AS model, r.version AS version, r.variant AS variant,
      r.score AS score, ${scalarText('r.prediction')} AS prediction, r.latency_ms AS latency_ms, coalesce(r.degraded, false) AS degraded,
      ${scalarText('r.label')} AS label, ${requires.length === 0 ? 'true' : `list_has_all(fkeys, [${requires.map(literal).join(', ')}])`} AS complete,
      ${names.length > 0 ? 'r.features' : 'NULL'} AS features
    FROM (
      SELECT file, line, valid, text, json_type(j, [${paths}]) AS kinds, json_keys(j) AS keys, json_keys(j, '$.features') AS fkeys,
        json_type(j, '$.features.*') AS fkinds, from_json(j, ${literal(parsed)}) AS r, j
      FROM (
        SELECT file, ${line} AS line, text, kind IS NOT NULL AS valid, CASE kind WHEN 'OBJECT' THEN text END AS j FROM ${raw} WHERE trim(text) <> ''
      )
    )`);
  await engine.run(`DROP TABLE ${raw}`);
  const features = names.map((name) => featureColumn(name, String(structure[name]), types));
  return {
    rows: `(SELECT * FROM ${table})`,
    features: features.map(({ column }) => column),
    featureSql: Object.fromEntries(features.map(({ column, sql }) => [column.name, sql])),
    kindSql: Object.fromEntries(features.map(({ column, kind }) => [column.name, kind])),
    place: 'line',
  };
}

/**
 * Every key that a line's features have, in the first line's order and then by name, with the narrowest type that holds all its values;
 * mixed and nested ones stay JSON.
 */
async function featureStructure(engine: QueryEngine, objects: string): Promise<Readonly<Record<string, string>>> {
  const pairs = await engine.rows<{ name: string; type: string }>(
    `SELECT DISTINCT unnest(json_keys(j, '$.features')) AS name, unnest(json_type(j, '$.features.*')) AS type FROM (${objects}) ORDER BY 1, 2`,
  );
  const [sample] = await engine.rows<{ names: string[] }>(
    `SELECT json_keys(j, '$.features') AS names FROM (${objects}) WHERE json_type(j, '$.features') = 'OBJECT' LIMIT 1`,
  );
  const types = new Map<string, string[]>((sample?.names ?? []).map((name) => [name, []]));
  for (const { name, type } of pairs) types.set(name, [...(types.get(name) ?? []), type]);
  return Object.fromEntries(Array.from(types, ([name, found]) => [name, commonType(found)]));
}

function commonType(found: readonly string[]): string {
  const types = found.filter((type) => type !== 'NULL');
  const all = (...allowed: string[]) => types.length > 0 && types.every((type) => allowed.includes(type));
  for (const type of ['VARCHAR', 'BOOLEAN', 'UBIGINT']) if (all(type)) return type;
  if (all('UBIGINT', 'BIGINT')) return 'BIGINT';
  return all('UBIGINT', 'BIGINT', 'DOUBLE') ? 'DOUBLE' : 'JSON';
}

/** Columns have no upper and lower case in SQL, and need a name. */
function refuseTwins(source: string, names: readonly string[]): void {
  if (names.includes(''))
    throw new UserError('LOG_FEATURE_NAMES', `${source} has a feature without a name.`, 'Name it by the input of the model.', {
      file: source,
    });
  const folded = names.map((name) => name.toLowerCase());
  const twin = names.findIndex((_, index) => folded.indexOf(folded[index] ?? '') !== index);
  if (twin === -1) return;
  throw new UserError(
    'LOG_FEATURE_NAMES',
    `${source} has two features whose names differ in upper and lower case alone: ${names[folded.indexOf(folded[twin] ?? '')]} and ${names[twin]}.`,
    'Write one of them.',
    { file: source },
  );
}

/** A feature as its table has it, and as SQL makes it from the STRUCT: mixed kinds are text, text of a declared type is cast. */
function featureColumn(name: string, structured: string, types: Readonly<Record<string, ColumnType>>) {
  const plain = `features.${identifier(name)}`;
  const isJson = structured === 'JSON';
  const text = isJson ? `(${plain} ->> '$')` : plain;
  const declared = Object.hasOwn(types, name) ? types[name] : undefined;
  const isText = isJson || structured === 'VARCHAR';
  const cast = isText && declared !== undefined && declared !== 'text';
  const sqlType = cast ? sqlTypeOf[declared] : isJson ? 'VARCHAR' : structured;
  const column: SourceColumn = { name, type: columnTypeOf(sqlType), sqlType };
  const kind = isJson
    ? `CASE json_type(${plain}) WHEN 'VARCHAR' THEN 'text' WHEN 'BOOLEAN' THEN 'boolean' ELSE 'number' END`
    : `'${structured === 'VARCHAR' ? 'text' : structured === 'BOOLEAN' ? 'boolean' : 'number'}'`;
  return { column, sql: cast ? castText(text, declared) : text, kind };
}

/** A JSON scalar as canonical text: 1, 1.0 and "1" are `1`. */
const scalarText = (json: string) =>
  `CASE json_type(${json}) WHEN 'DOUBLE' THEN ${canonicalText(`CAST(${json} AS DOUBLE)`, { type: 'number', sqlType: 'DOUBLE' })} ELSE ${json} ->> '$' END`;

const kind = (field: LogField) => `kinds[${logFields.indexOf(field) + 1}]`;
const numbers = `('DOUBLE', 'UBIGINT', 'BIGINT', 'HUGEINT', 'UHUGEINT')`;
const isKind = (field: LogField, ...kinds: string[]) => `${kind(field)} IN (${kinds.map(literal).join(', ')})`;
const there = (field: LogField) => `${kind(field)} IS NOT NULL`;
const scalar = (field: LogField) => `(${kind(field)} IN ${numbers} OR ${isKind(field, 'VARCHAR', 'BOOLEAN', 'NULL')})`;

/** The published schema as conditions on one line; `stage-json-log.test.ts` holds them to it. */
const fieldRules: Readonly<Record<LogField, { readonly type: string; readonly value?: string }>> = {
  id: { type: isKind('id', 'VARCHAR'), value: `r.id <> ''` },
  time: {
    type: isKind('time', 'VARCHAR'),
    value: `regexp_full_match(r.time, '${timePattern}') AND TRY_CAST(r.time AS TIMESTAMPTZ) IS NOT NULL`,
  },
  model: { type: isKind('model', 'VARCHAR'), value: `r.model <> ''` },
  version: { type: isKind('version', 'VARCHAR'), value: `regexp_full_match(r.version, 'v[1-9][0-9]*')` },
  variant: { type: isKind('variant', 'VARCHAR', 'NULL') },
  features: { type: isKind('features', 'OBJECT') },
  score: { type: `(${kind('score')} IN ${numbers} OR ${isKind('score', 'NULL')})` },
  prediction: { type: scalar('prediction') },
  latency_ms: { type: `${kind('latency_ms')} IN ${numbers}`, value: 'r.latency_ms >= 0' },
  degraded: { type: isKind('degraded', 'BOOLEAN') },
  label: { type: scalar('label') },
};

const notFinite = (json: string) => `regexp_full_match(CAST(${json} AS VARCHAR), '[+-]?(nan|inf|infinity)', 'i')`;
/** Taken apart only where the kind says that it may be one. */
const numberIsNot = (field: 'prediction' | 'label') =>
  `CASE WHEN ${kind(field)} = 'DOUBLE' THEN ${notFinite(`json_extract(j, '$.${field}')`)} ELSE false END`;
const rules = [
  { code: 'not-json', sql: 'NOT valid' },
  { code: 'not-an-object', sql: 'valid AND j IS NULL' },
  ...logFields
    .filter((field) => !optionalFields.includes(field))
    .map((field) => ({ code: `missing:${field}`, sql: `j IS NOT NULL AND ${kind(field)} IS NULL` })),
  ...logFields.flatMap((field) => {
    const { type, value } = fieldRules[field];
    return [
      { code: `type:${field}`, sql: `${there(field)} AND NOT (${type})` },
      ...(value ? [{ code: `value:${field}`, sql: `(${type}) AND NOT coalesce(${value}, false)` }] : []),
    ];
  }),
  // Python's json writes NaN and Infinity, which JSON does not know.
  { code: 'not-finite:score', sql: `${kind('score')} = 'DOUBLE' AND NOT coalesce(isfinite(r.score), false)` },
  { code: 'not-finite:prediction', sql: numberIsNot('prediction') },
  { code: 'not-finite:label', sql: numberIsNot('label') },
  { code: 'unknown-field', sql: `len(list_filter(keys, k -> k NOT IN (${logFields.map(literal).join(', ')}))) > 0` },
  { code: 'repeated-field', sql: 'len(keys) <> len(list_distinct(keys))' },
  { code: 'nested-feature', sql: `list_has_any(fkinds, ['OBJECT', 'ARRAY'])` },
  {
    code: 'feature-not-finite',
    // The text is searched first, so that only lines that may hold one are taken apart.
    sql: `CASE WHEN regexp_matches(text, '(?i)[:]\\s*[+-]?(nan|inf)') THEN len(list_filter(json_extract(j, '$.features.*'), v -> ${notFinite('v')})) > 0 ELSE false END`,
  },
];

function unreadable(source: string, files: LogFiles['files'], cause: unknown): UserError {
  const text = cause instanceof Error ? cause.message : '';
  const line = Number(/on Line: (\d+)/i.exec(text)?.[1]) || undefined;
  const named = files.find(({ file }) => text.includes(file))?.path ?? (files.length === 1 ? files[0]?.path : undefined) ?? source;
  const why = /unicode|utf-?8/i.test(text)
    ? 'is not UTF-8'
    : /maximum line size/i.test(text)
      ? 'is longer than 16 MB'
      : 'can not be read as a line of text';
  return new UserError(
    'LOG_UNREADABLE',
    line
      ? `Line ${line} of ${named} ${why}.`
      : `${named} ${/gzip|compress/i.test(text) ? 'is not a gzip file, or it was cut short' : why}.`,
    'Write the log as UTF-8 JSON lines, one answer a line.',
    line ? { file: named, line } : { file: named },
  );
}
