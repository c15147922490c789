import type { Dialect } from '../query/dialect.ts';

const names: Readonly<Record<Dialect['name'], string>> = { duckdb: 'DuckDB', postgres: 'PostgreSQL', spark: 'Spark' };

/** As people write it. */
export const engineName = ({ name }: Dialect) => names[name];
