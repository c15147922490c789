import { binomialCdf } from './binomial.ts';

/** McNemar's exact p: min(1, 2·P(X ≤ min(b, c))), X ~ Bin(b + c, ½). 1 where nothing is discordant. */
export const mcnemarExact = (b: number, c: number): number => (b + c === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(b, c), b + c, 0.5)));

/** χ² with Edwards's correction, (|b − c| − 1)²/(b + c); null where nothing is discordant. */
export const mcnemarCorrected = (b: number, c: number): number | null =>
  b + c === 0 ? null : Math.max(0, Math.abs(b - c) - 1) ** 2 / (b + c);
