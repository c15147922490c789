import { allOf } from '../../shared/promotion/event-data.ts';
import type { EventLine } from '../../shared/promotion/event-document.ts';
import { activeHolds } from '../../shared/promotion/holds.ts';
import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Workspace } from '../state/workspace.ts';
import { type Activity, type Board, type BoardModel, type BoardStage, type Standing, standings } from './board.ts';
import { driftOf } from './drift-of.ts';
import { eventWords } from './event-words.ts';
import type { Heard } from './heartbeats.ts';
import { isSilent, rolloutOf } from './rollout-of.ts';
import { type OpenPromotion, waitingOf } from './waiting-of.ts';

/** Everything that is known of one repository, read a moment ago. */
export interface BoardFacts {
  /** `acme/churn` */
  readonly repository: string;
  readonly url: string;
  readonly now: Date;
  readonly readAt: Date;
  readonly problem: string | null;
  readonly workspace: Pick<Workspace, 'policy' | 'stages' | 'stage' | 'live' | 'watch' | 'events'>;
  /** Numbers of the accepted versions, by model. */
  readonly known: ReadonlyMap<string, readonly number[]>;
  readonly open: readonly (OpenPromotion & StageKey)[];
  readonly heard: (rolloutId: string) => Heard | null;
}

const mostActivity = 25;

/** The board of a repository. Pure: the same facts, the same board. A stage that can't be read is told and keeps no other from being shown. */
export function boardOf(facts: BoardFacts): Board {
  const { workspace, repository, url, now, readAt, problem } = facts;
  const names = [...new Set(workspace.stages.map(({ model }) => model))];
  const models = names.map((name): BoardModel => {
    const keys = workspace.stages.filter(({ model }) => model === name);
    const ordered = [...keys.filter(({ stage }) => stage === 'production'), ...keys.filter(({ stage }) => stage !== 'production')];
    return { name, newest: facts.known.get(name)?.at(-1) ?? null, stages: ordered.map((key) => stageOf(facts, key)) };
  });
  return {
    repository,
    url,
    now: now.toISOString(),
    readAt: readAt.toISOString(),
    problem,
    ...headline(models, workspace.policy.problem),
    models,
    activity: activityOf(facts),
  };
}

function stageOf(facts: BoardFacts, key: StageKey): BoardStage {
  const { workspace, now } = facts;
  const blank = { ...key, runs: null, begin: null, holds: [], rollout: null, waits: [], drift: null };
  try {
    const live = workspace.live(key);
    const taken = live && takenBack(workspace, key, live);
    const rollout = live && rolloutOf(live, live.rolloutId === null ? null : facts.heard(live.rolloutId), taken?.number ?? null);
    const waits = facts.open.filter(({ model, stage }) => model === key.model && stage === key.stage).map(waitingOf);
    const drift = driftOf(workspace.watch(key));
    const runs = live?.stable
      ? { version: live.stable.number, since: live.verified.findLast(({ digest }) => digest === live.stable?.digest)?.at ?? null }
      : null;
    const holds = activeHolds(live, now).map(({ digest, reason, by, at, until }) => ({
      version: digest === null ? null : taken?.digest === digest ? taken.number : numberOf(live, digest),
      whole: digest === null,
      reason: clipText(reason, 300),
      by: by.login,
      at,
      until,
    }));
    const stage = {
      ...blank,
      problem: null,
      runs,
      holds,
      rollout,
      waits,
      drift,
      begin: runs || rollout || waits.length > 0 ? null : begin(facts, key),
    };
    return { ...stage, standing: standingOf(stage, now) };
  } catch (error) {
    return { ...blank, problem: clipText(error instanceof Error ? error.message : String(error), 400), standing: 'broken' };
  }
}

function begin({ known }: BoardFacts, { model, stage }: StageKey): BoardStage['begin'] {
  const newest = known.get(model)?.at(-1);
  return newest === undefined
    ? { says: `wait for the first version of ${model}: the weigh run on the default branch registers it.`, commands: [] }
    : {
        says: `ask for v${newest} with a comment on any issue or pull request:`,
        commands: [`/weighin promote ${model}@v${newest} ${stage}`],
      };
}

/** The number of a held version, as far as the stage remembers it. */
function numberOf(live: LiveDocument | null, digest: string): number | null {
  const known = [live?.candidate, live?.stable, ...(live?.verified ?? [])];
  return known.find((version) => version?.digest === digest)?.number ?? null;
}

/** The version that the rollout which a stage shows was taken back from. */
function takenBack(workspace: BoardFacts['workspace'], key: StageKey, { generation }: LiveDocument) {
  const events = eventsOf(workspace, key).filter((event) => event.generation === generation);
  return allOf(events, 'rollout.rolled-back').at(-1)?.data.from ?? null;
}

/** Of the generations that were read: what ran last, what runs, and what is asked for. */
function eventsOf(workspace: BoardFacts['workspace'], key: StageKey): readonly EventLine[] {
  const generation = workspace.stage(key)?.generation ?? 0;
  return [generation - 1, generation, generation + 1].filter((one) => one >= 0).flatMap((one) => workspace.events(key, one));
}

function standingOf(stage: Omit<BoardStage, 'standing'>, now: Date): Standing {
  const { rollout, waits, drift, holds, runs } = stage;
  const found: readonly (Standing | false | null | undefined)[] = [
    rollout?.guard && isSilent(rollout.guard, now) && 'unguarded',
    rollout && (rollout.phase === 'rolling-back' || terminalPhases.includes(rollout.phase)) && 'stopped',
    rollout?.phase === 'paused' && 'paused',
    drift && (drift.level === 'drift' || drift.performanceLevel === 'drift' || drift.episodes.length > 0) && 'drift',
    holds.some(({ whole }) => whole) && 'held',
    rollout && 'moving',
    waits.length > 0 && 'waiting',
    drift && (drift.level === 'shift' || drift.performanceLevel === 'shift') && 'shift',
    runs ? 'steady' : 'empty',
  ];
  return found.find((one): one is Standing => typeof one === 'string') ?? 'empty';
}

type Headline = Pick<Board, 'standing' | 'says' | 'why'>;

/** The worst first; of equals the first one, production before the others. */
function headline(models: readonly BoardModel[], problem: string | null): Headline {
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

/** The newest events of all stages. */
function activityOf({ workspace }: BoardFacts): readonly Activity[] {
  const lines = workspace.stages.flatMap((key) => {
    try {
      return eventsOf(workspace, key);
    } catch {
      // Told at its stage.
      return [];
    }
  });
  return lines
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.seq - a.seq)
    .slice(0, mostActivity)
    .map((event) => ({
      at: event.at,
      stage: `${event.model} ${event.stage}`,
      by: event.actor.login,
      type: event.type,
      says: eventWords(event),
    }));
}
