import { assertObjectKey, assertObjectPrefix } from '../../../shared/registry/object-key.ts';
import type { ObjectStore } from '../../../shared/registry/object-store.ts';
import { readOnly } from '../../../shared/registry/store-error.ts';

export interface MemoryStore extends ObjectStore {
  /** Behind the store's back: damage, or a look at all. */
  readonly objects: Map<string, Uint8Array>;
}

/** A store that keeps nothing, for tests of what is built on stores. It passes the same suite. */
export function createMemoryStore({ writable = true } = {}): MemoryStore {
  const objects = new Map<string, Uint8Array>();
  return {
    location: 'memory',
    objects,
    async read(key) {
      assertObjectKey(key);
      await pause();
      return objects.get(key);
    },
    async create(key, bytes) {
      assertObjectKey(key);
      await pause();
      if (!writable) throw readOnly('memory', 'test');
      if (objects.has(key)) return false;
      objects.set(key, bytes.slice());
      return true;
    },
    async *list(prefix) {
      assertObjectPrefix(prefix);
      await pause();
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}

/** Others get their turn between any two calls. */
const pause = () => new Promise<void>((next) => setImmediate(next));
