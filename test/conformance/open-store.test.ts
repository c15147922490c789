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
  ['github', 'STORE_NOT_YET_SUPPORTED'],
  ['gs://bucket', 'STORE_ADDRESS_INVALID'],
  ['https://user:secret@host/x', 'STORE_ADDRESS_INVALID'],
])('refuses %s', async (setting, code) => {
  const refused = openStore(setting, { root, env: {}, inActions: true });
  await expect(refused).rejects.toMatchObject({ code, message: expect.not.stringContaining('secret') });
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
