import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { columnTypeOf } from '../../shared/source/column-type.ts';
import { contractChecksSuite } from './contract-checks.ts';

contractChecksSuite('DuckDB', async () => {
  const engine = await openDuckDB({ threads: 2 });
  let tables = 0;
  return {
    engine,
    load: async (select) => {
      const relation = `t${++tables}`;
      await engine.run(`CREATE TABLE ${relation} AS ${select}`);
      const described = await engine.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${relation}`);
      const columns = described.map(({ column_name, column_type }) => ({
        name: column_name,
        type: columnTypeOf(column_type),
        sqlType: column_type,
      }));
      return { source: relation, files: [], format: 'table', relation, columns };
    },
    close: () => engine.close(),
  };
});
