import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delongCovariance, placements, rocAuc } from '../../../shared/statistics/delong.ts';
import { ascendingOrder, tieEnds } from '../../../shared/statistics/order.ts';

const rows = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 1),
      fc.integer({ min: 0, max: 12 }).map((score) => score / 8),
    ),
    { minLength: 6, maxLength: 60 },
  )
  .filter((all) => all.filter(([label]) => label === 1).length >= 2 && all.filter(([label]) => label === 0).length >= 2);

function ranked(all: readonly (readonly [number, number])[]) {
  const labels = Float64Array.from(all, ([label]) => label);
  const scores = Float64Array.from(all, ([, score]) => score);
  const order = ascendingOrder(scores);
  return { labels, scores, ranking: { order, ends: tieEnds(scores, order) }, positives: labels.reduce((sum, label) => sum + label, 0) };
}

it('is the share of pairs in the right order, ties half, by definition', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const { labels, scores, ranking, positives } = ranked(all);
      let pairs = 0;
      labels.forEach((label, i) => {
        if (label)
          labels.forEach((other, j) => {
            if (!other) pairs += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          });
      });
      const auc = pairs / (positives * (labels.length - positives));
      expect(rocAuc(labels, ranking)).toBeCloseTo(auc, 12);
      const values = placements(labels, ranking, positives);
      for (const own of [0, 1]) {
        const mine = values.filter((_, i) => labels[i] === own);
        expect(mine.reduce((sum, value) => sum + value, 0) / mine.length).toBeCloseTo(auc, 12);
      }
    }),
  );
});

it('with a cluster a row is DeLong but for the factors of small samples', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const { labels, ranking, positives } = ranked(all);
      const own = placements(labels, ranking, positives);
      const plain = delongCovariance(labels, own, own, positives)!;
      const clustered = delongCovariance(labels, own, own, positives, { codes: labels.map((_, i) => i), count: labels.length })!;
      expect(clustered).toBeCloseTo(plain, 12);
    }),
  );
});

it('sees fewer rows where they come in copies', () => {
  const once = Array.from({ length: 60 }, (_, i) => [i % 2, ((i * 7919) % 61) / 61 + (i % 2) * 0.2] as const);
  const twice = [...once, ...once];
  const { labels, ranking, positives } = ranked(twice);
  const own = placements(labels, ranking, positives);
  const plain = delongCovariance(labels, own, own, positives)!;
  const clustered = delongCovariance(labels, own, own, positives, { codes: twice.map((_, i) => i % 60), count: 60 })!;
  expect(clustered / plain).toBeGreaterThan(1.9);
});

it('counts what the two classes of a cluster share: the variance of cluster sums over both', () => {
  // Thirty clusters of a positive and two negatives, whose scores move together.
  const all = Array.from({ length: 90 }, (_, i) => {
    const cluster = Math.floor(i / 3);
    return [i % 3 === 0 ? 1 : 0, ((cluster * 37) % 30) / 30 + ((i * 53) % 17) / 40] as const;
  });
  const { labels, ranking, positives } = ranked(all);
  const codes = all.map((_, i) => Math.floor(i / 3));
  const own = placements(labels, ranking, positives);
  const auc = rocAuc(labels, ranking)!;
  const sums = new Float64Array(30);
  own.forEach((value, i) => {
    sums[codes[i]!]! += (value - auc) / (labels[i] ? positives : labels.length - positives);
  });
  const want = (30 / 29) * sums.reduce((sum, value) => sum + value * value, 0);
  expect(delongCovariance(labels, own, own, positives, { codes, count: 30 })).toBeCloseTo(want, 14);
});
