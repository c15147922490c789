import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A line as a server writes it, changed where a test says so; `undefined` takes a field out. */
export function line(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id: 'r1',
    time: '2026-01-05T08:00:00Z',
    model: 'churn',
    version: 'v3',
    variant: null,
    features: { age: 40, plan: 'basic', active: true },
    score: 0.25,
    prediction: 0,
    latency_ms: 3.5,
    degraded: false,
    ...changes,
  });
}

export interface LogFolder {
  readonly path: string;
  write(name: string, lines: readonly string[] | string): Promise<string>;
  remove(): Promise<void>;
}

/** A folder of its own for logs; `.gz` in a name compresses. */
export async function openFolder(): Promise<LogFolder> {
  const path = await mkdtemp(join(tmpdir(), 'weighin-production-'));
  return {
    path,
    async write(name, lines) {
      const text = typeof lines === 'string' ? lines : `${lines.join('\n')}\n`;
      await writeFile(join(path, name), name.endsWith('.gz') ? gzipSync(text) : text);
      return name;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
