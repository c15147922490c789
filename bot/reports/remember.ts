import type { Forge } from '../../shared/promotion/forge.ts';

/** Artifacts never change, so what was read of one is kept, per forge; the oldest go first. */
const most = 100;
const memories = new WeakMap<Forge, Map<string, unknown>>();

/** `read` runs once a key. The key says what is read of what, so a value always has the type that its reader gives it. */
export async function remember<Value>(forge: Forge, key: string, read: () => Promise<Value>): Promise<Value> {
  const memory = memories.get(forge) ?? new Map<string, unknown>();
  memories.set(forge, memory);
  if (memory.has(key)) return memory.get(key) as Value;
  const value = await read();
  memory.set(key, value);
  for (const oldest of memory.keys()) {
    if (memory.size <= most) break;
    memory.delete(oldest);
  }
  return value;
}

export const recall = <Value>(forge: Forge, key: string): Value | undefined => memories.get(forge)?.get(key) as Value | undefined;
