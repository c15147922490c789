import { brentRoot } from './brent.ts';
import { gaussLegendre } from './gauss-legendre.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { logGamma } from './saddle-point.ts';
import { studentQuantile } from './student-t.ts';

export interface PowerPlan {
  readonly alpha: number;
  readonly power: number;
  readonly sides: 1 | 2;
}

/** Cohen's h: how far two proportions are apart where their variance is stable. */
export const cohenH = (p1: number, p2: number): number => 2 * Math.asin(Math.sqrt(p1)) - 2 * Math.asin(Math.sqrt(p2));

/** How many standard errors the truth must be away: with two sides, a rejection on the wrong side counts too, as statsmodels counts it. */
function reach({ alpha, power, sides }: PowerPlan): number {
  const critical = normalQuantile(1 - alpha / sides);
  let [low, high] = [0, critical + normalQuantile(power)];
  if (sides === 1) return high;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle - critical) + normalCdf(-middle - critical) < power) low = middle;
    else high = middle;
  }
  return high;
}

/** Rows of the first group by the arcsine approximation; `ratio` is n2/n1. Not rounded; ∞ where the two are equal. */
export const sizeByArcsine = (p1: number, p2: number, ratio: number, plan: PowerPlan): number =>
  (reach(plan) / cohenH(p1, p2)) ** 2 * (1 + 1 / ratio);

/** Rows of the first group for the pooled z-test (Fleiss 1981, without correction); `ratio` is n2/n1. Not rounded. */
export function sizeByPooled(p1: number, p2: number, ratio: number, { alpha, power, sides }: PowerPlan): number {
  const pooled = (p1 + ratio * p2) / (1 + ratio);
  const null_ = normalQuantile(1 - alpha / sides) * Math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled));
  const alternative = normalQuantile(power) * Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio);
  return ((null_ + alternative) / (p1 - p2)) ** 2;
}

/**
 * The smallest h that n rows a group see, and the proportion above p1 that far away (null where there is none). To 1e-5, by the steps of
 * statsmodels' NormalIndPower.solve_power, whose number this is to the last digits.
 */
export function smallestEffect(p1: number, n: number, plan: PowerPlan): { readonly h: number; readonly above: number | null } {
  const critical = normalQuantile(1 - plan.alpha / plan.sides);
  const root = Math.sqrt(n / 2);
  const missing = (h: number) => normalCdf(h * root - critical) + (plan.sides === 2 ? normalCdf(-h * root - critical) : 0) - plan.power;
  const h = brentRoot(missing, 1e-8, 1, 1e-5);
  const angle = Math.asin(Math.sqrt(p1)) + h / 2;
  return { h, above: angle < Math.PI / 2 ? Math.sin(angle) ** 2 : null };
}

const panel = gaussLegendre(16);

/** P(T ≤ t) of the noncentral t: E Φ(t·s − δ) over s = √(χ²/df), by quadrature where its density lives. */
export function noncentralT(t: number, df: number, delta: number): number {
  const log = (1 - df / 2) * Math.LN2 + (df / 2) * Math.log(df) - logGamma(df / 2);
  const spread = 1 / Math.sqrt(2 * df);
  const low = Math.max(0, 1 - 12 * spread);
  const high = 1 + 14 * spread;
  const panels = 24;
  const half = (high - low) / (2 * panels);
  let sum = 0;
  for (let p = 0; p < panels; p++)
    for (const [i, node] of panel.nodes.entries()) {
      const s = low + half * (2 * p + 1 + node);
      if (s > 0) sum += half * panel.weights[i]! * Math.exp(log + (df - 1) * Math.log(s) - (df * s * s) / 2) * normalCdf(t * s - delta);
    }
  return Math.min(1, sum);
}

/** Power of the two-sample t-test at Cohen's d with n rows a group (n need not be whole). */
export function tTestPower(d: number, n: number, { alpha, sides }: Pick<PowerPlan, 'alpha' | 'sides'>): number {
  const df = 2 * n - 2;
  const delta = d * Math.sqrt(n / 2);
  const critical = studentQuantile(1 - alpha / sides, df);
  return 1 - noncentralT(critical, df, delta) + (sides === 2 ? noncentralT(-critical, df, delta) : 0);
}

/** Rows a group with which the t-test has that power. Not rounded. */
export function tTestSize(d: number, plan: PowerPlan): number {
  let [low, high] = [2, 4];
  while (tTestPower(d, high, plan) < plan.power && high < 1e9) [low, high] = [high, high * 2];
  for (let i = 0; i < 200 && high - low > 1e-9 * high; i++) {
    const middle = (low + high) / 2;
    if (tTestPower(d, middle, plan) < plan.power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
