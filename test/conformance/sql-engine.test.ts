import { duckdbTable, sqlEngineSuite } from './sql-engine.ts';

sqlEngineSuite('DuckDB', async (reference) => ({ engine: reference, source: await duckdbTable(reference), close: async () => undefined }));
