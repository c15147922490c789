import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as rollout from '../../../../cli/commands/rollout.ts';
import { createCommandIo } from '../../../support/command-io.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-compare-'));
  const line = (version: string, at: number, score: number) =>
    JSON.stringify({
      id: `r${at}`,
      time: new Date(Date.parse('2026-01-05T08:00:00Z') + at * 1000).toISOString(),
      model: 'churn',
      version,
      variant: version === 'v12' ? 'shadow' : null,
      features: { name: 'patient-4711' },
      score,
      prediction: score >= 0.5 ? 'ill' : 'well',
      latency_ms: 3,
    });
  const write = (file: string, other: number) =>
    writeFileSync(
      join(folder, file),
      Array.from({ length: 400 }, (_, at) => `${line('v11', at, 0.25)}\n${line('v12', at, at < other ? 0.75 : 0.25)}\n`).join(''),
    );
  write('same.jsonl', 4);
  write('other.jsonl', 90);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function compare(more: object) {
  const { io, printed, json } = createCommandIo(folder);
  const exit = await rollout.run({ action: 'compare', stable: 'v11', candidate: 'v12', limit: 0.05, ...more } as never, io);
  return { exit, printed, json: json[0] as Record<string, unknown> };
}

describe('weighin rollout compare', () => {
  it('says what to do first, then what it rests on, and no value of the data', async () => {
    const { exit, printed, json } = await compare({ log: 'same.jsonl' });
    expect(exit).toBe(0);
    expect(printed[0]).toBe(
      '✓ promote v12: 4 of 400 requests were answered otherwise (1.0 %, 95 % interval 0.3 % … 2.5 %); at most 5.0 % may be.',
    );
    expect(printed[1]).toBe('  2026-01-05 08:00 … 2026-01-05 08:06 UTC, 400 requests answered by both');
    expect(printed.join('\n')).toContain('latency v11       mean 3.0 ms   median 3.0 ms   p95 3.0 ms   p99 3.0 ms');
    expect(printed.join('\n')).toContain('more than 0.05 in 1.0 % (4 requests)');
    expect(`${printed.join('\n')}${JSON.stringify(json)}`).not.toMatch(/patient|well|\bill\b/);
    expect(json).toMatchObject({ schema: 'weighin/shadow@1', recommends: 'promote', rows: { compared: 400 } });
  });

  it('exits 1 where they differ too much, by the limit that was asked for', async () => {
    expect(await compare({ log: 'other.jsonl' })).toMatchObject({ exit: 1, json: { recommends: 'keep', verdict: 'fail' } });
    expect((await compare({ log: 'other.jsonl', limit: 0.5 })).exit).toBe(0);
    const { exit, printed } = await compare({ log: 'same.jsonl', limit: 0.02 });
    expect(exit).toBe(0);
    expect(printed[0]).toMatch(/^! keep v11 \(not shown\): /);
  });

  it.each([
    [{}, 'FLAG_MISSING'],
    [{ log: 'same.jsonl', stable: undefined }, 'FLAG_MISSING'],
    [{ log: 'same.jsonl', candidate: '12' }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', candidate: "v12' OR 1" }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', candidate: 'v11' }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', limit: 0 }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', limit: Number.NaN }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', tolerance: -1 }, 'FLAG_INVALID'],
    [{ log: 'same.jsonl', since: 'yesterday' }, 'FLAG_INVALID'],
    [{ log: 'none.jsonl' }, 'DATA_NOT_FOUND'],
    [{ log: 'same.jsonl', candidate: 'v13' }, 'VERSION_NOT_IN_LOG'],
  ])('refuses %o with %s', async (more, code) => {
    await expect(compare(more)).rejects.toMatchObject({ code });
  });
});
