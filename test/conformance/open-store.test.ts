import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from '../../shared/adapters/open-store.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-open-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

it('is a folder beside the configuration where nothing is set', async () => {
  const { store, durable, notices } = await openStore(undefined, { root, env: {}, inActions: false });
  expect({ location: store.location, durable, notices }).toEqual({ location: join(root, '.weighin/store'), durable: true, notices: [] });
});

it('says in Actions that a folder is gone after the job', async () => {
  const { durable, notices } = await openStore('models', { root, env: {}, inActions: true });
  expect({ durable, codes: notices.map((notice) => notice.code) }).toEqual({ durable: false, codes: ['STORE_NOT_DURABLE'] });
});

it('opens a bucket without asking it anything', async () => {
  const { store, durable, notices } = await openStore('s3://bucket/prefix', { root, env: {}, inActions: true });
  expect({ location: store.location, durable, notices }).toEqual({ location: 's3://bucket/prefix', durable: true, notices: [] });
});

it.each([
  ['github', 'STORE_ADDRESS_INVALID'],
  ['gs://bucket', 'STORE_ADDRESS_INVALID'],
  ['https://user:secret@host/x', 'STORE_ADDRESS_INVALID'],
])('refuses %s', async (setting, code) => {
  const refused = openStore(setting, { root, env: {}, inActions: true });
  await expect(refused).rejects.toMatchObject({ code, message: expect.not.stringContaining('secret') });
});

it('is the repository itself with `github`, by what Actions or Git says, without asking it anything', async () => {
  const env = { GITHUB_REPOSITORY: 'acme/churn' };
  const named = await openStore('github', { root, env, inActions: true });
  expect({ ...named, store: named.store.location }).toEqual({ store: 'github:acme/churn', durable: true, notices: [] });
  const { execFileSync } = await import('node:child_process');
  execFileSync('git', ['init', '-q'], { cwd: root });
  execFileSync('git', ['remote', 'add', 'origin', 'https://user:secret@github.com/acme/other.git'], { cwd: root });
  expect((await openStore('github', { root, env: {}, inActions: false })).store.location).toBe('github:acme/other');
});

it('is the repository in Actions where nothing is set and the step was given a token for it', async () => {
  const env = { GITHUB_REPOSITORY: 'acme/churn', GITHUB_TOKEN: 'a-token' };
  const location = async (given: Record<string, string>, inActions: boolean) =>
    (await openStore(undefined, { root, env: given, inActions })).store.location;
  expect(await location(env, true)).toBe('github:acme/churn');
  expect(await location(env, false)).toBe(join(root, '.weighin/store'));
  expect(await location({ GITHUB_REPOSITORY: 'acme/churn', 'INPUT_GITHUB-TOKEN': 'a-token' }, true)).toBe(join(root, '.weighin/store'));
});

it('tells missing credentials from an outage', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(root, 'none'));
  vi.stubEnv('AWS_CONFIG_FILE', join(root, 'none'));
  vi.stubEnv('AWS_REGION', undefined);
  // Nor has such a job a region, most often.
  for (const env of [{ AWS_REGION: 'us-east-1' }, {}]) {
    const { store } = await openStore('s3://bucket', { root, env, inActions: true });
    await expect(store.read('a')).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
    await expect(store.create('a', new Uint8Array())).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  }
  const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  const { store } = await openStore('s3://bucket', { root, env: keys, inActions: true });
  await expect(store.read('a')).rejects.toMatchObject({ code: 'STORE_REGION_MISSING' });
});
