import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { type Board, type BoardModel, type BoardStage, standings } from './board.ts';

type Headline = Pick<Board, 'standing' | 'says' | 'why'>;

/** The worst first; of equals the first one, production before the others. */
export function headlineOf(models: readonly BoardModel[], problem: string | null): Headline {
  const stages = models.flatMap(({ stages: all }) => all);
  if (stages.length === 0)
    return problem === null
      ? { standing: 'empty', says: 'no stage yet', why: 'Add `stages: {production: {approvals: 1}}` to a model in weighin.yaml.' }
      : { standing: 'broken', says: 'weighin.yaml can’t be read', why: clipText(problem, 500) };
  const worst = stages.reduce((found, stage) => (standings.indexOf(stage.standing) < standings.indexOf(found.standing) ? stage : found));
  const others = stages.filter((stage) => stage !== worst && standings.indexOf(stage.standing) < standings.indexOf('moving')).length;
  const waiting = stages.reduce((sum, { waits }) => sum + waits.length, 0);
  const rest = [
    others > 0 && `${formatMany(others, 'other stage')} ${others === 1 ? 'needs' : 'need'} a look too`,
    waiting > 0 && `${formatMany(waiting, 'promotion')} ${waiting === 1 ? 'waits' : 'wait'}`,
  ].filter(Boolean);
  const { says, why } = sayStage(worst);
  return { standing: worst.standing, says, why: [ended(why), ended(rest.join('; '))].filter(Boolean).join(' ') };
}

const ended = (text: string) => (text === '' || /[.!?”]$/.test(text) ? text : `${text}.`);

function sayStage({ model, stage, standing, rollout, drift, waits, holds, problem, runs }: BoardStage): {
  readonly says: string;
  readonly why: string;
} {
  const name = `${model} ${stage}`;
  switch (standing) {
    case 'broken':
      return { says: `${name} can’t be read`, why: problem ?? '' };
    case 'unguarded':
      return {
        says: `${name}: nobody guards v${rollout?.candidate}`,
        why: 'Traffic may be moved, and nobody looks how it does. Start the guard again: `weighin rollout watch`.',
      };
    case 'stopped':
      return {
        says: `${name}: v${rollout?.candidate} ${rollout?.phase === 'rolling-back' ? 'goes back' : 'was taken back'}, ${rollout?.trouble?.title ?? 'stopped'}`,
        why: rollout?.trouble?.detail ?? '',
      };
    case 'paused':
      return {
        says: `${name}: v${rollout?.candidate} is paused, ${rollout?.trouble?.title ?? 'it stands still'}`,
        why: rollout?.trouble?.detail ?? '',
      };
    case 'drift':
      return { says: `${name} drifts`, why: drift?.headline ?? '' };
    case 'held':
      return { says: `${name} is held`, why: holds[0] ? `@${holds[0].by}: “${holds[0].reason}”.` : '' };
    case 'moving': {
      const percent = rollout?.traffic ? (rollout.traffic.seen ?? rollout.traffic.wanted) : 0;
      return { says: `${name}: v${rollout?.candidate} at ${formatCount(percent)} %`, why: rollout?.says ?? '' };
    }
    case 'waiting':
      return { says: `${name}: v${waits[0]?.version} waits`, why: waits[0]?.unmet[0]?.says ?? waits[0]?.says ?? '' };
    case 'shift':
      return { says: 'all is well', why: `Something moved in the data of ${name}, less than an alarm.` };
    case 'steady':
      return { says: 'all is well', why: `Every stage runs what it should; ${name} is at v${runs?.version}.` };
    case 'empty':
      return { says: 'nothing runs yet', why: 'Promote a version to begin.' };
  }
}
