import { defineConfig } from 'vitest/config';

/** `npm test` runs what needs Node alone; `npm run test:full` adds the files named `*.full.test.ts`, which need the tools of `.ci/run`. */
const full = process.env['WEIGHIN_TEST_FULL'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/**/*.full.test.ts'],
    setupFiles: ['test/support/seeded-properties.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
