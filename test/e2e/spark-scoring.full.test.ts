import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { openPredictionLog } from '../../shared/production/open-prediction-log.ts';
import type { QueryEngine } from '../../shared/query/query-engine.ts';

const example = join(import.meta.dirname, '../../examples/spark-scoring');
const sidecar = join(import.meta.dirname, '../vectors/models/churn-logistic-strings-zipmap-off.json');

let folder: string;
let engine: QueryEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-scoring-'));
  engine = await openDuckDB();
});
afterAll(async () => {
  await engine?.close();
  await rm(folder, { recursive: true, force: true });
});

/** With two executors in processes of their own, as on a cluster. */
function score(args: readonly string[]) {
  const [home, python] = [process.env['WEIGHIN_SPARK_HOME'], process.env['WEIGHIN_SPARK_PYTHON']];
  if (!home || !python) throw new Error('set WEIGHIN_SPARK_HOME and WEIGHIN_SPARK_PYTHON, as .ci/run does');
  return promisify(execFile)(
    join(home, 'bin', 'spark-submit'),
    ['--master', 'local-cluster[2,1,1024]', '--conf', 'spark.ui.enabled=false', join(example, 'score.py'), ...args],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        SPARK_HOME: home,
        SPARK_LOCAL_IP: '127.0.0.1',
        SPARK_WORKER_DIR: join(folder, 'work'),
        PYSPARK_PYTHON: python,
        PYSPARK_DRIVER_PYTHON: python,
      },
    },
  );
}

it('scores on Spark as the model does elsewhere, and leaves a prediction log that is read as one', async () => {
  const { rows, expected } = JSON.parse(await readFile(sidecar, 'utf8')) as {
    rows: readonly Record<string, unknown>[];
    expected: { probabilities: readonly (readonly [number, number])[] };
  };
  const values = rows.map((row, index) => `(${index}, ${row['age']}, ${row['income']}, '${row['city']}', '${row['plan']}')`).join(', ');
  const input = join(folder, 'rows.parquet');
  await engine.run(
    `COPY (SELECT id, CAST(age AS DOUBLE) AS age, CAST(income AS DOUBLE) AS income, city, plan FROM (VALUES ${values}) AS t(id, age, income, city, plan)) TO '${input}' (FORMAT parquet)`,
  );
  const output = join(folder, 'scored');
  const asked = [
    '--model',
    join(example, 'model.onnx'),
    '--name',
    'churn',
    '--version',
    'v3',
    '--input',
    input,
    '--id',
    'id',
    '--output',
    output,
  ];
  const { stdout } = await score(asked);
  expect(stdout).toContain(`${rows.length} rows scored`);

  const files = (await readdir(output)).filter((name) => name.endsWith('.parquet'));
  expect(files.length).toBeGreaterThan(0);
  const scored = await engine.rows<{ id: string; score: number; prediction: string }>(
    `SELECT id, score, prediction FROM read_parquet('${output}/*.parquet') ORDER BY CAST(id AS INTEGER)`,
  );
  expect(scored.map(({ id }) => Number(id))).toEqual(rows.map((_, index) => index));
  for (const [index, { score: own, prediction }] of scored.entries()) {
    expect(own).toBeCloseTo(expected.probabilities[index]![1], 4);
    expect(prediction).toBe(own >= 0.5 ? '1' : '0');
  }
  const log = await openPredictionLog(engine, { source: `${output}/*.parquet`, root: folder });
  expect(log).toMatchObject({ rows: rows.length, leftOut: { broken: 0, repeated: 0 } });
  expect(log.features.map(({ name }) => name)).toEqual(['age', 'income', 'city', 'plan']);
}, 240_000);
