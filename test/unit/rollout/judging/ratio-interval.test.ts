import { expect, it } from 'vitest';
import type { Bucket } from '../../../../shared/rollout/judging/bucket.ts';
import { addRatio, beginRatio, ratioInterval } from '../../../../shared/rollout/judging/ratio-interval.ts';
import { createRandom, drawBinomial } from '../../../../shared/statistics/random.ts';

it('holds the true ratio at every look of at least 95 % of the rollouts', () => {
  const random = createRandom(5);
  for (const ratio of [1, 2.5]) {
    let missed = 0;
    for (let run = 0; run < 200; run++) {
      let evidence = beginRatio();
      let isOut = false;
      for (let look = 0; look < 40; look++) {
        const bucket: Bucket = {
          step: 0,
          candidate: { bad: drawBinomial(random, 300, 0.01 * ratio), total: 300 },
          stable: { bad: drawBinomial(random, 600, 0.01), total: 600 },
        };
        evidence = addRatio(evidence, bucket, 1);
        const interval = ratioInterval(evidence);
        if (interval && (ratio < interval.lower || ratio > interval.upper)) isOut = true;
      }
      if (isOut) missed++;
    }
    // Binomial(200, .05): more than 20 is less likely than 1 in 1,000.
    expect(missed).toBeLessThanOrEqual(20);
  }
});

it('narrows around what was seen, and says nothing before the first bad answer', () => {
  const big: Bucket = { step: 0, candidate: { bad: 6_000, total: 200_000 }, stable: { bad: 4_000, total: 200_000 } };
  const interval = ratioInterval(addRatio(beginRatio(), big, 1))!;
  // ln 1.5 ± √(2·(ln 20 + ln 79)/2400), about: between nodes that are 10 % apart.
  expect(interval.lower).toBeGreaterThan(1.35);
  expect(interval.lower).toBeLessThan(1.47);
  expect(interval.upper).toBeGreaterThan(1.53);
  expect(interval.upper).toBeLessThan(1.66);
  const none: Bucket = { step: 0, candidate: { bad: 0, total: 10 }, stable: { bad: 0, total: 10 } };
  expect(ratioInterval(addRatio(beginRatio(), none, 1))).toBeNull();
  const onlyCandidate: Bucket = { step: 0, candidate: { bad: 9, total: 100 }, stable: { bad: 0, total: 100 } };
  expect(ratioInterval(addRatio(beginRatio(), onlyCandidate, 1))).toMatchObject({ upper: Number.POSITIVE_INFINITY });
});
