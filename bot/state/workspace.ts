import type { Config } from '../../shared/config/schema.ts';
import { InfrastructureError } from '../../shared/errors.ts';
import { type WatchDocument, watchDocumentSchema } from '../../shared/monitoring/watch-document.ts';
import { type StateView, stateView } from '../../shared/promotion/change-state.ts';
import { type EventLine, eventLineSchema } from '../../shared/promotion/event-document.ts';
import type { FileText, Forge } from '../../shared/promotion/forge.ts';
import { type LiveDocument, liveDocumentSchema } from '../../shared/promotion/live-document.ts';
import { parseDocument } from '../../shared/promotion/parse-document.ts';
import { isOpen } from '../../shared/promotion/request-promotion.ts';
import { eventsPath, livePath, stateBranch, watchPath } from '../../shared/promotion/state-paths.ts';
import { type StageDocument, stageDocumentSchema } from '../../shared/registry/stage-document.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { stagePath } from '../../shared/registry/work-tree-paths.ts';
import type { BotContext, Policy } from '../bot-context.ts';
import { policyFile, readPolicy } from './read-policy.ts';

/** Policy, what should run and what runs, all read at one moment. */
export interface Workspace {
  readonly policy: Policy;
  readonly mainHead: string;
  /** Where `weighin/state` stood; null before its first commit. */
  readonly state: StateView;
  /** Pairs that the policy knows, in its order. */
  readonly stages: readonly StageKey[];
  stage(key: StageKey): StageDocument | null;
  live(key: StageKey): LiveDocument | null;
  /** What is known of it in production; null where nobody reports. */
  watch(key: StageKey): WatchDocument | null;
  events(key: StageKey, generation: number): readonly EventLine[];
  /** Generations of a stage whose promotion can still move: asked for and not merged, or merged and not started. */
  openGenerations(key: StageKey): readonly number[];
  /** The same after the caller's own commit of these files on the state branch; null where that commit is not known. */
  withState(written: readonly FileText[], commit: string | null): Workspace | null;
}

interface Memory {
  policy: Policy | null;
  stages: readonly StageKey[];
  generations: ReadonlyMap<string, number>;
}
/** What an earlier reading of the same repository makes likely, so that the next one asks for everything at once. Never believed. */
const memories = new WeakMap<Forge, Memory>();

/** What `policy()` read a moment ago, for the one who acts on it. */
const looks = new WeakMap<Forge, { readonly workspace: Workspace; readonly at: number }>();
const aMoment = 5_000;

/** The policy now. Whoever acts on it right after this acts on the same reading: what it writes is compared and swapped. */
export async function lookAtPolicy(context: Pick<BotContext, 'forge'>): Promise<Policy> {
  const workspace = await readWorkspace(context);
  looks.set(context.forge, { workspace, at: performance.now() });
  return workspace.policy;
}

/** What the policy was just read with, once; else a reading of now. */
export async function takeLook(context: Pick<BotContext, 'forge'>): Promise<Workspace> {
  const look = looks.get(context.forge);
  looks.delete(context.forge);
  return look && performance.now() - look.at < aMoment ? look.workspace : readWorkspace(context);
}

/**
 * Reads the default branch and the state branch, in one request where an earlier reading tells which files there will be, else in two.
 * @throws InfrastructureError STATE_BROKEN where a document is not what the bot writes
 */
export async function readWorkspace({ forge }: Pick<BotContext, 'forge'>): Promise<Workspace> {
  const memory = memories.get(forge) ?? { policy: null, stages: [], generations: new Map<string, number>() };
  const main = forge.repository.defaultBranch;
  const wanted = (stages: readonly StageKey[], generationOf: (key: StageKey) => number, ahead = 0) => ({
    main: [policyFile, ...stages.map(({ model, stage }) => stagePath(model, stage))],
    state: stages.flatMap((key) => [
      livePath(key.model, key.stage),
      watchPath(key.model, key.stage),
      ...[...new Set([...likely(generationOf(key)), ...likely(generationOf(key) + ahead)])].map((generation) =>
        eventsPath(key.model, key.stage, generation),
      ),
    ]),
  });

  // One generation more than is known: a merge is what most readings are for.
  const guess = wanted(memory.stages, (key) => memory.generations.get(nameOf(key)) ?? 0, 1);
  const [mainFiles, stateFiles] = await forge.git.read([
    { ref: main, paths: guess.main },
    { ref: stateBranch, paths: guess.state },
  ]);
  if (!mainFiles?.commit) throw new InfrastructureError('DEFAULT_BRANCH_UNREADABLE', `The default branch ${main} could not be read.`);
  const mainHead = mainFiles.commit;
  const policy =
    memory.policy?.commit === mainFiles.commit
      ? memory.policy
      : await readPolicy(forge, mainFiles.commit, mainFiles.files.get(policyFile) ?? null);

  const stages = stagesOf(policy.config);
  const known = { main: new Map(mainFiles.files), state: new Map(stateFiles?.files) };
  const stateHead = stateFiles?.commit ?? null;
  await readMissing(forge, { ref: mainFiles.commit, files: known.main }, wanted(stages, () => 0).main);
  const stageOf = ({ model, stage }: StageKey) =>
    parseDocument(stageDocumentSchema, known.main.get(stagePath(model, stage)) ?? null, stagePath(model, stage));
  const generationOf = (key: StageKey) => stageOf(key)?.generation ?? 0;
  if (stateHead) await readMissing(forge, { ref: stateHead, files: known.state }, wanted(stages, generationOf).state);
  else for (const path of wanted(stages, generationOf).state) known.state.set(path, null);

  memories.set(forge, { policy, stages, generations: new Map(stages.map((key) => [nameOf(key), generationOf(key)])) });
  return view(stateHead, new Map(known.state));

  function view(at: string | null, files: ReadonlyMap<string, string | null>): Workspace {
    const state = stateView(at, files);
    const live = (key: StageKey) =>
      parseDocument(liveDocumentSchema, state.text(livePath(key.model, key.stage)), livePath(key.model, key.stage));
    const events = (key: StageKey, generation: number) => parseEvents(state, eventsPath(key.model, key.stage, generation));
    return {
      policy,
      mainHead,
      state,
      stages,
      stage: stageOf,
      live,
      watch: (key) => parseDocument(watchDocumentSchema, state.text(watchPath(key.model, key.stage)), watchPath(key.model, key.stage)),
      events,
      openGenerations(key) {
        const generation = generationOf(key);
        const merged = generation > (live(key)?.generation ?? 0) ? [generation] : [];
        return isOpen(events(key, generation + 1)) ? [...merged, generation + 1] : merged;
      },
      withState: (written, commit) =>
        commit === null ? null : view(commit, new Map([...files, ...written.map(({ path, text }) => [path, text] as const)])),
    };
  }
}

/** Of the stage file's generation: what runs still while that one is merged, what is merged, and what is asked for. */
const likely = (generation: number) => [generation - 1, generation, generation + 1].filter((one) => one >= 0);
const nameOf = ({ model, stage }: StageKey) => `${model}.${stage}`;

export const stagesOf = (config: Config | null): readonly StageKey[] =>
  Object.entries(config?.models ?? {}).flatMap(([model, { stages }]) => Object.keys(stages).map((stage) => ({ model, stage })));

async function readMissing(
  forge: Forge,
  at: { readonly ref: string; readonly files: Map<string, string | null> },
  paths: readonly string[],
): Promise<void> {
  const missing = paths.filter((path) => !at.files.has(path));
  if (missing.length === 0) return;
  const [found] = await forge.git.read([{ ref: at.ref, paths: missing }]);
  for (const path of missing) at.files.set(path, found?.files.get(path) ?? null);
}

export function parseEvents(state: StateView, path: string): readonly EventLine[] {
  const text = state.text(path) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = parseDocument(eventLineSchema, line, path);
      if (!event) throw new Error('a line is never null');
      return event;
    });
}
