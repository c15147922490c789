import { type Design, weightCount } from './encoding.ts';
import { solvePositiveDefinite } from './solve-positive-definite.ts';

export interface Fit {
  /** In the order of `Design`: intercept, dense columns, groups. */
  readonly weights: Float64Array;
  readonly converged: boolean;
  /** Mean log loss on the training rows after each step, in nats. */
  readonly losses: readonly number[];
}

/** Rows that are worked on together, so that their scores stay in the processor's cache. */
const blockSize = 2_048;
/** Keeps the equations solvable where one-hot groups overlap with the intercept and the team asks for no penalty. */
const leastPenalty = 1e-6;

/**
 * Minimises Σ log loss + l2/2 · ‖weights‖² (intercept not penalised) by Newton's method with halving (iteratively reweighted least
 * squares). Each row touches its dense columns and one weight a group, so a pass costs rows × (columns + groups)², however many
 * categories there are. All sums run in row order: the same rows give the same bits.
 */
export function fitLogistic(design: Design, l2: number, maxIterations: number): Fit {
  const size = weightCount(design);
  const penalty = Math.max(l2, leastPenalty);
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  let weights: Float64Array = new Float64Array(size);
  weights[0] = logOdds(design.labels);
  let accepted: { weights: Float64Array; objective: number } | null = null;
  const losses: number[] = [];

  for (let iteration = 0, halvings = 0; iteration < maxIterations; ) {
    const loss = accumulate(design, weights, gradient, hessian);
    let objective = loss;
    for (let index = 1; index < size; index++) {
      objective += (penalty / 2) * weights[index]! ** 2;
      gradient[index]! += penalty * weights[index]!;
      hessian[index * size + index]! += penalty;
    }
    if (accepted && objective > accepted.objective * (1 + 1e-12) && halvings < 30) {
      const from = accepted.weights;
      weights = weights.map((value, index) => (value + from[index]!) / 2);
      halvings++;
      continue;
    }
    halvings = 0;
    iteration++;
    losses.push(loss / design.rows);
    const step = solvePositiveDefinite(hessian, gradient, size);
    accepted = { weights, objective };
    let decrease = 0;
    for (let index = 0; index < size; index++) decrease += gradient[index]! * step[index]!;
    weights = weights.map((value, index) => value - step[index]!);
    // Half the squared Newton decrement: what a further step could gain (Boyd & Vandenberghe 2004, §9.5). The step just taken squares it.
    if (decrease / 2 <= 1e-10 * Math.max(1, objective)) return { weights, converged: true, losses };
  }
  return { weights, converged: false, losses };
}

function logOdds(labels: Uint8Array): number {
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += labels[row]!;
  return Math.log((positives + 0.5) / (labels.length - positives + 0.5));
}

/** Loss at these weights; fills the gradient and the lower triangle of the Hessian, both without the penalty. */
function accumulate({ rows, labels, dense, groups }: Design, weights: Float64Array, gradient: Float64Array, hessian: Float64Array): number {
  const size = weights.length;
  gradient.fill(0);
  hessian.fill(0);
  const score = new Float64Array(blockSize);
  const residual = new Float64Array(blockSize);
  const curvature = new Float64Array(blockSize);
  const weighted = dense.map(() => new Float64Array(blockSize));
  const offsets = groupOffsets({ dense, groups });
  let loss = 0;

  for (let start = 0; start < rows; start += blockSize) {
    const count = Math.min(blockSize, rows - start);
    scoreBlock({ dense, groups }, offsets, weights, start, count, score);
    let residuals = 0;
    let curvatures = 0;
    for (let i = 0; i < count; i++) {
      const z = score[i]!;
      const label = labels[start + i]!;
      const small = Math.exp(-Math.abs(z));
      const probability = z >= 0 ? 1 / (1 + small) : small / (1 + small);
      loss += Math.log1p(small) + (z >= 0 ? (1 - label) * z : -label * z);
      const r = probability - label;
      const h = probability * (1 - probability);
      residual[i] = r;
      curvature[i] = h;
      residuals += r;
      curvatures += h;
    }
    gradient[0]! += residuals;
    hessian[0]! += curvatures;

    for (let j = 0; j < dense.length; j++) {
      const x = dense[j]!;
      const hx = weighted[j]!;
      let first = 0;
      let cross = 0;
      for (let i = 0; i < count; i++) {
        const value = x[start + i]!;
        first += residual[i]! * value;
        cross += hx[i] = curvature[i]! * value;
      }
      gradient[1 + j]! += first;
      hessian[(1 + j) * size]! += cross;
      for (let k = 0; k <= j; k++) {
        const other = dense[k]!;
        let sum = 0;
        for (let i = 0; i < count; i++) sum += hx[i]! * other[start + i]!;
        hessian[(1 + j) * size + 1 + k]! += sum;
      }
    }

    for (let g = 0; g < groups.length; g++) {
      const { codes } = groups[g]!;
      const offset = offsets[g]!;
      for (let i = 0; i < count; i++) {
        const at = offset + codes[start + i]!;
        gradient[at]! += residual[i]!;
        hessian[at * size]! += curvature[i]!;
        hessian[at * size + at]! += curvature[i]!;
      }
      for (let j = 0; j < dense.length; j++) {
        const hx = weighted[j]!;
        for (let i = 0; i < count; i++) hessian[(offset + codes[start + i]!) * size + 1 + j]! += hx[i]!;
      }
      for (let earlier = 0; earlier < g; earlier++) {
        const other = groups[earlier]!.codes;
        const otherOffset = offsets[earlier]!;
        for (let i = 0; i < count; i++) hessian[(offset + codes[start + i]!) * size + otherOffset + other[start + i]!]! += curvature[i]!;
      }
    }
  }
  return loss;
}

type Columns = Pick<Design, 'dense' | 'groups'>;

function groupOffsets({ dense, groups }: Columns): readonly number[] {
  let next = 1 + dense.length;
  return groups.map(({ size }) => {
    const offset = next;
    next += size;
    return offset;
  });
}

function scoreBlock(
  { dense, groups }: Columns,
  offsets: readonly number[],
  weights: Float64Array,
  start: number,
  count: number,
  score: Float64Array,
) {
  score.fill(weights[0]!, 0, count);
  for (let j = 0; j < dense.length; j++) {
    const x = dense[j]!;
    const weight = weights[1 + j]!;
    for (let i = 0; i < count; i++) score[i]! += weight * x[start + i]!;
  }
  for (let g = 0; g < groups.length; g++) {
    const { codes } = groups[g]!;
    const offset = offsets[g]!;
    for (let i = 0; i < count; i++) score[i]! += weights[offset + codes[start + i]!]!;
  }
}

/** Probabilities of the positive class, by the trainer's own arithmetic. */
export function predictLogistic(design: Design, weights: Float64Array): Float64Array {
  const probabilities = new Float64Array(design.rows);
  const offsets = groupOffsets(design);
  const score = new Float64Array(blockSize);
  for (let start = 0; start < design.rows; start += blockSize) {
    const count = Math.min(blockSize, design.rows - start);
    scoreBlock(design, offsets, weights, start, count, score);
    for (let i = 0; i < count; i++) probabilities[start + i] = 1 / (1 + Math.exp(-score[i]!));
  }
  return probabilities;
}
