import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createS3Store } from '../../shared/adapters/s3-store/create-s3-store.ts';
import { fetchS3Objects } from '../../shared/adapters/s3-store/fetch-s3-objects.ts';
import { claimVersion } from '../../shared/registry/claim-version.ts';
import { listVersions } from '../../shared/registry/read-versions.ts';
import { versionDraft } from '../support/registry/version-draft.ts';
import { describeObjectStore, listed } from './object-store.ts';

/** A real S3 server: versitygw, named by WEIGHIN_VERSITYGW or found on the path. Missing is a failure, not a skip. */
const binary = process.env['WEIGHIN_VERSITYGW'] || 'versitygw';
const secret = 'a-secret-that-no-message-shows';
let server: ChildProcess;
let folder: string;
let env: Record<string, string>;
let admin: S3Client;
let buckets = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-s3-'));
  const [objects, metadata] = [join(folder, 'objects'), join(folder, 'metadata')];
  await Promise.all([mkdir(objects), mkdir(metadata)]);
  const port = await freePort();
  env = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'weighin-test',
    AWS_SECRET_ACCESS_KEY: secret,
  };
  server = spawn(binary, ['--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet', 'posix', '--sidecar', metadata, objects], {
    env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY_ID: 'weighin-test', ROOT_SECRET_ACCESS_KEY: secret },
    stdio: 'ignore',
  });
  const failed = new Promise<never>((_, reject) => {
    server.on('error', (cause) => reject(new Error(`versitygw did not start: set WEIGHIN_VERSITYGW (${cause.message})`)));
    server.on('exit', (code) => reject(new Error(`versitygw ended with ${code}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([failed, answers(`http://127.0.0.1:${port}/health`)]);
  admin = new S3Client({
    endpoint: env['AWS_ENDPOINT_URL_S3']!,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'weighin-test', secretAccessKey: secret },
  });
});

afterAll(async () => {
  admin?.destroy();
  server?.kill();
  await rm(folder, { recursive: true, force: true });
});

async function newBucket(): Promise<string> {
  const bucket = `store-${++buckets}`;
  await admin.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

async function open(prefix = '/some/prefix') {
  const bucket = await newBucket();
  const address = `s3://${bucket}${prefix}`;
  return {
    store: createS3Store(address, env),
    again: () => createS3Store(address, env),
    overwrite: async (key: string, bytes: Uint8Array) => {
      await admin.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix.slice(1)}${prefix && '/'}${key}`, Body: bytes }));
    },
  };
}

describeObjectStore('s3 (versitygw), under a prefix', () => open());
describeObjectStore('s3 (versitygw), a whole bucket', () => open(''));

it('lists more keys than one page holds', async () => {
  const { store } = await open();
  const keys = Array.from({ length: 1_050 }, (_, index) => `m/${index}`);
  for (let from = 0; from < keys.length; from += 50)
    await Promise.all(keys.slice(from, from + 50).map((key) => store.create(key, new Uint8Array([1]))));
  expect(await listed(store, 'm/')).toEqual(keys.sort());
}, 120_000);

it('gives 50 clients at once 50 numbers, and loses none', async () => {
  const { again } = await open();
  const claims = await Promise.all(Array.from({ length: 50 }, (_, who) => claimVersion(again(), versionDraft({ seed: who }))));
  expect(claims.map((claim) => claim.record.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  const kept = await listVersions(again(), 'churn');
  expect(new Set(kept.map((version) => version.record.subject.digest)).size).toBe(50);
}, 120_000);

it('tells refused credentials from none and from an outage, and shows neither key nor secret', async () => {
  const address = `s3://${await newBucket()}`;
  const refused = async (changed: Record<string, string | undefined>) => {
    const store = createS3Store(address, { ...env, ...changed });
    const error = await store.read('a').then(
      () => new Error('was let in'),
      (cause: unknown) => cause as Error & { code: string },
    );
    expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/a-secret|another-secret|NOBODY/);
    return error;
  };
  expect(await refused({ AWS_SECRET_ACCESS_KEY: 'another-secret' })).toMatchObject({ code: 'STORE_ACCESS_DENIED' });
  expect(await refused({ AWS_ACCESS_KEY_ID: 'NOBODY' })).toMatchObject({ code: 'STORE_ACCESS_DENIED' });
  expect(await refused({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })).toMatchObject({ code: 'STORE_UNREACHABLE' });
  await expect(createS3Store('s3://no-such-bucket', env).read('a')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  await expect(listed(createS3Store('s3://no-such-bucket', env), '')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
}, 60_000);

it('brings objects to this machine: one, those below a prefix, those of a glob, in byte order', async () => {
  const bucket = await newBucket();
  const put = (Key: string, Body: string) => admin.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  for (const key of ['data/day=2/b.csv', 'data/day=1/a ü.csv', 'data/_SUCCESS', 'data/note.md', 'data-2/c.csv', 'other.csv'])
    await put(key, key);
  const fetched = async (source: string) => {
    const files = await fetchS3Objects(`s3://${bucket}/${source}`, join(folder, 'downloads'), env);
    for (const { address, file } of files) expect(`s3://${bucket}/${await readFile(file, 'utf8')}`).toBe(address);
    return files;
  };
  const addresses = async (source: string) => (await fetched(source)).map(({ address }) => address.slice(`s3://${bucket}/`.length));
  expect(await addresses('other.csv')).toEqual(['other.csv']);
  expect(await addresses('data')).toEqual(['data/day=1/a ü.csv', 'data/day=2/b.csv']);
  expect(await addresses('data/')).toEqual(['data/day=1/a ü.csv', 'data/day=2/b.csv']);
  expect(await addresses('data/*/b.csv')).toEqual(['data/day=2/b.csv']);
  expect(await addresses('**/*.csv')).toEqual(['data-2/c.csv', 'data/day=1/a ü.csv', 'data/day=2/b.csv', 'other.csv']);
  // Folders of the key stay: they may be partitions.
  expect((await fetched('data/day=2/b.csv'))[0]?.file).toMatch(/data[/]day=2[/]b\.csv$/);
  for (const source of ['absent.csv', 'absent/', 'data/*.parquet'])
    await expect(fetched(source)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  await expect(fetchS3Objects('s3://no-such-bucket/a.csv', folder, env)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
});

it('does not give an older copy of an object that was replaced', async () => {
  const bucket = await newBucket();
  const read = async () => readFile((await fetchS3Objects(`s3://${bucket}/a.csv`, join(folder, 'downloads'), env))[0]!.file, 'utf8');
  for (const Body of ['one', 'two', 'one']) {
    await admin.send(new PutObjectCommand({ Bucket: bucket, Key: 'a.csv', Body }));
    expect(await read()).toBe(Body);
  }
});

async function answers(url: string): Promise<void> {
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await wait(25);
  }
}

const freePort = () =>
  new Promise<number>((found) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
