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
 * Rows of each split in each stratum, given the strata's rows. Every quota is less than one row from its share, the quotas of a stratum
 * add up to its rows, and what one stratum rounds away the next one gets back, so that the splits as a whole keep their shares too.
 * Within a stratum the odd rows go by largest remainder; equal ones to train, then to test: a validation set is missed least.
 */
export function splitQuotas(strata: readonly number[], shares: Quotas): readonly Quotas[] {
  const order = { train: 0, test: 1, validation: 2 };
  const owed = { train: 0, validation: 0, test: 0 };
  return strata.map((rows) => {
    const cells = splitNames.map((name) => {
      // A share such as 0.15 is no binary fraction: 0.15 × 700 must be 105, not one less.
      const ideal = Math.round(shares[name] * rows * 1e6) / 1e6;
      const quota = Math.floor(ideal);
      return { name, ideal, quota, remainder: ideal - quota };
    });
    const odd = rows - cells.reduce((sum, { quota }) => sum + quota, 0);
    const claim = (cell: (typeof cells)[number]) => cell.remainder + owed[cell.name];
    const winners = cells
      .filter(({ remainder }) => remainder > 0)
      .sort((a, b) => claim(b) - claim(a) || order[a.name] - order[b.name])
      .slice(0, odd);
    for (const cell of winners) cell.quota++;
    const quotas = { train: 0, validation: 0, test: 0 };
    for (const { name, ideal, quota } of cells) {
      quotas[name] = quota;
      // Rounded as the ideal is, so that equal claims stay equal.
      owed[name] = Math.round((owed[name] + ideal - quota) * 1e6) / 1e6;
    }
    return quotas;
  });
}
