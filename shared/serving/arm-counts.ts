/** Upper edges of the latency histogram, in seconds: 0.1 among them, the limit that rollouts are judged by. */
export const latencyEdges = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Upper edges of the histogram of scores in 0 … 1. */
export const scoreEdges = [
  0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1,
] as const;
/** Of numbers that a regression predicts: powers of ten to both sides. */
export const numberEdges = [-1e6, -1e4, -1e3, -100, -10, -1, 0, 1, 10, 100, 1e3, 1e4, 1e6] as const;

export interface Histogram {
  readonly edges: readonly number[];
  /** One more than edges: the last is above them all. */
  readonly counts: number[];
  sum: number;
}

/** Everything that is counted of one version as one variant. Plain numbers: a request must not pay for its own counting. */
export interface ArmCounts {
  readonly version: string;
  readonly variant: string;
  requests: number;
  rows: number;
  degraded: number;
  /** By reason: late, failed, open, refused. */
  readonly errors: Map<string, number>;
  readonly latency: Histogram;
  readonly scores: Histogram;
  /** By answered label, while they are few. */
  readonly labels: Map<string, number>;
}

export const createHistogram = (edges: readonly number[]): Histogram => ({ edges, counts: new Array(edges.length + 1).fill(0), sum: 0 });

export const createArmCounts = (version: string, variant: string, scores: readonly number[]): ArmCounts => ({
  version,
  variant,
  requests: 0,
  rows: 0,
  degraded: 0,
  errors: new Map(),
  latency: createHistogram(latencyEdges),
  scores: createHistogram(scores),
  labels: new Map(),
});

export function observe(histogram: Histogram, value: number): void {
  const { edges, counts } = histogram;
  let at = 0;
  while (at < edges.length && value > edges[at]!) at++;
  counts[at]!++;
  histogram.sum += value;
}

export const countError = (arm: ArmCounts, reason: string) => void arm.errors.set(reason, (arm.errors.get(reason) ?? 0) + 1);

/** Labels beyond the first 50 are one: a page of metrics is no place for a vocabulary. */
export function countLabel(arm: ArmCounts, label: string): void {
  const named = arm.labels.has(label) || arm.labels.size < 50 ? label : '(other)';
  arm.labels.set(named, (arm.labels.get(named) ?? 0) + 1);
}
