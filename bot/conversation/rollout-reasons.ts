import type { PauseReason, RolloutStop } from '../../shared/rollout/engine/engine-state.ts';

const stops: Readonly<Record<RolloutStop['reason'], string>> = {
  limit: 'above its limit',
  stable: 'worse than stable',
  plan: 'worse than stable, by the planned test',
  'both-arms': 'above its limit in both arms',
  'hard-limit': 'far above what is allowed at any time',
  point: 'above its limit at the end of a step',
  aborted: 'aborted by a person',
  rollback: 'rolled back by a person',
  superseded: 'a newer promotion took its place',
  recommended: 'what it was compared for was not shown',
  'check-failed': 'a check said no',
};

/** `error_rate is worse than stable`. */
export function stopWords({ reason, metric }: Pick<RolloutStop, 'reason' | 'metric'>): string {
  return metric === null ? stops[reason] : `${metric} is ${stops[reason]}`;
}

const pauses: Readonly<Record<PauseReason, { readonly says: string; readonly next: string }>> = {
  person: { says: 'Somebody paused it.', next: 'Whoever paused it knows why.' },
  'no-data': { says: 'No counts came.', next: 'Look why the source has none; nothing moves without them.' },
  'both-arms': {
    says: 'Candidate and stable are both above the limit, so it is the surroundings.',
    next: 'Mend what both suffer from; the candidate is not blamed.',
  },
  'low-traffic': { says: 'Too few requests came to judge by.', next: 'Wait for traffic, or take the risk.' },
  'no-requests': { says: 'Not one request came.', next: 'Look whether the target really sends it traffic.' },
  'not-assured': {
    says: 'It is not shown to be below its limit, which this rollout asks for before everybody gets it.',
    next: 'More requests show more: resume holds the step on.',
  },
  'gap-unjudged': {
    says: 'Nobody watched for a while, and there are no counts of that time.',
    next: 'Look at your own dashboards for that time.',
  },
  distribution: {
    says: 'The candidate’s predictions are distributed otherwise than stable’s.',
    next: 'See whether that was meant: a model may well be right to differ.',
  },
  held: { says: 'The stage or the version is held.', next: 'Lift the hold first.' },
  decision: { says: 'Its time is over, and somebody decides.', next: 'Read the recommendation.' },
  'check-failed': { says: 'A check said no before traffic moved.', next: 'Mend what it asks, then resume: it is asked again.' },
  target: { says: 'The target does not do what it was asked to.', next: 'Look at the target; it is asked again when resumed.' },
};

/** Why a rollout waits, and what would help. */
export const pauseWords = (reason: PauseReason): { readonly says: string; readonly next: string } => pauses[reason];
