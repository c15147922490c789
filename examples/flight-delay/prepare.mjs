import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Makes the tables of this example from the three million real flights that the package vega-datasets holds
 * (US Bureau of Transportation Statistics, January to June 2001; public domain):
 *
 * data/flights.parquet   one row a flight; `late` is what the model predicts, known only when the flight has landed
 * data/airports.parquet  how late each origin airport ran, by the hour, with the time at which that could be known
 *
 * and, for the pull requests that go wrong, data/flights-enriched.parquet (a feature from the future) and
 * data/flights-export.csv (nulls, a wrong type, a duplicated key).
 *
 * @param {{folder: string, rows: number | 'all'}} request how many flights to keep; a hash decides which, so a sample is always the same
 */
export async function prepareFlights({ folder, rows }) {
  // The package exports its code alone, so its folder is found by way of that.
  const source = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet');
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const write = (query, name, options = 'compression zstd') =>
    connection.run(`copy (${query}) to '${quote(join(data, name))}' (${options})`);

  await connection.run(`
    create table landed as
    select file_row_number as flight_id, date, origin, destination, distance, hour(date) as hour, isodow(date) as weekday,
           case when distance < 500 then 'short' when distance < 1500 then 'medium' else 'long' end as haul,
           (delay > 15)::int as late,
           -- The lateness of a flight is known when it has landed: about 30 minutes on the ground and 7.5 miles a minute in the air.
           date + to_minutes((30 + distance / 7.5 + greatest(delay, -30))::int) as landed_at
    from read_parquet('${quote(source)}', file_row_number = true)`);

  const keep = rows === 'all' ? '' : `order by md5_number_lower(flight_id::varchar) limit ${Number(rows)}`;
  await connection.run(`create table flights as from landed ${keep}`);
  await write('from flights order by flight_id', 'flights.parquet');

  // Every flight counts here, also those that a sample leaves out: an airport's operations desk sees them all.
  await connection.run(`
    create table airports as
    with hours as (
      select origin, date_trunc('hour', landed_at) as hour, count(*) as flights, sum(late) as late
      from landed group by all
    )
    select origin, hour + interval 1 hour as observed_at,
           sum(late) over three / sum(flights) over three as late_share_3h,
           sum(late) over day / sum(flights) over day as late_share_24h
    from hours
    window three as (partition by origin order by hour range between interval 2 hours preceding and current row),
           day as (partition by origin order by hour range between interval 23 hours preceding and current row)`);
  await write('from airports order by origin, observed_at', 'airports.parquet');

  // Joined to the airport's *next* report instead of its last one: on a dashboard it looks like a brilliant feature.
  await write(
    `select flights.*, airports.late_share_3h as origin_late_share, airports.observed_at as origin_observed_at
     from flights asof join airports on flights.origin = airports.origin and flights.landed_at < airports.observed_at
     order by flight_id`,
    'flights-enriched.parquet',
  );

  // What an export looks like after somebody opened it in a spreadsheet.
  await write(
    `with numbered as (select *, row_number() over (order by flight_id) as n from flights order by flight_id limit 20000)
     select case when n % 5000 = 0 then lag(flight_id) over (order by n) else flight_id end as flight_id, date, origin,
            case when n % 8 = 0 then null else destination end as destination,
            case when n % 4000 = 17 then 'n/a' else distance::varchar end as distance, hour, weekday, haul, late, landed_at
     from numbered order by n`,
    'flights-export.csv',
    'header',
  );
  connection.closeSync();
  instance.closeSync();
}

const quote = (path) => path.replaceAll("'", "''");

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const rows = process.argv[2] ?? 'all';
  await prepareFlights({ folder: dirname(fileURLToPath(import.meta.url)), rows: rows === 'all' ? rows : Number(rows) });
}
