import { describe, expect, it } from 'vitest';
import { judgeDistribution } from '../../../../shared/rollout/judging/judge-distribution.ts';
import { createRandom, type Random } from '../../../../shared/statistics/random.ts';

const usual = { limit: 0.1, alpha: 0.01 };

/** Rows drawn at random into buckets of these shares. */
function draw({ uniform }: Random, shares: readonly number[], rows: number): number[] {
  const counts = shares.map(() => 0);
  for (let row = 0; row < rows; row++) {
    let left = uniform();
    let at = 0;
    while (at < shares.length - 1 && left >= shares[at]!) left -= shares[at++]!;
    counts[at]!++;
  }
  return counts;
}
const even = (buckets: number) => Array.from({ length: buckets }, () => 1 / buckets);

describe('judgeDistribution', () => {
  it('says how much would have to move, in so many rows that chance adds nothing', () => {
    const judged = judgeDistribution({ stable: [500_000, 500_000], candidate: [700_000, 300_000], ...usual });
    expect(judged.share).toBeCloseTo(0.2, 3);
    expect(judged.p).toBeLessThan(1e-12);
    expect(judged.differs).toBe(true);
  });

  it('finds nothing in arms that are alike', () => {
    expect(judgeDistribution({ stable: [400, 400, 200], candidate: [40, 40, 20], ...usual })).toEqual({ differs: false, share: 0, p: 1 });
  });

  it('needs both: many rows that differ a little, and few that differ much, say nothing', () => {
    const little = judgeDistribution({ stable: [500_000, 500_000], candidate: [510_000, 490_000], ...usual });
    expect(little.p).toBeLessThan(1e-6);
    expect(little.share).toBeCloseTo(0.01, 3);
    expect(little.differs).toBe(false);
    const few = judgeDistribution({ stable: [6, 6], candidate: [3, 1], ...usual });
    expect(few.p).toBeGreaterThan(0.1);
    expect(few.differs).toBe(false);
  });

  it('takes a limit that is met exactly for met', () => {
    const counts = { stable: [900_000, 100_000], candidate: [800_000, 200_000] };
    const { share } = judgeDistribution({ ...counts, ...usual });
    expect(judgeDistribution({ ...counts, alpha: 0.01, limit: share }).differs).toBe(true);
    expect(judgeDistribution({ ...counts, alpha: 0.01, limit: share + 1e-6 }).differs).toBe(false);
  });

  it.each([
    { stable: [0, 0], candidate: [10, 20] },
    { stable: [10, 20], candidate: [0, 0] },
    { stable: [0, 30], candidate: [0, 20] },
    { stable: [], candidate: [] },
  ])('has no opinion of $stable and $candidate', (counts) => {
    expect(judgeDistribution({ ...counts, ...usual })).toEqual({ differs: false, share: 0, p: 1 });
  });

  it('counts rows where the other arm has none', () => {
    const judged = judgeDistribution({ stable: [1000, 0, 0], candidate: [0, 0, 1000], ...usual });
    expect(judged).toMatchObject({ differs: true });
    expect(judged.share).toBeCloseTo(1, 2);
  });

  it('refuses arms of different edges', () => {
    expect(() => judgeDistribution({ stable: [1, 2], candidate: [1], ...usual })).toThrow('different edges');
  });

  it('stops at most alpha of candidates that are alike, however few their rows, and takes chance out of the share', () => {
    for (const rows of [30, 100, 1000]) {
      const random = createRandom(rows);
      let [alarms, share] = [0, 0];
      const runs = 400;
      for (let run = 0; run < runs; run++) {
        const judged = judgeDistribution({
          stable: draw(random, even(20), 5 * rows),
          candidate: draw(random, even(20), rows),
          limit: 0.02,
          alpha: 0.05,
        });
        alarms += Number(judged.differs);
        share += judged.share / runs;
      }
      expect(alarms / runs, `${rows} rows`).toBeLessThanOrEqual(0.075);
      // Half of what plain total variation shows there.
      expect(share, `${rows} rows`).toBeLessThan(0.5 * 0.5 * 20 * Math.sqrt((2 / Math.PI) * 0.05 * 0.95 * (1.2 / rows)) + 0.01);
    }
  });

  it('finds a shift of a fifth of the rows in 500', () => {
    const random = createRandom(5);
    const skewed = even(20).map((share, at) => (at < 10 ? share * 1.4 : share * 0.6));
    for (let run = 0; run < 20; run++) {
      const judged = judgeDistribution({ stable: draw(random, even(20), 5000), candidate: draw(random, skewed, 500), ...usual });
      expect(judged.differs).toBe(true);
      expect(judged.share).toBeGreaterThan(0.12);
      expect(judged.share).toBeLessThan(0.28);
    }
  });
});
