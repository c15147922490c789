import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export interface Flights {
  /** Of January to May: what the team trains on. */
  readonly all: string;
  /** The same, without those after 18 h. */
  readonly daytime: string;
  /** What the team has once the airline flies other routes: long flights too, as many as they are by then. */
  readonly renewed: string;
  /** JSON, rows as they are asked for: of June, as ever; and long-haul flights alone. */
  readonly usual: string;
  readonly longHaul: string;
}

/**
 * Real flights (US Bureau of Transportation Statistics, January to June 2001; public domain), from the three million that the package
 * vega-datasets holds. A hash decides which, so they are the same each time.
 */
export async function prepareFlights(folder: string): Promise<Flights> {
  mkdirSync(folder, { recursive: true });
  const source = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const file = (name: string) => join(folder, name);
  const write = (query: string, name: string) =>
    connection.run(`COPY (${query}) TO '${quote(file(name))}' (FORMAT parquet, COMPRESSION zstd)`);
  await connection.run(`
    CREATE TABLE flights AS
    SELECT file_row_number AS flight_id, date, origin, destination, distance, hour(date) AS hour, isodow(date) AS weekday,
           CASE WHEN distance < 500 THEN 'short' WHEN distance < 1500 THEN 'medium' ELSE 'long' END AS haul,
           (delay > 15)::INT AS late,
           date + to_minutes((30 + distance / 7.5 + greatest(delay, -30))::INT) AS landed_at,
           hash(file_row_number) AS place
    FROM read_parquet('${quote(source)}', file_row_number = true) WHERE hash(file_row_number) % 16 = 0`);
  const columns = 'flight_id, date, origin, destination, distance, hour, weekday, haul, late, landed_at';
  const known = `SELECT ${columns} FROM flights WHERE date < '2001-06-01'`;
  await write(`${known} ORDER BY place LIMIT 24000`, 'flights.parquet');
  await write(`${known} AND hour <= 18 ORDER BY place LIMIT 24000`, 'daytime.parquet');
  await write(`${known} AND (distance > 1500 OR place % 64 = 0) ORDER BY place LIMIT 24000`, 'renewed.parquet');
  const asked = async (condition: string, name: string) => {
    const reader = await connection.runAndReadAll(
      `SELECT CAST(distance AS DOUBLE), CAST(hour AS DOUBLE), CAST(weekday AS DOUBLE) FROM flights WHERE date >= '2001-06-01' AND ${condition} ORDER BY place LIMIT 12000`,
    );
    const rows = (reader.getRows() as unknown as readonly (readonly [number, number, number])[]).map(([distance, hour, weekday]) => ({
      distance,
      hour,
      weekday,
    }));
    writeFileSync(file(name), JSON.stringify(rows));
  };
  await asked('true', 'usual.json');
  await asked('distance > 1500', 'long-haul.json');
  connection.closeSync();
  instance.closeSync();
  return {
    all: file('flights.parquet'),
    daytime: file('daytime.parquet'),
    renewed: file('renewed.parquet'),
    usual: file('usual.json'),
    longHaul: file('long-haul.json'),
  };
}

const quote = (path: string) => path.replaceAll("'", "''");
