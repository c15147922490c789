import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { openSource } from '../../../shared/source/table-source.ts';

const field = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', ';', '\n', '\r\n', ' ', "'", '\\', 'é'), minLength: 1, maxLength: 8 });
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

it('reads back any texts that are quoted by RFC 4180, whatever they hold', async () => {
  const engine = await openDuckDB({ threads: 2 });
  const root = await mkdtemp(join(tmpdir(), 'weighin-csv-'));
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = ['x,y', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
        await writeFile(join(root, 'a.csv'), `${text}\n`);
        const { relation } = await openSource(engine, { source: 'a.csv', root, types: { x: 'text', y: 'text' } });
        expect(await engine.rows(`SELECT x, y FROM ${relation} ORDER BY "__row"`)).toEqual(rows.map(([x, y]) => ({ x, y })));
      }),
      { numRuns: 60 },
    );
  } finally {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  }
});
