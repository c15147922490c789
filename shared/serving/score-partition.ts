import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { digestOfDocument } from '../digest/canonical-json.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import { readStep, writeJson } from '../pipeline/run-folder.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { scoreRows } from '../scoring/score-rows.ts';
import type { Predictions, Scorer } from '../scoring/scorer.ts';
import { digestFiles } from '../source/digest-files.ts';
import type { TableSource } from '../source/table-source.ts';
import { visibleText } from '../words/visible-text.ts';

const manifestSchema = z.strictObject({
  schema: z.literal('weighin/scored@1'),
  /** Of all that decides what the rows will be: input, model, version, id, threshold, date, rows a piece. */
  job: z.string(),
  model: z.string(),
  version: z.string(),
  date: z.string(),
  rows: z.number().int().nonnegative(),
  pieces: z.array(z.strictObject({ file: z.string(), rows: z.number().int(), sum: z.number(), scored: z.number().int() })),
});
type Manifest = z.infer<typeof manifestSchema>;

export interface ScoreJob {
  readonly source: TableSource;
  readonly scorer: Scorer;
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  /** Column whose values name the rows; null: their number in the input, from 1. */
  readonly id: string | null;
  /** `2026-01-05`. */
  readonly date: string;
  readonly threshold: number;
  /** Absolute. */
  readonly output: string;
  readonly rowsAPiece: number;
  /** After every piece that is safe on disk. */
  readonly onProgress: (done: number, total: number) => void;
  readonly isAlive: (process: number) => boolean;
}

export interface ScoredPartition {
  readonly folder: string;
  readonly rows: number;
  /** Null where no row has a score: answers are labels. */
  readonly meanScore: number | null;
  readonly pieces: number;
  /** Pieces that an earlier run of the same job had left. */
  readonly resumed: number;
}

/**
 * Scores a table into `<output>/prediction_date=<date>/part-00000.parquet …`. Pieces are written beside their place, each whole with a
 * note in the manifest; who starts the same job again goes on behind the last of them. At the end the folder takes its place at
 * once: readers see yesterday's rows or today's, never both or half.
 * @throws UserError ID_COLUMN_MISSING, SCORE_RUNNING, SCORE_NEEDS_FILES
 */
export async function scorePartition(engine: QueryEngine, job: ScoreJob): Promise<ScoredPartition> {
  checkJob(job);
  const folder = join(job.output, `prediction_date=${job.date}`);
  const work = join(job.output, `.prediction_date=${job.date}.work`);
  await makeFolder(work);
  await takeLock(work, job.isAlive);
  try {
    const total = (await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${job.source.relation}`))[0]!.n;
    if (total === 0) throw new UserError('NO_ROWS', `${job.source.source} has no row to score.`, 'Check the input.');
    const manifest = await openManifest(work, job, total);
    const resumed = manifest.pieces.length;
    for (let first = sumOf(manifest, 'rows'); first < total; first += job.rowsAPiece) {
      const rows = Math.min(job.rowsAPiece, total - first);
      manifest.pieces.push(await scorePiece(engine, job, work, { index: manifest.pieces.length, first, rows, total }));
      await writeJson(join(work, manifestName), manifest);
      job.onProgress(first + rows, total);
    }
    if (sumOf(manifest, 'rows') !== total)
      throw new InfrastructureError('SCORED_ROWS_DIFFER', `${sumOf(manifest, 'rows')} of ${total} rows were scored. Nothing was replaced.`);
    await takePlace(work, folder);
    const scored = sumOf(manifest, 'scored');
    return {
      folder,
      rows: total,
      meanScore: scored === 0 ? null : sumOf(manifest, 'sum') / scored,
      pieces: manifest.pieces.length,
      resumed,
    };
  } finally {
    await rm(join(work, lockName), { force: true });
  }
}

/** Readers of Parquet folders leave names with an underscore out. */
const manifestName = '_weighin.json';
const lockName = '.lock';
const sumOf = ({ pieces }: Manifest, field: 'rows' | 'sum' | 'scored') => pieces.reduce((sum, piece) => sum + piece[field], 0);

function checkJob({ source, id }: ScoreJob): void {
  if (source.format === 'table')
    throw new UserError(
      'SCORE_NEEDS_FILES',
      'Rows of a database have no order by which a stopped run could go on.',
      'Export them to Parquet and score the files.',
    );
  if (id !== null && !source.columns.some(({ name }) => name === id))
    throw new UserError(
      'ID_COLUMN_MISSING',
      `The input has no column ${id}.`,
      `Its columns are ${source.columns.map(({ name }) => name).join(', ')}. Name the one with --id.`,
    );
}

/** A manifest of another job, or of none, is begun anew; pieces that it does not know are of a run that was killed. */
async function openManifest(work: string, job: ScoreJob, rows: number): Promise<Manifest> {
  const digest = digestOfDocument({
    input: (await digestFiles(job.source.files)).map((file) => file.digest),
    model: job.digest,
    version: job.version,
    id: job.id,
    date: job.date,
    threshold: job.threshold,
    rowsAPiece: job.rowsAPiece,
  });
  const found = await readStep(join(work, manifestName), manifestSchema).catch(() => null);
  const manifest: Manifest =
    found?.job === digest
      ? found
      : { schema: 'weighin/scored@1', job: digest, model: job.model, version: job.version, date: job.date, rows, pieces: [] };
  const known = new Set([manifestName, lockName, ...manifest.pieces.map(({ file }) => file)]);
  for (const name of await readdir(work)) if (!known.has(name)) await rm(join(work, name), { recursive: true, force: true });
  return manifest;
}

interface Piece {
  readonly index: number;
  /** Rows before it. */
  readonly first: number;
  readonly rows: number;
  readonly total: number;
}

async function scorePiece(
  engine: QueryEngine,
  job: ScoreJob,
  work: string,
  { index, first, rows, total }: Piece,
): Promise<Manifest['pieces'][number]> {
  const { source, scorer } = job;
  const between = `__row > ${first} AND __row <= ${first + rows}`;
  const relation = rows === total ? source.relation : `(SELECT * FROM ${source.relation} WHERE ${between})`;
  const predictions = await scoreRows(engine, relation, scorer);
  const { scores, labels } = columnsOf(predictions);
  if (scores.length !== rows) throw new InfrastructureError('SCORED_ROWS_DIFFER', `${scores.length} of ${rows} rows were scored.`);
  await engine.run(`CREATE OR REPLACE TEMP TABLE __scored (score DOUBLE${labels ? ', label BIGINT' : ''})`);
  await engine.append(
    '__scored',
    one({
      rowCount: rows,
      columns: {
        score: { kind: 'number' as const, values: scores },
        ...(labels && { label: { kind: 'integer' as const, values: labels } }),
      },
    }),
  );
  const file = `part-${String(index).padStart(5, '0')}.parquet`;
  const draft = join(work, `${file}.draft`);
  const id = job.id === null ? '__row' : identifier(job.id);
  // rowid counts from 0 in the order of appending, which is the order of the rows. Side by side needs no hash and no sort; that they are the
  // same rows is asked of every one of them.
  await engine.run(
    `COPY (SELECT CASE WHEN r.__row = s.rowid + ${first + 1} THEN r.${id} ELSE error('rows out of order') END AS id, s.score AS score, ` +
      `${predictionSql(predictions, job.threshold)} AS prediction, DATE ${literal(job.date)} AS prediction_date, ${literal(job.version)} AS model_version ` +
      `FROM (SELECT rowid, * FROM __scored) s POSITIONAL JOIN (SELECT __row, ${id} FROM ${source.relation} WHERE ${between}) r) ` +
      `TO ${literal(draft)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const written = (await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM read_parquet(${literal(draft)})`))[0]!.n;
  if (written !== rows)
    throw new InfrastructureError('SCORED_ROWS_DIFFER', `${written} of ${rows} rows were written. Nothing was replaced.`);
  await rename(draft, join(work, file));
  await engine.run('DROP TABLE __scored');
  let sum = 0;
  for (const score of scores) sum += score;
  return { file, rows, sum, scored: rows };
}

/** The score is the positive class's, the number itself, or the probability of the class that won; labels are classes by number, where
 * there are several. */
function columnsOf(predictions: Predictions): { readonly scores: Float64Array; readonly labels: BigInt64Array | null } {
  if (predictions.kind === 'binary') return { scores: predictions.scores, labels: null };
  if (predictions.kind === 'values') {
    const { values, width } = predictions;
    const scores = width === 1 ? values : Float64Array.from({ length: values.length / width }, (_, row) => values[row * width]!);
    return { scores, labels: null };
  }
  const { classes, probabilities } = predictions;
  const width = classes.length;
  const scores = new Float64Array(probabilities.length / width);
  const labels = new BigInt64Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    let best = 0;
    for (let at = 1; at < width; at++) if (probabilities[row * width + at]! > probabilities[row * width + best]!) best = at;
    scores[row] = probabilities[row * width + best]!;
    labels[row] = BigInt(best);
  }
  return { scores, labels };
}

function predictionSql(predictions: Predictions, threshold: number): string {
  if (predictions.kind === 'binary') return `CASE WHEN s.score >= ${threshold} THEN 1 ELSE 0 END`;
  if (predictions.kind === 'values') return 's.score';
  return `[${predictions.classes.map(literal).join(', ')}][s.label + 1]`;
}

async function* one<Value>(value: Value): AsyncIterable<Value> {
  yield value;
}

/** rename() can't replace a folder that has content: the old one steps aside for as long as a rename takes. */
async function takePlace(work: string, folder: string): Promise<void> {
  const old = join(dirname(folder), `.${basename(folder)}.${randomUUID()}.old`);
  const had = await rename(folder, old).then(
    () => true,
    (cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return false;
      throw unwritable(folder, cause);
    },
  );
  await rm(join(work, lockName), { force: true });
  try {
    await rename(work, folder);
  } catch (cause) {
    if (had) await rename(old, folder).catch(() => undefined);
    throw unwritable(folder, cause);
  }
  // Those of runs that were killed right here, too.
  for (const name of await readdir(dirname(folder)))
    if (name.startsWith(`.${basename(folder)}.`) && name.endsWith('.old'))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
}

/** One run a date at a time. A lock whose process is gone was left by one that was killed. */
async function takeLock(work: string, isAlive: (process: number) => boolean): Promise<void> {
  const path = join(work, lockName);
  const claim = () =>
    writeFile(path, String(process.pid), { flag: 'wx' }).then(
      () => true,
      (cause: unknown) => {
        if (codeOf(cause) === 'EEXIST') return false;
        throw unwritable(work, cause);
      },
    );
  if (await claim()) return;
  const { readFile } = await import('node:fs/promises');
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  if (holder > 0 && isAlive(holder))
    throw new UserError(
      'SCORE_RUNNING',
      `Process ${holder} is scoring this date into this folder now.`,
      'Wait for it, or choose another --output.',
    );
  await rm(path, { force: true });
  if (!(await claim())) throw new UserError('SCORE_RUNNING', 'Another process has just begun to score this date.', 'Wait for it.');
}

function unwritable(folder: string, cause: unknown): Error {
  const what = `The folder ${visibleText(folder)} could not be written (${codeOf(cause)}).`;
  // No trying again helps where a file stands in its place.
  if (codeOf(cause) === 'ENOTDIR') return new UserError('OUTPUT_UNWRITABLE', what, 'A file has that name: give --output another folder.');
  return new InfrastructureError('OUTPUT_UNWRITABLE', what, { cause });
}
const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');
