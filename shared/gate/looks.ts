import { wholeNumber } from './figures.ts';
import type { GateFinding } from './gate-finding.ts';

/** After the budget of looks, with `looks.correct`, a test set decides nothing more: its bounds hold for that many candidates. */
export const withoutLooks = (found: GateFinding, looks: number, budget: number): GateFinding => ({
  ...found,
  finding: { ...found.finding, lower: null, upper: null, p: null },
  obstacle: {
    reason: 'LOOKS_SPENT',
    message: `this is candidate ${wholeNumber(looks)} on a test set that may decide ${wholeNumber(budget)}; refresh the test set`,
  },
});
