import { betaQuantile, incompleteBeta } from '../../statistics/beta.ts';
import { gaussLegendre } from '../../statistics/gauss-legendre.ts';
import { logGamma } from '../../statistics/saddle-point.ts';

export interface BetaArm {
  readonly successes: number;
  readonly failures: number;
}

export interface Posterior {
  readonly mean: number;
  /** Equal tails, 95 %. */
  readonly credible: readonly [number, number];
  /** That this arm's rate is the highest of all: what Thompson sampling would give it. */
  readonly best: number;
}

const panel = gaussLegendre(16);
const PANELS = 64;

/** Rates of arms under a Beta prior, and the chance that each is the best: ∫ f Π F of the others, by quadrature, no sampling. */
export function posteriorsOf(arms: readonly BetaArm[], prior: readonly [number, number] = [1, 1]): readonly Posterior[] {
  const betas = arms.map(({ successes, failures }) => [prior[0] + successes, prior[1] + failures] as const);
  return betas.map(([a, b], own) => {
    const low = betaQuantile(1e-12, a, b);
    const high = betaQuantile(1 - 1e-12, a, b);
    const half = (high - low) / (2 * PANELS);
    const log = logGamma(a) + logGamma(b) - logGamma(a + b);
    let best = 0;
    for (let p = 0; p < PANELS; p++)
      for (const [i, node] of panel.nodes.entries()) {
        const x = low + half * (2 * p + 1 + node);
        let value = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - log) * half * panel.weights[i]!;
        for (const [other, [c, d]] of betas.entries()) if (other !== own) value *= incompleteBeta(c, d, x).lower;
        best += value;
      }
    return { mean: a / (a + b), credible: [betaQuantile(0.025, a, b), betaQuantile(0.975, a, b)], best };
  });
}
