import { chiSquareQuantileAbove } from '../../statistics/chi-square.ts';
import type { CountedSides } from './count-tests.ts';

/**
 * PSI of two samples of one law is about χ²(k − 1) · (1/n + 1/m) (Yurdakul 2018): its 95 % point, and never below the .1 of custom. A bare
 * .1 alarms on most small samples with no drift at all.
 */
export function stabilityThreshold({ reference, current, n, m }: CountedSides): number {
  let categories = 0;
  for (let i = 0; i < reference.length; i++) if (reference[i]! + current[i]! > 0) categories++;
  return categories < 2 ? 0.1 : Math.max(0.1, chiSquareQuantileAbove(0.05, categories - 1) * (1 / n + 1 / m));
}
