export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, bytes: number): void;
}

/** Keeps what was used last, up to so many bytes; a single value may take a quarter of them at most. */
export function createBoundedCache<Value>(limit: number): BoundedCache<Value> {
  const kept = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;
  const drop = (key: string) => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    get: (key) => {
      const found = kept.get(key);
      if (!found) return undefined;
      // A Map remembers the order of insertion: what is put back last is dropped last.
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    },
    set: (key, value, valueBytes) => {
      // What keeps a value costs memory too: its key, and the entry itself.
      const bytes = valueBytes + key.length + 64;
      drop(key);
      if (bytes > limit / 4) return;
      kept.set(key, { value, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= limit) break;
        drop(oldest);
      }
    },
  };
}
