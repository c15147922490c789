import { allOf } from '../../shared/promotion/event-data.ts';
import type { EventLine } from '../../shared/promotion/event-document.ts';
import { activeHolds } from '../../shared/promotion/holds.ts';
import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Workspace } from '../state/workspace.ts';
import type { Activity, Board, BoardModel, BoardStage, Standing } from './board.ts';
import { driftOf } from './drift-of.ts';
import { eventWords } from './event-words.ts';
import { headlineOf } from './headline-of.ts';
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
    ...headlineOf(models, workspace.policy.problem),
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
