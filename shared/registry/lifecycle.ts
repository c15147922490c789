import type { VersionRecord } from './version-record.ts';

export type LifecycleState = 'registered' | 'staging' | 'production' | 'archived' | 'rejected';

/** A moment at which a stage pointed at a version; `current` where it does now. */
export interface StageMoment {
  readonly stage: string;
  readonly number: number;
  readonly current: boolean;
}

export interface Lifecycle {
  readonly number: number;
  readonly state: LifecycleState;
  /** The stages that point at it now, by name. */
  readonly stages: readonly string[];
}

/**
 * Where every version stands, derived and never stored: in production; at another stage (staging); archived once no stage points
 * at it any more; rejected where its verdict stops it and no stage ever did; else registered.
 */
export function lifecycle(records: readonly VersionRecord[], history: readonly StageMoment[]): Lifecycle[] {
  return records.map(({ number, evaluation }) => {
    const moments = history.filter((moment) => moment.number === number);
    const stages = [...new Set(moments.filter((moment) => moment.current).map((moment) => moment.stage))].sort();
    const state = stages.includes('production')
      ? 'production'
      : stages.length > 0
        ? 'staging'
        : moments.length > 0
          ? 'archived'
          : evaluation?.verdict === 'fail' || evaluation?.verdict === 'error'
            ? 'rejected'
            : 'registered';
    return { number, state, stages };
  });
}
