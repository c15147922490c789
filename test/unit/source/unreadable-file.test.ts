import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { ownFolder } from '../../support/own-folder.ts';

// Whoever runs the tests may be root, whom no mode keeps out.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  access: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })),
}));

it('says that a file may not be read, instead of calling it broken', async () => {
  const root = ownFolder('unreadable-file');
  writeFileSync(join(root, 'secret.csv'), 'a\n1\n');
  const engine = await openDuckDB();
  try {
    await expect(openSource(engine, { source: 'secret.csv', root })).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: 'secret.csv may not be read by this user.',
    });
  } finally {
    await engine.close();
  }
});
