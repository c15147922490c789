import type { PauseReason, RolloutStop } from '../../shared/rollout/engine/engine-state.ts';
import type { Advice } from './board.ts';

interface Place {
  readonly model: string;
  readonly stage: string;
  readonly candidate: number;
}
type Verb = 'resume' | 'abort' | 'promote' | 'pause';
const commandsOf = ({ model, stage }: Place, ...verbs: readonly Verb[]) => verbs.map((verb) => `/weighin canary ${model} ${stage} ${verb}`);

const pauses: Readonly<Record<PauseReason, { readonly title: string; readonly next: string; readonly verbs: readonly Verb[] }>> = {
  person: { title: 'paused by a person', next: 'Resume it where it stands, or take it back.', verbs: ['resume', 'abort'] },
  'no-data': {
    title: 'no counts come in',
    next: 'See that the source of metrics answers; then resume. Until then nobody knows how the candidate does.',
    verbs: ['resume', 'abort'],
  },
  'both-arms': {
    title: 'both versions are worse',
    next: 'The cause is likely beside the model: look at what both share. Resume when stable is well again.',
    verbs: ['resume', 'abort'],
  },
  'low-traffic': {
    title: 'too few requests to tell',
    next: 'Resume to go on unproven, or wait for more traffic.',
    verbs: ['resume', 'abort'],
  },
  'no-requests': {
    title: 'the candidate gets no requests',
    next: 'See that traffic reaches it: the target took the weight, and nothing arrives.',
    verbs: ['resume', 'abort'],
  },
  'not-assured': {
    title: 'not shown to be below its limit',
    next: 'Promote to answer for it yourself, or resume for more requests.',
    verbs: ['promote', 'resume', 'abort'],
  },
  'gap-unjudged': {
    title: 'nobody watched for a while',
    next: 'No counts tell what happened meanwhile. Look at your own dashboards, then resume or take it back.',
    verbs: ['resume', 'abort'],
  },
  distribution: {
    title: 'predictions differ from stable’s',
    next: 'If the new model is meant to answer differently, promote the step; else take it back.',
    verbs: ['promote', 'abort'],
  },
  held: { title: 'the stage is held', next: 'Lift the hold, then resume.', verbs: ['resume', 'abort'] },
  decision: { title: 'the time is over; somebody decides', next: 'Promote it, or keep what runs.', verbs: ['promote', 'abort'] },
  'check-failed': { title: 'a check said no', next: 'Mend what it names, then resume; or take it back.', verbs: ['resume', 'abort'] },
  target: {
    title: 'the target does not do as asked',
    next: 'See why traffic does not move as asked, then resume; or take it back.',
    verbs: ['resume', 'abort'],
  },
};

export const pauseTitle = (reason: PauseReason): string => pauses[reason].title;

export function pauseAdvice(reason: PauseReason, place: Place): Advice {
  const { next, verbs } = pauses[reason];
  const lift = reason === 'held' ? [`/weighin unhold ${place.model} ${place.stage}`] : [];
  return { says: next, commands: [...lift, ...commandsOf(place, ...verbs)] };
}

const stops: Readonly<Record<RolloutStop['reason'], string>> = {
  limit: 'above its limit',
  stable: 'worse than stable',
  plan: 'worse than stable',
  'both-arms': 'both versions are worse',
  'hard-limit': 'above its hard limit',
  point: 'above its limit',
  aborted: 'taken back by a person',
  rollback: 'taken back by a person',
  superseded: 'a newer promotion took its place',
  recommended: 'the comparison recommends to keep what runs',
  'check-failed': 'a check said no',
};

export const stopTitle = (reason: RolloutStop['reason']): string => stops[reason];

export const stopAdvice = ({ ends }: Pick<RolloutStop, 'ends'>, { model, stage, candidate }: Place): Advice =>
  ends === 'superseded'
    ? { says: 'Nothing: the newer one goes on.', commands: [] }
    : {
        says: `v${candidate} is held here, so that nothing brings it back by itself. Mend it and promote the next version; or lift the hold and try it again.`,
        commands: [`/weighin unhold ${model} ${stage}`, `/weighin promote ${model}@v${candidate} ${stage}`],
      };
