import { UserError } from '../errors.ts';
import type { QueryEngine, SqlEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { TableSource } from '../source/table-source.ts';
import { bindColumns } from './bind-columns.ts';
import type { Check } from './contract-result.ts';
import { engineName } from './engine-name.ts';
import type { Judging } from './judge-questions.ts';
import type { SqlQuestion } from './question.ts';
import { meets } from './wording.ts';

/** Aggregates that describe rows together. The answer of others, such as max, may be one row's own value. */
const summaries = new Set([
  'count',
  'count_star',
  'count_if',
  'countif',
  'sum',
  'avg',
  'mean',
  'stddev',
  'stddev_samp',
  'stddev_pop',
  'median',
]);
const readableTables = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EMPTY_FROM', 'EXPRESSION_LIST', 'CTE', 'SET_OPERATION_NODE']);

/** A contract's own SQL is parsed by DuckDB, and judged safe for DuckDB: whatever another engine's functions could reach, nobody has listed. */
export const canRunQueries = (engine: SqlEngine): engine is QueryEngine => engine.dialect.name === 'duckdb' && 'run' in engine;

/** What stands for the answer where a query may not run. */
export function unaskedQuery({ dialect }: SqlEngine, { column }: SqlQuestion): Omit<Check, 'location'> {
  return {
    rule: 'not-checked',
    column,
    status: 'warn',
    severity: 'warn',
    observed: null,
    expected: null,
    failed: 0,
    total: 0,
    message: `${column === null ? '' : `${column}: `}not checked: a query of the contract. It runs on files alone, since on ${engineName(dialect)} its functions could reach other tables; write the rule without SQL, or check a Parquet file of the rows.`,
    rows: [],
  };
}

/**
 * Runs a contract's own query. It sees the table under its name and nothing else: a query that reads files or calls table functions
 * is refused, since a contract may come with a pull request.
 */
export async function judgeSql(
  engine: QueryEngine,
  source: TableSource,
  question: SqlQuestion,
  { table, file, values }: Judging,
): Promise<Pick<Check, 'status' | 'observed' | 'failed' | 'message' | 'rows'>> {
  const names = [table?.name ?? 'data', ...(table?.physicalName ? [table.physicalName] : [])];
  const query = question.query
    .replace(/\$\{(?:table|object|model|schema)\}|\{(?:table|object|model)\}/g, identifier(names[0] ?? 'data'))
    .replace(
      /\$\{(?:column|property|field)\}|\{(?:column|property|field)\}/g,
      question.column === null ? 'NULL' : identifier(question.column),
    );
  const parsed = await parse(engine, query);
  const reason = refusal(parsed, names);
  if (reason !== undefined) {
    throw new UserError(
      'CONTRACT_INVALID',
      `${file}, line ${question.line}: the query ${reason}.`,
      `Write one SELECT that reads ${names[0]} alone.`,
      {
        file,
        ...(question.line !== null && { line: question.line }),
      },
    );
  }

  // As rules see them: a text of a CSV that the contract calls a number is one here too.
  const bound = new Map(
    [...(table ? bindColumns(table, source, engine.dialect).values() : [])].map((column) => [column.name, column.value]),
  );
  const selected = source.columns.map(({ name }) => `${bound.get(name) ?? identifier(name)} AS ${identifier(name)}`).join(', ');
  for (const name of new Set(names.map((spelling) => spelling.toLowerCase()))) {
    await engine.run(`CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS SELECT ${selected} FROM ${source.relation}`);
  }
  const subject = question.column === null ? 'The query' : `${question.column}: the query`;
  try {
    const [row] = await engine.rows<Record<string, unknown>>(query);
    const [first] = row ? Object.values(row) : [];
    const answer = typeof first === 'number' ? first : typeof first === 'boolean' ? Number(first) : undefined;
    if (answer === undefined) {
      return {
        status: 'error',
        observed: null,
        failed: 0,
        rows: [],
        message: `${subject} did not answer with a number; it must be ${question.expected}.`,
      };
    }
    const passes = meets(question.limit, answer);
    const shown = values === 'allow' || isSummary(parsed);
    const message = shown
      ? `${subject} answers ${answer}${passes ? '' : `; it must be ${question.expected}`}.`
      : `${subject} answers with a value that ${passes ? 'is' : 'is not'} ${question.expected} (shown with privacy.values: allow).`;
    return { status: passes ? 'pass' : question.severity, observed: shown ? answer : null, failed: 0, rows: [], message };
  } catch {
    return {
      status: 'error',
      observed: null,
      failed: 0,
      rows: [],
      message: `${subject} can't run on this data: a name or a type in it is wrong.`,
    };
  } finally {
    for (const name of names) await engine.run(`DROP VIEW IF EXISTS temp.${identifier(name)}`);
  }
}

async function parse(engine: QueryEngine, query: string): Promise<unknown> {
  const [row] = await engine.rows<{ tree: string }>(`SELECT CAST(json_serialize_sql(${literal(query)}) AS VARCHAR) AS tree`);
  return JSON.parse(row?.tree ?? '{}');
}

/** Why a query may not run; undefined if it may. Judged on the parsed tree, never on the text. */
function refusal(tree: unknown, names: readonly string[]): string | undefined {
  const parsed = record(tree);
  if (parsed?.['error'] === true) return 'is no SELECT that can be parsed';
  if (!Array.isArray(parsed?.['statements']) || parsed['statements'].length !== 1) return 'must be one statement';

  const allowed = new Set(names.map((name) => name.toLowerCase()));
  let found: string | undefined;
  walk(tree, (node) => {
    // A CTE's name stands as the key of its map's entry.
    if (typeof node['key'] === 'string' && 'value' in node) allowed.add(node['key'].toLowerCase());
  });
  walk(tree, (node) => {
    // Only references to tables carry `sample` beside `alias`.
    if (!('sample' in node && 'alias' in node && typeof node['type'] === 'string')) return;
    if (!readableTables.has(node['type'])) found ??= `reads ${node['type'].toLowerCase().replaceAll('_', ' ')}s`;
    const name = node['table_name'];
    if (
      node['type'] === 'BASE_TABLE' &&
      !(typeof name === 'string' && allowed.has(name.toLowerCase()) && !node['schema_name'] && !node['catalog_name'])
    ) {
      found ??= `reads another table, ${String(name)}`;
    }
  });
  return found;
}

function isSummary(tree: unknown): boolean {
  const statements = record(tree)?.['statements'];
  const node = record(record(Array.isArray(statements) ? statements[0] : undefined)?.['node']);
  const list = node?.['select_list'];
  const first = record(Array.isArray(list) ? list[0] : undefined);
  return typeof first?.['function_name'] === 'string' && summaries.has(first['function_name'].toLowerCase());
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;

function walk(value: unknown, visit: (node: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(value)) for (const part of value) walk(part, visit);
  const node = record(value);
  if (!node) return;
  visit(node);
  for (const part of Object.values(node)) walk(part, visit);
}
