import { UserError } from '../errors.ts';
import { type ArmCounts, createArmCounts, numberEdges, scoreEdges } from './arm-counts.ts';
import { createRowBatcher, type RowBatcher } from './batch-rows.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { createDecide, type DecisionSettings } from './decide.ts';
import type { SessionPlaces } from './own-thread.ts';
import { type ModelSource, openServedModel, type ServedModel } from './served-model.ts';
import { createShadowCounts, type ShadowCounts } from './shadow-counts.ts';

/** A version that is loaded, with all that belongs to it alone. */
export interface FleetMember {
  readonly model: ServedModel;
  readonly batcher: RowBatcher;
  readonly breaker: CircuitBreaker;
  readonly decide: ReturnType<typeof createDecide>;
  /** Requests that are being answered by it, from before it is asked until after it answered. */
  inFlight: number;
  /** Counts by variant. */
  arm(variant: string): ArmCounts;
  /** How far it was from the answers that were given while it was a shadow. */
  shadow(): ShadowCounts;
}

export interface FleetSettings {
  readonly places: SessionPlaces;
  /** Rows of one call. */
  readonly batchRows: number;
  readonly breaker: { readonly failures: number; readonly restMs: number };
  readonly decisions: Omit<DecisionSettings, 'task'>;
  readonly now: () => number;
}

/** The versions that this server holds. */
export interface Fleet {
  get(version: string): FleetMember | undefined;
  versions(): readonly string[];
  members(): Iterable<FleetMember>;
  /** Names of all fields that any of them reads. */
  readonly known: ReadonlySet<string>;
  /** Counts of versions that are gone too: a counter never falls. */
  arms(): Iterable<ArmCounts>;
  shadows(): Iterable<ShadowCounts>;
  /** Loads a version; one that is there already with the same bytes stays. @throws UserError VERSION_OTHER_BYTES */
  load(source: ModelSource): Promise<void>;
  /** Takes a version out, waits for what it is answering, and lets go of it. */
  unload(version: string): Promise<void>;
  close(): Promise<void>;
}

export function createFleet(settings: FleetSettings): Fleet {
  const members = new Map<string, FleetMember>();
  const arms = new Map<string, ArmCounts>();
  const shadows = new Map<string, ShadowCounts>();
  const loading = new Map<string, { readonly digest: string; readonly done: Promise<void> }>();
  const known = new Set<string>();

  function join(model: ServedModel): void {
    const { batchRows, breaker, now, decisions } = settings;
    const own = new Map<string, ArmCounts>();
    members.set(model.version, {
      model,
      batcher: createRowBatcher(model, { calls: Math.max(1, model.threads), maxRows: batchRows, now }),
      breaker: createCircuitBreaker({ ...breaker, now }),
      decide: createDecide({ ...decisions, task: model.task }),
      inFlight: 0,
      arm(variant) {
        const known = own.get(variant);
        if (known) return known;
        const key = `${model.version} ${variant}`;
        let arm = arms.get(key);
        if (!arm) {
          arm = createArmCounts(model.version, variant, model.task === 'regression' ? numberEdges : scoreEdges);
          arms.set(key, arm);
        }
        own.set(variant, arm);
        return arm;
      },
      shadow() {
        const counts = shadows.get(model.version) ?? createShadowCounts(model.version, model.task);
        shadows.set(model.version, counts);
        return counts;
      },
    });
    for (const { name } of model.fields) known.add(name);
  }

  async function unload(version: string): Promise<void> {
    const member = members.get(version);
    if (!member) return;
    members.delete(version);
    known.clear();
    for (const { model } of members.values()) for (const { name } of model.fields) known.add(name);
    while (member.inFlight > 0 || member.batcher.pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await member.model.close();
  }

  return {
    get: (version) => members.get(version),
    versions: () => [...members.keys()],
    members: () => members.values(),
    known,
    arms: () => arms.values(),
    shadows: () => shadows.values(),
    async load(source) {
      const { version, digest } = source;
      // Whoever asks for a version that is being loaded waits for the same one.
      const there = members.get(version)?.model.digest ?? loading.get(version)?.digest;
      if (there !== undefined && there !== digest)
        throw new UserError(
          'VERSION_OTHER_BYTES',
          `${version} is loaded with other bytes than those that were given now.`,
          'A version never changes: give the new model a version of its own.',
        );
      if (members.has(version)) return;
      const done = loading.get(version)?.done ?? openServedModel(source, settings.places).then(join);
      loading.set(version, { digest, done });
      await done.finally(() => loading.delete(version));
    },
    unload,
    async close() {
      for (const version of [...members.keys()]) await unload(version);
    },
  };
}
