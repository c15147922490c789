import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { getBlob, putBlob } from '../../shared/registry/blobs.ts';
import type { ObjectStore } from '../../shared/registry/object-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined) => found && new TextDecoder().decode(found);

/** An empty store, and a second client of the same objects. `overwrite` goes behind its back, as a failing disk does. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  readonly again: () => ObjectStore;
  readonly overwrite: (key: string, bytes: Uint8Array) => Promise<void>;
}

/** Every store passes this, or it is not one. `open` gives an empty store each time. */
export function describeObjectStore(name: string, open: () => Promise<StoreUnderTest>) {
  describe(`object store: ${name}`, () => {
    it('reads back what it was given, and nothing where nothing was written', async () => {
      const { store, again } = await open();
      expect(await store.read('a/b.json')).toBeUndefined();
      expect(await store.create('a/b.json', bytes('one'))).toBe(true);
      expect(text(await store.read('a/b.json'))).toBe('one');
      expect(text(await again().read('a/b.json'))).toBe('one');
    });

    it('keeps any bytes: none at all, and some megabytes that are no text', async () => {
      const { store } = await open();
      const large = randomBytes(9 * 1024 * 1024 + 17);
      await store.create('empty', new Uint8Array());
      await store.create('large', large);
      expect(await store.read('empty')).toHaveLength(0);
      expect(sha256((await store.read('large'))!)).toBe(sha256(large));
    });

    it('leaves what is stored as it was when the key is taken', async () => {
      const { store, again } = await open();
      await store.create('taken', bytes('first'));
      expect(await store.create('taken', bytes('second'))).toBe(false);
      expect(await again().create('taken', bytes('third'))).toBe(false);
      expect(text(await store.read('taken'))).toBe('first');
    });

    it('lets exactly one of 50 writers win a key, and keeps what that one wrote', async () => {
      const { again } = await open();
      const clients = Array.from({ length: 50 }, again);
      const won = await Promise.all(clients.map((client, writer) => client.create('contested', bytes(`writer ${writer}`))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text(await again().read('contested'))).toBe(`writer ${won.indexOf(true)}`);
    });

    it('lists by prefix, in byte order, across the border of a folder', async () => {
      const { store } = await open();
      // `-` and `.` sort before `/`, digits after it: walking folder by folder gives another order.
      const keys = ['m/10', 'm/2', 'm-1', 'm.json', 'm0', 'n/1', 'm/a/c', 'm/a-b', 'm/B'];
      for (const key of keys) await store.create(key, bytes(key));
      expect(await listed(store, 'm/')).toEqual(['m/10', 'm/2', 'm/B', 'm/a-b', 'm/a/c']);
      expect(await listed(store, 'm')).toEqual(['m-1', 'm.json', 'm/10', 'm/2', 'm/B', 'm/a-b', 'm/a/c', 'm0']);
      expect(await listed(store, 'm/1')).toEqual(['m/10']);
      expect(await listed(store, 'absent/')).toEqual([]);
      expect(await listed(store, '')).toEqual([...keys].sort());
    });

    it.each(['../x', 'a/../b', '/a', 'a//b', 'a/', '', '.drafts/x', 'a\\b', 'ü', `a/${'x'.repeat(256)}`])(
      'takes no key that means something else in another store: %s',
      async (key) => {
        const { store } = await open();
        await expect(store.create(key, bytes('x'))).rejects.toThrow(RangeError);
        await expect(store.read(key)).rejects.toThrow(RangeError);
        expect(await listed(store, '')).toEqual([]);
      },
    );

    it('finds blobs by their digest, and keeps one copy', async () => {
      const { store } = await open();
      const digest = await putBlob(store, bytes('a model'));
      expect(digest).toBe(`sha256:${sha256(bytes('a model'))}`);
      expect(await putBlob(store, bytes('a model'))).toBe(digest);
      expect(text(await getBlob(store, digest))).toBe('a model');
      expect(await listed(store, '')).toEqual([`blobs/sha256/${digest.slice(7)}`]);
    });

    it('says which blob was damaged and where, instead of handing it on', async () => {
      const { store, overwrite } = await open();
      const digest = await putBlob(store, bytes('a model'));
      await overwrite(`blobs/sha256/${digest.slice(7)}`, bytes('a model, bitten'));
      const failure = { code: 'BLOB_CORRUPT', message: expect.stringContaining(digest.slice(7)) };
      await expect(getBlob(store, digest)).rejects.toMatchObject(failure);
      await expect(getBlob(store, digest)).rejects.toMatchObject({ message: expect.stringContaining(store.location) });
      // Nor does it count as stored already.
      await expect(putBlob(store, bytes('a model'))).rejects.toMatchObject(failure);
    });

    it('does not mistake a blob that is missing for an empty one', async () => {
      const { store } = await open();
      await expect(getBlob(store, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    });
  });
}

export async function listed(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list(prefix)) found.push(key);
  return found;
}

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
