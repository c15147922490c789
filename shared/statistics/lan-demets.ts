import { gaussLegendre } from './gauss-legendre.ts';
import { normalQuantile, normalSf } from './normal.ts';

export type Spending = 'obrien-fleming' | 'pocock';

/** Which error is spent how; one side spends alpha / sides. */
export interface SpendingPlan {
  readonly alpha: number;
  readonly sides: 1 | 2;
  readonly spending: Spending;
  /** The smallest step of information that will come; the grid is as fine as it needs. */
  readonly smallestStep: number;
}

/** What one side has spent at information fraction t (Lan and DeMets 1983): of O'Brien and Fleming's type, or Pocock's. */
export function spentAt({ alpha, sides, spending }: Pick<SpendingPlan, 'alpha' | 'sides' | 'spending'>, t: number): number {
  const side = alpha / sides;
  if (t <= 0) return 0;
  if (t >= 1) return side;
  return spending === 'pocock' ? side * Math.log(1 + (Math.E - 1) * t) : 2 * normalSf(normalQuantile(1 - side / 2) / Math.sqrt(t));
}

/**
 * The looks so far, as far as the next boundary needs them: the density of the score B(t) = Z√t of what has not crossed, on a grid.
 * Plain data; it can be made again from the information fractions.
 */
export interface BoundaryChain {
  readonly t: number;
  /** By one side. */
  readonly spent: number;
  /** Of Z, at this look. */
  readonly bound: number;
  readonly places: readonly number[];
  /** Density times quadrature weight at each place. */
  readonly mass: readonly number[];
}

const panel = gaussLegendre(16);
/** Beyond this many standard deviations nothing is left that 1e-9 of a boundary would notice. */
const FAR = 8;
/** One-sided: who is as low as this never comes back far enough to matter. */
const LOW = -6;

/** The boundary of one more look, at t > chain.t. Recursive integration after Armitage, McPherson and Rowe (1969). */
export function nextBoundary(plan: SpendingPlan, chain: BoundaryChain | null, t: number): BoundaryChain {
  const spent = spentAt(plan, t);
  const bound = solveBound(chain, t, spent - (chain?.spent ?? 0));
  const root = Math.sqrt(t);
  const high = Math.min(bound, FAR) * root;
  const low = plan.sides === 2 ? -high : LOW * root;
  const width = FAR * Math.sqrt(Math.min(plan.smallestStep, t));
  const panels = Math.max(2, Math.ceil((high - low) / width));
  const half = (high - low) / (2 * panels);
  const places: number[] = [];
  const mass: number[] = [];
  for (let p = 0; p < panels; p++)
    for (const [i, node] of panel.nodes.entries()) {
      const place = low + half * (2 * p + 1 + node);
      places.push(place);
      mass.push(density(chain, t, place) * half * panel.weights[i]!);
    }
  return { t, spent, bound, places, mass };
}

/** Every boundary at these information fractions, in order. */
export function boundariesAt(plan: Omit<SpendingPlan, 'smallestStep'>, fractions: readonly number[]): readonly BoundaryChain[] {
  const smallestStep = Math.min(1, ...fractions.map((t, i) => t - (fractions[i - 1] ?? 0)));
  const chains: BoundaryChain[] = [];
  for (const t of fractions) chains.push(nextBoundary({ ...plan, smallestStep }, chains.at(-1) ?? null, t));
  return chains;
}

function density(chain: BoundaryChain | null, t: number, place: number): number {
  if (!chain) return Math.exp((-place * place) / (2 * t)) / Math.sqrt(2 * Math.PI * t);
  const variance = t - chain.t;
  const reach = FAR * Math.sqrt(variance);
  const scale = 1 / Math.sqrt(2 * Math.PI * variance);
  let sum = 0;
  for (let i = 0; i < chain.places.length; i++) {
    const apart = place - chain.places[i]!;
    if (apart < reach && apart > -reach) sum += chain.mass[i]! * Math.exp((-apart * apart) / (2 * variance));
  }
  return sum * scale;
}

/** P(not crossed before, Z ≥ bound now). */
function crossing(chain: BoundaryChain | null, t: number, bound: number): number {
  if (!chain) return normalSf(bound);
  const deviation = Math.sqrt(t - chain.t);
  const score = bound * Math.sqrt(t);
  let sum = 0;
  for (let i = 0; i < chain.places.length; i++) {
    const apart = (score - chain.places[i]!) / deviation;
    if (apart < 9) sum += chain.mass[i]! * normalSf(apart);
  }
  return sum;
}

function solveBound(chain: BoundaryChain | null, t: number, increment: number): number {
  if (!(increment > 0)) return Number.POSITIVE_INFINITY;
  if (!chain) return -normalQuantile(increment);
  // What crosses now is part of all that has been spent, so Z's own tail is between the two.
  let low = -normalQuantile(Math.min(0.999999, chain.spent + increment));
  let high = -normalQuantile(increment);
  // Bisection until Newton's step by a difference stays within, on the log scale where the curve is nearly straight.
  const wanted = Math.log(increment);
  let guess = (low + high) / 2;
  for (let step = 0; step < 60 && high - low > 1e-12; step++) {
    const value = Math.log(crossing(chain, t, guess));
    if (value > wanted) low = guess;
    else high = guess;
    const slope = (Math.log(crossing(chain, t, guess + 1e-5)) - value) / 1e-5;
    const next = guess + (wanted - value) / slope;
    if (Math.abs(next - guess) < 1e-10) return next;
    guess = next > low && next < high ? next : (low + high) / 2;
  }
  return guess;
}
