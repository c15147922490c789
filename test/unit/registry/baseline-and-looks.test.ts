import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../shared/config/schema.ts';
import { digestOf } from '../../../shared/digest/canonical-json.ts';
import { adoptModel } from '../../../shared/registry/adopt-model.ts';
import type { ObjectStore } from '../../../shared/registry/object-store.ts';
import { recordLook } from '../../../shared/registry/record-look.ts';
import { registerVersion } from '../../../shared/registry/register-version.ts';
import { resolveBaseline } from '../../../shared/registry/resolve-baseline.ts';
import { noCredentials, unreachable } from '../../../shared/registry/store-error.ts';
import { writePromotion } from '../../../shared/registry/write-promotion.ts';
import { createMemoryStore, type MemoryStore } from '../../support/registry/memory-store.ts';
import { registration } from '../../support/registry/version-draft.ts';

const config = configSchema.parse({
  version: 1,
  models: { churn: { task: 'binary', evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }] }, stages: { production: {} } } },
});
let root: string;
let store: MemoryStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-baseline-'));
  store = createMemoryStore();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A store that answers every question with one error. */
const failing = (error: () => Error): ObjectStore => ({
  location: 'failing',
  read: async () => {
    throw error();
  },
  create: async () => {
    throw error();
  },
  // biome-ignore lint/correctness/useYield: it fails before its first key.
  async *list() {
    throw error();
  },
});

describe('resolveBaseline', () => {
  const resolve = (asked: ObjectStore = store, now = new Date('2026-12-29T21:14:03Z')) =>
    resolveBaseline({ root, store: asked, model: 'churn', stage: 'production', now });
  const inProduction = async () => {
    const { draft, model, report } = registration();
    await registerVersion(store, { draft, model, report });
    await writePromotion({ root, store, config, model: 'churn', version: 1, stage: 'production' });
    return { draft, model, report };
  };

  it('is null where the stage points at nothing yet, and asks the store nothing', async () => {
    expect(await resolve(failing(() => noCredentials('s3://bucket')))).toBeNull();
  });

  it('gives the model’s bytes, its record, its report and its age', async () => {
    const { model } = await inProduction();
    const baseline = await resolve();
    expect(baseline?.model).toEqual(model);
    expect(baseline).toMatchObject({ stage: { generation: 1 }, record: { number: 1 }, report: { report: '0' }, ageDays: 38.5 });
  });

  it('has no report where the model was adopted', async () => {
    await writeFile(join(root, 'm.onnx'), 'today');
    await adoptModel({ root, store, config, model: 'churn', stage: 'production', file: join(root, 'm.onnx'), now: new Date(0) });
    expect(await resolve()).toMatchObject({ report: null, record: { source: { builder: 'adopted' } } });
  });

  it('is never older than a clock that runs ahead allows', async () => {
    await inProduction();
    expect((await resolve(store, new Date(0)))?.ageDays).toBe(0);
  });

  it('does not mistake a store that cannot be asked for no baseline', async () => {
    const { draft } = await inProduction();
    await expect(resolve(failing(() => noCredentials('s3://bucket')))).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
    const down = failing(() => unreachable('s3://bucket', 'reading', new Error('down'), 'ECONNREFUSED'));
    await expect(resolve(down)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(resolve(createMemoryStore())).rejects.toMatchObject({ name: 'InfrastructureError', code: 'BLOB_MISSING' });
    store.objects.set(`blobs/sha256/${draft.subject.digest.slice(7)}`, new Uint8Array([1]));
    await expect(resolve()).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });
});

describe('recordLook', () => {
  const digest = (text: string) => digestOf(new TextEncoder().encode(text));
  const look = (candidate: string, on: ObjectStore = store, { test = 'test', writable = true, model = 'churn' } = {}) =>
    recordLook(on, { model, testDigest: digest(test), candidateDigest: digest(candidate), writable });

  it('counts distinct candidates of one test set', async () => {
    expect(await look('a')).toEqual({ count: 1 });
    expect(await look('b')).toEqual({ count: 2 });
    expect(await look('a')).toEqual({ count: 2 });
    expect(await look('c', store, { test: 'another' })).toEqual({ count: 1 });
    expect(await look('c', store, { model: 'fraud' })).toEqual({ count: 1 });
  });

  it('loses none of many at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, who) => look(`candidate ${who}`)));
    expect(await look('candidate 0')).toEqual({ count: 50 });
  });

  it('counts this candidate without writing, where it may not write', async () => {
    await look('a');
    expect(await look('b', store, { writable: false })).toEqual({ count: 2 });
    expect(await look('a', store, { writable: false })).toEqual({ count: 1 });
    expect(store.objects.size).toBe(1);
  });

  it('finds out by itself that a store is read-only, and hides no other failure', async () => {
    expect(await look('a', createMemoryStore({ writable: false }))).toEqual({ count: 1 });
    const error = noCredentials('x');
    const unwritten = { ...createMemoryStore(), create: failing(() => error).create };
    await expect(look('a', unwritten)).rejects.toBe(error);
  });
});
