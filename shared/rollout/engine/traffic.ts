/** A version as a target knows it: `v12`, and its digest for addresses by content. */
export interface ServedVersion {
  readonly number: number;
  readonly digest: string;
}

/** What a target must make true. Level-triggered: asked again and again, the same answer each time. */
export interface DesiredTraffic {
  readonly model: string;
  readonly stage: string;
  readonly rolloutId: string;
  /** Rises with every wish for this stage; a target that keeps it refuses a lower one, which comes from a process that was overtaken. */
  readonly revision: number;
  readonly stable: ServedVersion;
  /** null: stable alone. Nothing of an earlier candidate may be left behind, no weight and no route. */
  readonly candidate: ServedVersion | null;
  /** Of the candidate, 0 … 100. */
  readonly percent: number;
  /** The candidate gets a copy of what stable answers, and never answers itself. */
  readonly mirror: boolean;
  /** The target falls back to stable by itself when nobody renews it for so long; null: the weight stays. */
  readonly leaseSeconds: number | null;
}

/** What a target does now, as it says itself. null: it does not tell. */
export interface ObservedTraffic {
  /** `v11` */
  readonly stable: string | null;
  readonly candidate: string | null;
  readonly percent: number | null;
  readonly mirror: boolean | null;
}

export const nameOfVersion = ({ number }: Pick<ServedVersion, 'number'>): string => `v${number}`;

/** Whether the target does what is wanted, as far as it tells. One that tells nothing is believed once it has taken the wish. */
export function isAsDesired(desired: DesiredTraffic, observed: ObservedTraffic): boolean {
  const [stable, candidate] = [nameOfVersion(desired.stable), desired.candidate && nameOfVersion(desired.candidate)];
  if (observed.stable !== null && observed.stable !== stable) return false;
  if (observed.mirror !== null && observed.mirror !== desired.mirror) return false;
  // Without a candidate nothing may be left of one; a version that is named with no traffic is left.
  if (observed.candidate !== null && observed.candidate !== candidate) return false;
  return observed.percent === null || Math.abs(observed.percent - (desired.candidate ? desired.percent : 0)) < 0.5;
}
