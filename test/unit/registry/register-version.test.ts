import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFolderStore } from '../../../shared/adapters/folder-store/create-folder-store.ts';
import { canonicalBytes, digestOf } from '../../../shared/digest/canonical-json.ts';
import { getBlob } from '../../../shared/registry/blobs.ts';
import { claimVersion } from '../../../shared/registry/claim-version.ts';
import type { ObjectStore } from '../../../shared/registry/object-store.ts';
import { listNumbers, listVersions, readVersion, versionKey } from '../../../shared/registry/read-versions.ts';
import { registerVersion } from '../../../shared/registry/register-version.ts';
import { createMemoryStore, type MemoryStore } from '../../support/registry/memory-store.ts';
import { bundleRegistering, startRegistering } from '../../support/registry/start-registering.ts';
import { registration, versionDraft } from '../../support/registry/version-draft.ts';

const numbersTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
let store: MemoryStore;
beforeEach(() => {
  store = createMemoryStore();
});

describe('one writer', () => {
  it('counts from 1, and reads back what was written', async () => {
    const first = await registerVersion(store, registration({ seed: 'a' }));
    const second = await registerVersion(store, registration({ seed: 'b' }));
    expect([first.record.number, second.record.number, second.registered]).toEqual([1, 2, true]);
    expect(await readVersion(store, 'churn', 2)).toEqual({ record: second.record, digest: second.digest });
    expect(await getBlob(store, second.record.subject.digest)).toEqual(registration({ seed: 'b' }).model);
    expect(await getBlob(store, second.record.evaluation!.report)).toEqual(registration({ seed: 'b' }).report);
  });

  it('stores the record as canonical JSON, so that its digest is that of the file', async () => {
    const { record, digest } = await registerVersion(store, registration());
    const bytes = await store.read('models/churn/versions/1.json');
    expect(bytes).toEqual(canonicalBytes(record));
    expect(digestOf(bytes!)).toBe(digest);
  });

  it('registers the same model with the same report once', async () => {
    const first = await registerVersion(store, registration({ seed: 'a' }));
    await registerVersion(store, registration({ seed: 'b' }));
    const again = await registerVersion(store, registration({ seed: 'a', change: { createdAt: '2026-12-01T00:00:00Z' } }));
    expect(again).toEqual({ ...first, registered: false });
    expect(await listNumbers(store, 'churn')).toEqual([1, 2]);
  });

  it('takes the same model with another report for another version', async () => {
    await registerVersion(store, registration({ seed: 'a' }));
    const again = await registerVersion(store, registration({ seed: 'a', report: new TextEncoder().encode('{}') }));
    expect([again.record.number, again.registered]).toEqual([2, true]);
  });

  it('keeps two models apart that nobody evaluated', async () => {
    await registerVersion(store, registration({ seed: 'a', report: null }));
    const other = await registerVersion(store, registration({ seed: 'b', report: null }));
    expect([other.record.number, other.registered]).toEqual([2, true]);
    expect(await registerVersion(store, registration({ seed: 'a', report: null }))).toMatchObject({
      registered: false,
      record: { number: 1 },
    });
  });

  it('counts each model by itself, also where one name begins with the other', async () => {
    await registerVersion(store, registration({ model: 'churn' }));
    await registerVersion(store, registration({ model: 'churn-eu' }));
    expect(await listNumbers(store, 'churn')).toEqual([1]);
    expect((await registerVersion(store, registration({ model: 'churn', seed: 'b' }))).record.number).toBe(2);
  });

  it('orders versions by number, not by text', async () => {
    for (const seed of numbersTo(11)) await claimVersion(store, versionDraft({ seed }));
    expect((await listVersions(store, 'churn')).map((version) => version.record.number)).toEqual(numbersTo(11));
  });

  it.each(['../../x', '', '.', 'a/b', 'Churn', 'a'.repeat(64), '-x', 'churn\n'])('lets no such name near a path: %j', async (model) => {
    const refused = { code: 'INVALID_NAME' };
    await expect(registerVersion(store, registration({ model }))).rejects.toMatchObject(refused);
    await expect(readVersion(store, model, 1)).rejects.toMatchObject(refused);
    await expect(listVersions(store, model)).rejects.toMatchObject(refused);
    expect(store.objects.size).toBe(0);
  });

  it('refuses a report of another model, and stores nothing of it', async () => {
    const { draft, report } = registration({ seed: 'a' });
    const { model } = registration({ seed: 'b' });
    await expect(registerVersion(store, { draft, model, report })).rejects.toMatchObject({ code: 'REPORT_NOT_OF_MODEL' });
    const edited = new TextEncoder().encode('{"verdict":"pass"}');
    await expect(registerVersion(store, { ...registration({ seed: 'a' }), report: edited })).rejects.toMatchObject({
      code: 'REPORT_NOT_OF_MODEL',
    });
    await expect(registerVersion(store, { ...registration({ seed: 'a' }), report: null })).rejects.toMatchObject({
      code: 'REPORT_NOT_OF_MODEL',
    });
    expect(store.objects.size).toBe(0);
  });

  it('names the latest where a version does not exist', async () => {
    await expect(readVersion(store, 'churn', 3)).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
      message: expect.stringContaining('no version yet'),
    });
    await claimVersion(store, versionDraft());
    await expect(readVersion(store, 'churn', 3)).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
      hint: expect.stringContaining('churn@v1'),
    });
  });

  it.each([
    ['no JSON', 'half a rec'],
    ['another document', '{"schema":"weighin/stage@1"}'],
    ['a further key', JSON.stringify({ schema: 'weighin/version@1', number: 1, ...versionDraft(), extra: 1 })],
    ['another number', JSON.stringify({ schema: 'weighin/version@1', number: 2, ...versionDraft() })],
    ['another model', JSON.stringify({ schema: 'weighin/version@1', number: 1, ...versionDraft({ model: 'fraud' }) })],
  ])('calls a damaged record damaged, and says where: %s', async (_what, text) => {
    await store.create(versionKey('churn', 1), new TextEncoder().encode(text));
    const damaged = { code: 'RECORD_CORRUPT', message: expect.stringContaining('models/churn/versions/1.json') };
    await expect(readVersion(store, 'churn', 1)).rejects.toMatchObject(damaged);
    await expect(claimVersion(store, versionDraft({ seed: 'b' }))).rejects.toMatchObject(damaged);
  });
});

describe('many at once', () => {
  it('registers the same draft once, whoever wins', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => registerVersion(store, registration())));
    expect(claims.filter((claim) => claim.registered)).toHaveLength(1);
    expect(new Set(claims.map((claim) => claim.record.number))).toEqual(new Set([1]));
  });

  it('finds out who took the number that it lost: the same draft at the same moment is one version', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimVersion(store, versionDraft())));
    expect(claims.filter((claim) => claim.registered)).toHaveLength(1);
    expect(await listNumbers(store, 'churn')).toEqual([1]);
  });

  it('gives every one of 50 drafts its number', async () => {
    const claims = await Promise.all(Array.from({ length: 50 }, (_, seed) => claimVersion(store, versionDraft({ seed }))));
    expect(claims.map((claim) => claim.record.number).sort((a, b) => a - b)).toEqual(numbersTo(50));
  });

  describe('in processes of their own, on one folder', () => {
    let folder: string;
    let program: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'weighin-registering-'));
      program = await bundleRegistering(folder);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('gives 50 processes 50 numbers, and loses none', async () => {
      const root = join(folder, 'fifty');
      const processes = await Promise.all(Array.from({ length: 50 }, (_, who) => startRegistering(program, [root, who])));
      for (const { go } of processes) go();
      const numbers = (await Promise.all(processes.map((process) => process.numbers))).flat();
      expect(numbers.sort((a, b) => a - b)).toEqual(numbersTo(50));
      const kept = await listVersions(createFolderStore(root), 'churn');
      const expected = Array.from({ length: 50 }, (_, who) => versionDraft({ seed: `${who}.0` }).subject.digest);
      expect(kept.map((version) => version.record.subject.digest).sort()).toEqual(expected.sort());
      for (const { record } of kept) await getBlob(createFolderStore(root), record.subject.digest);
    }, 120_000);

    it('leaves nothing half-visible when processes are killed at any moment', async () => {
      const root = join(folder, 'killed');
      const reader = createFolderStore(root);
      const reported: number[] = [];
      for (let round = 0; round < 12; round++) {
        const victim = await startRegistering(program, [root, `round${round}`, 10_000, 300_000]);
        victim.go();
        await wait(7 * round);
        victim.process.kill('SIGKILL');
        reported.push(...(await victim.numbers));
        await expectWhole(reader);
      }
      const numbers = await listNumbers(reader, 'churn');
      // What was reported as registered is there, and the next number follows without a gap.
      expect(numbers).toEqual(numbersTo(numbers.length));
      expect(numbers).toEqual(expect.arrayContaining(reported));
      expect(numbers.length).toBeGreaterThan(0);
      expect((await registerVersion(reader, registration({ seed: 'after' }))).record.number).toBe(numbers.length + 1);
    }, 120_000);
  });
});

describe('a crash between any two calls of the store', () => {
  it.each(['before', 'after'] as const)(
    'shows the whole version or nothing of it, and trying again ends well (%s the call)',
    async (moment) => {
      for (let crashAt = 0; ; crashAt++) {
        const disk = createMemoryStore();
        let calls = 0;
        let crashed = false;
        const dying: ObjectStore = {
          ...disk,
          read: (key) => dies(() => disk.read(key)),
          create: (key, bytes) => dies(() => disk.create(key, bytes)),
        };
        async function dies<T>(call: () => Promise<T>): Promise<T> {
          const now = calls++ === crashAt;
          crashed ||= now;
          if (now && moment === 'after') await call();
          if (crashed) throw new Error('killed');
          return call();
        }
        const outcome = await registerVersion(dying, registration()).catch((error: Error) => error.message);
        await expectWhole(disk);
        const again = await registerVersion(disk, registration());
        expect(again.record.number).toBe(1);
        if (!crashed) {
          expect(crashAt).toBeGreaterThan(2);
          return expect(outcome).toMatchObject({ registered: true });
        }
        expect(outcome).toBe('killed');
      }
    },
  );
});

/** Everything that a visible version names can be read and verifies. */
async function expectWhole(reader: ObjectStore) {
  for (const { record } of await listVersions(reader, 'churn')) {
    expect((await getBlob(reader, record.subject.digest)).byteLength).toBe(record.subject.bytes);
    await getBlob(reader, record.evaluation!.report);
  }
}
