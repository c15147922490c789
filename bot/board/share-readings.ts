/** What was read last, when, and why it is not newer. */
export interface Shared<Value> {
  readonly value: Value;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly problem: string | null;
}

export interface ShareOptions<Key, Value> {
  readonly name: (key: Key) => string;
  readonly read: (key: Key) => Promise<Value>;
  /** For people; holds no secret. */
  readonly explain: (error: unknown, key: Key) => string;
  readonly milliseconds?: number;
  /** How long somebody who could be shown an older reading waits for a new one. */
  readonly patience?: number;
  readonly now?: () => number;
}

interface Entry<Value> {
  last: { readonly value: Value; readonly at: number } | null;
  problem: string | null;
  triedAt: number;
  underWay: Promise<void> | null;
}

/**
 * One reading of each thing for ten seconds, however many ask. A reading that fails leaves the last one standing, with why; the next try
 * is ten seconds later too, so that a forge that is in trouble is not asked harder.
 */
export function shareReadings<Key, Value>(
  options: ShareOptions<Key, Value>,
): (key: Key) => Promise<Shared<Value> | { readonly problem: string }> {
  const { name, read, explain, milliseconds = 10_000, patience = 3_000, now = Date.now } = options;
  const entries = new Map<string, Entry<Value>>();

  const start = async (key: Key, entry: Entry<Value>) => {
    // What comes is at least as new as this.
    const at = now();
    entry.triedAt = at;
    try {
      entry.last = { value: await read(key), at };
      entry.problem = null;
    } catch (error) {
      entry.problem = explain(error, key);
    } finally {
      entry.underWay = null;
    }
  };

  return async (key) => {
    const entry = entries.get(name(key)) ?? { last: null, problem: null, triedAt: Number.NEGATIVE_INFINITY, underWay: null };
    entries.set(name(key), entry);
    // Just short of the interval, so that a page that asks every ten seconds gets something new every time.
    if (entry.underWay === null && now() - entry.triedAt >= milliseconds * 0.95) entry.underWay = start(key, entry);
    if (entry.underWay) await (entry.last ? Promise.race([entry.underWay, wait(patience)]) : entry.underWay);
    return entry.last ? { ...entry.last, problem: entry.problem } : { problem: entry.problem ?? 'nothing was read' };
  };
}

const wait = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
