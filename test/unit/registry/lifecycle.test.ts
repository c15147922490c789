import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readStageHistory } from '../../../shared/adapters/git/read-stage-history.ts';
import { configSchema } from '../../../shared/config/schema.ts';
import { lifecycle } from '../../../shared/registry/lifecycle.ts';
import { listVersions } from '../../../shared/registry/read-versions.ts';
import { registerVersion } from '../../../shared/registry/register-version.ts';
import { writePromotion } from '../../../shared/registry/write-promotion.ts';
import { newRepository } from '../../support/registry/git-repository.ts';
import { createMemoryStore } from '../../support/registry/memory-store.ts';
import { registration } from '../../support/registry/version-draft.ts';

const config = configSchema.parse({
  version: 1,
  models: { churn: { task: 'binary', evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }] }, stages: { staging: {}, production: {} } } },
});
const made: string[] = [];
afterEach(() => Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

async function sixVersions(root: string) {
  const store = createMemoryStore();
  for (let seed = 1; seed <= 6; seed++) {
    const { draft, ...rest } = registration({ seed });
    const verdict = seed === 5 ? 'fail' : 'pass';
    await registerVersion(store, { ...rest, draft: { ...draft, evaluation: { ...draft.evaluation!, verdict } } });
  }
  const promote = (version: number, stage: string) => writePromotion({ root, store, config, model: 'churn', version, stage });
  const states = async () =>
    lifecycle(
      (await listVersions(store, 'churn')).map((version) => version.record),
      await readStageHistory(root, 'churn'),
    ).map(({ state, stages }) => (stages.length > 0 ? `${state} (${stages.join(', ')})` : state));
  return { promote, states };
}

it('derives every state from the stage files and their log', async () => {
  const repository = await newRepository();
  made.push(repository.root);
  const { promote, states } = await sixVersions(repository.root);
  expect(await states()).toEqual(['registered', 'registered', 'registered', 'registered', 'rejected', 'registered']);
  for (const [version, stage] of [
    [1, 'staging'],
    [1, 'production'],
    [2, 'staging'],
    [2, 'production'],
    [3, 'staging'],
  ] as const) {
    await promote(version, stage);
    repository.commitAll(`promote v${version} ${stage}`);
  }
  const expected = ['archived', 'production (production)', 'staging (staging)', 'registered', 'rejected', 'registered'];
  expect(await states()).toEqual(expected);
  // Not committed yet: the work tree says what is current, the log what was.
  await promote(4, 'production');
  expect(await states()).toEqual(['archived', 'archived', 'staging (staging)', 'production (production)', 'rejected', 'registered']);
});

it('finds what a merge brought, and passes over documents that never were valid', async () => {
  const { root, git, write, commitAll } = await newRepository();
  made.push(root);
  const { promote, states } = await sixVersions(root);
  await write('README', 'x');
  commitAll('first');
  git('checkout', '--quiet', '-b', 'promotion');
  await promote(1, 'production');
  commitAll('promote v1');
  const good = await readFile(join(root, 'registry/churn/stages/production.json'));
  await write('registry/churn/stages/production.json', '{"half":');
  commitAll('a broken file');
  await writeFile(join(root, 'registry/churn/stages/production.json'), good);
  commitAll('mended');
  await promote(2, 'production');
  commitAll('promote v2');
  git('checkout', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '--message', 'merge', 'promotion');
  expect((await states()).slice(0, 3)).toEqual(['archived', 'production (production)', 'registered']);
});

it('knows outside Git what the work tree says', async () => {
  const root = await mkdtemp(join(tmpdir(), 'weighin-lifecycle-'));
  made.push(root);
  const { promote, states } = await sixVersions(root);
  await promote(2, 'production');
  await promote(2, 'staging');
  expect((await states())[1]).toBe('production (production, staging)');
});
