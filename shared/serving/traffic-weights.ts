import { RefusedRequest } from './refused-request.ts';

/** Percent by version, 100 together. */
export type Weights = ReadonlyMap<string, number>;

export interface WeightsChange {
  readonly weights: Readonly<Record<string, number>>;
  /** Who holds the weights must say so again within this time, else all goes to stable. None: they stay. */
  readonly leaseSeconds?: number | undefined;
  /** Of the rollout; a lower one than the last is a late message and refused. */
  readonly revision?: number | undefined;
}

export interface TrafficWeights {
  readonly stable: string;
  /** As they hold now: all on stable once the lease ran out. */
  current(): Weights;
  /** Milliseconds until the lease runs out; null without one; 0 once it has. */
  leaseLeft(): number | null;
  revision(): number | null;
  /** @throws RefusedRequest WEIGHTS_INVALID, VERSION_NOT_SERVED, REVISION_TOO_OLD */
  set(change: WeightsChange): void;
  /** Points stable at another version and gives it everything. */
  setStable(version: string): void;
  /** The version for a draw in [0, 1). Versions beside stable take its low end, so that a greater weight only adds users to them. */
  choose(draw: number): string;
}

/** @param serves whether a version is loaded. */
export function createTrafficWeights(
  first: { readonly stable: string; readonly weights: Weights },
  { serves, now }: { readonly serves: (version: string) => boolean; readonly now: () => number },
): TrafficWeights {
  let stable = first.stable;
  let weights = first.weights;
  let leaseEnds: number | null = null;
  let revision: number | null = null;
  const expired = () => leaseEnds !== null && now() >= leaseEnds;
  const current = (): Weights => (expired() ? new Map([[stable, 100]]) : weights);
  return {
    get stable() {
      return stable;
    },
    current,
    leaseLeft: () => (leaseEnds === null ? null : Math.max(0, leaseEnds - now())),
    revision: () => revision,
    set(change) {
      const found = checkedWeights(Object.entries(change.weights));
      const missing = [...found.keys()].find((version) => !serves(version));
      if (missing !== undefined)
        throw new RefusedRequest(409, 'VERSION_NOT_SERVED', `${missing} is not loaded here. POST /admin/load loads it.`);
      if (change.revision !== undefined && revision !== null && change.revision < revision)
        throw new RefusedRequest(409, 'REVISION_TOO_OLD', `Revision ${change.revision} is older than ${revision}, which was set already.`);
      weights = found;
      leaseEnds = change.leaseSeconds === undefined ? null : now() + change.leaseSeconds * 1000;
      revision = change.revision ?? revision;
    },
    setStable(version) {
      stable = version;
      weights = new Map([[version, 100]]);
      leaseEnds = null;
    },
    choose(draw) {
      let edge = 0;
      if (!expired()) {
        if (weights.size === 1) for (const only of weights.keys()) return only;
        for (const [version, weight] of weights) {
          if (version === stable) continue;
          edge += weight / 100;
          if (draw < edge) return version;
        }
      }
      return stable;
    },
  };
}

/** @throws RefusedRequest WEIGHTS_INVALID */
export function checkedWeights(entries: readonly (readonly [string, number])[]): Weights {
  const wrong = entries.find(([version, weight]) => !/^v[1-9]\d{0,8}$/.test(version) || !(weight >= 0 && weight <= 100));
  if (wrong) throw invalid('each is a version, v12, with a percentage from 0 to 100');
  if (new Set(entries.map(([version]) => version)).size !== entries.length) throw invalid('a version stands there twice');
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
  if (Math.abs(sum - 100) > 1e-9) throw invalid(`they are ${Math.round(sum * 1e6) / 1e6} % together, and must be 100`);
  return new Map(entries);
}

const invalid = (why: string) => new RefusedRequest(422, 'WEIGHTS_INVALID', `The weights are not right: ${why}.`, { field: 'weights' });
