import { describe, expect, it } from 'vitest';
import { createRowBatcher } from '../../../shared/serving/batch-rows.ts';

describe('rows that wait', () => {
  it('longer than their caller does are not asked any more', async () => {
    const clock = { now: 0 };
    const asked: (readonly unknown[])[] = [];
    let answer: () => void = () => undefined;
    const batcher = createRowBatcher(
      {
        maxRows: Number.POSITIVE_INFINITY,
        predict: async (rows) => {
          asked.push(rows.map(([value]) => value));
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          return { kind: 'values', width: 1, values: Float64Array.from(rows.map(([value]) => value as number)) };
        },
      },
      { calls: 1, maxRows: 256, now: () => clock.now },
    );
    const first = batcher.score([[1]], 100);
    await expect.poll(() => asked.length).toBe(1);
    const late = batcher.score([[2], [3]], 100).catch(() => 'late');
    const later = batcher.score([[4]], 200);
    expect(batcher.pending).toBe(4);
    clock.now = 150;
    answer();
    expect(await first).toMatchObject([{ score: 1 }]);
    await expect.poll(() => asked.length).toBe(2);
    expect(await late).toBe('late');
    answer();
    expect(await later).toMatchObject([{ score: 4 }]);
    expect(asked).toEqual([[1], [4]]);
    expect(batcher.pending).toBe(0);
  });
});
