import { createMemoryStore } from '../support/registry/memory-store.ts';
import { describeObjectStore } from './object-store.ts';

describeObjectStore('memory (of the tests)', async () => {
  const store = createMemoryStore();
  return { store, again: () => store, overwrite: async (key, bytes) => void store.objects.set(key, bytes) };
});
