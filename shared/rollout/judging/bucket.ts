/** Requests of one arm: how many were bad (an error, or slower than the limit) of how many. */
export interface ArmCounts {
  readonly bad: number;
  readonly total: number;
}

/** What both arms answered in the same few minutes, at one weight. Concurrent: that is what makes them comparable. */
export interface Bucket {
  /** Of the plan, from 0. */
  readonly step: number;
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts;
}
