import { UserError } from '../errors.ts';

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];
export type Quotas = Readonly<Record<SplitName, number>>;

/** @throws UserError `SPLIT_SHARES` unless the shares are a whole. */
export function checkShares(shares: Quotas): void {
  const sum = shares.train + shares.validation + shares.test;
  if (Math.abs(sum - 1) <= 1e-9) return;
  throw new UserError(
    'SPLIT_SHARES',
    `data.split takes ${shares.train} + ${shares.validation} + ${shares.test} = ${Number(sum.toFixed(6))} of the rows; the shares must add up to 1.`,
    'Change train, validation or test, for example 0.7, 0.15 and 0.15.',
  );
}

/**
 * Rows of each split out of `rows`, by largest remainders (Hamilton): each within one row of its share, their sum exactly `rows`.
 * Equal remainders go to train, then to test: a validation set is the one that a team misses least.
 */
export function splitQuotas(rows: number, shares: Quotas): Quotas {
  const exact = splitNames.map((name) => {
    // A share such as 0.15 is no binary fraction: 0.15 × 700 must be 105, not one less.
    const ideal = Math.round(shares[name] * rows * 1e6) / 1e6;
    return { name, whole: Math.floor(ideal), remainder: ideal - Math.floor(ideal) };
  });
  const order = { train: 0, test: 1, validation: 2 };
  const missing = rows - exact.reduce((sum, { whole }) => sum + whole, 0);
  const lucky = [...exact]
    .sort((a, b) => b.remainder - a.remainder || order[a.name] - order[b.name])
    .slice(0, missing)
    .map(({ name }) => name);
  const quota = (name: SplitName) => (exact.find((entry) => entry.name === name)?.whole ?? 0) + (lucky.includes(name) ? 1 : 0);
  return { train: quota('train'), validation: quota('validation'), test: quota('test') };
}
