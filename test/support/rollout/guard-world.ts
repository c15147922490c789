import type { RolloutConfig } from '../../../shared/config/rollout-schema.ts';
import { canonicalJson } from '../../../shared/digest/canonical-json.ts';
import { InfrastructureError } from '../../../shared/errors.ts';
import { firstLive } from '../../../shared/promotion/first-live.ts';
import type { Forge, Person } from '../../../shared/promotion/forge.ts';
import { type LiveDocument, liveDocumentSchema } from '../../../shared/promotion/live-document.ts';
import { livePath } from '../../../shared/promotion/state-paths.ts';
import { firstEngine } from '../../../shared/rollout/engine/first-engine.ts';
import type { MetricSource } from '../../../shared/rollout/engine/metric-source.ts';
import { withEngine } from '../../../shared/rollout/engine/read-engine.ts';
import type { RolloutTarget } from '../../../shared/rollout/engine/rollout-target.ts';
import { isAwayFrom } from '../../../shared/rollout/guard/away-from-stable.ts';
import { createGuard } from '../../../shared/rollout/guard/create-guard.ts';
import { guardEngine } from '../../../shared/rollout/guard/guard-engine.ts';
import type { Guard, GuardParts } from '../../../shared/rollout/guard/guard-parts.ts';
import type { ArmCounts } from '../../../shared/rollout/judging/bucket.ts';
import { createStateBranch } from './memory-state-branch.ts';
import { createMemoryTarget, createTrafficWorld } from './memory-target.ts';

export const guardPerson: Person = { id: 7, login: 'weighin[bot]', type: 'Bot' };
export const anna: Person = { id: 11, login: 'anna', type: 'User' };
const version = (number: number) => ({ number, digest: `sha256:${String(number).padStart(64, '0')}` });
export const [v11, v12] = [version(11), version(12)];
export const path = livePath('churn', 'production');

export const careful: RolloutConfig = {
  strategy: 'canary',
  guard: { driver: 'server', maxSilence: '60s' },
  steps: [
    { weight: 5, hold: '2m' },
    { weight: 30, hold: '2m' },
    { weight: 100, hold: '2m' },
  ],
  metrics: [{ name: 'error_rate', bad: 'bad', total: 'all', max: 0.05, hardMax: 0.5 }],
  minSamples: 10,
  target: { kind: 'serve', urls: ['http://127.0.0.1:1'], token: { env: 'T' } },
  source: { scrape: ['http://127.0.0.1:1/metrics'] },
};

/** A promotion that was handed over. */
export function handedOver(definition: RolloutConfig = careful, stage = 'production', generation = 42): LiveDocument {
  const ran = { number: v11.number, digest: v11.digest, generation: generation - 1 };
  const live: LiveDocument = {
    ...firstLive('churn', stage, ran, '2026-11-20T09:00:00.000Z'),
    generation,
    revision: 7,
    rolloutId: `churn.${stage}.${generation}`,
    strategy: definition.strategy,
    phase: 'pending',
    candidate: v12,
    weight: { desired: 0, observed: null, at: null },
    guard: { driver: definition.guard?.driver ?? 'server', owner: null, lastAt: null, maxSilenceS: 60 },
  };
  return withEngine(live, firstEngine('careful', definition));
}

/** Thrown where a process is killed. What it asks for afterwards never happens. */
export class Killed extends Error {}

/** One process of a guard and what it is connected with. */
export interface GuardProcess {
  readonly guard: Guard;
  readonly lines: string[];
  /** Calls of ports so far. */
  readonly calls: () => number;
  readonly dead: () => boolean;
}

export interface ProcessOptions {
  readonly owner?: string;
  readonly every?: number;
  /** Dies at its n-th call of a port, before it happens or after. */
  readonly death?: { readonly call: number; readonly when: 'before' | 'after' };
  readonly checks?: GuardParts['runCheck'];
}

/** Everything outside a guard, with a clock that only the test moves: traffic flows by the target's own weights. */
export function createGuardWorld(first: readonly LiveDocument[] = [handedOver()], start = '2026-11-21T09:00:00.000Z') {
  const clock = { now: Date.parse(start) };
  const state = createStateBranch(Object.fromEntries(first.map((live) => [livePath(live.model, live.stage), canonicalJson(live)])));
  const traffic = createTrafficWorld();
  /** Of any other stage. */
  const elsewhere = createMemoryTarget(createTrafficWorld());
  const counters = { candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } };
  const world = {
    clock,
    state,
    traffic,
    counters,
    leasedAt: clock.now,
    /** What was applied, and whether Git said so by then. */
    moves: [] as { readonly percent: number; readonly owner: string; readonly ahead: boolean; readonly at: number }[],
    /** GitHub answers. */
    github: true,
    /** The target answers. */
    target: true,
    /** Share of bad answers. */
    candidateBad: 0.01,
    stableBad: 0.01,
    perSecond: 20,
    /** Source, target, GitHub: in order. */
    log: [] as string[],
    live: (): LiveDocument => liveDocumentSchema.parse(JSON.parse(state.files().get(path)!)),
    /** Percent of traffic that the candidate has, as a lease or a weight; 100 where it is stable. */
    percent(): number {
      const { so } = traffic;
      if (!so) return 0;
      if (so.stable.number === v12.number) return 100;
      return so.candidate ? so.percent : 0;
    },
    /** Time passes; requests are answered. */
    pass(seconds: number) {
      clock.now += seconds * 1000;
      const { so } = traffic;
      // A lease that nobody renewed: the target has gone back by itself.
      if (so?.candidate && so.leaseSeconds !== null && clock.now - world.leasedAt > so.leaseSeconds * 1000)
        traffic.so = { ...so, candidate: null, percent: 0 };
      const total = Math.round(world.perSecond * seconds);
      const some = Math.round((total * world.percent()) / 100);
      const add = (arm: { bad: number; total: number }, count: number, share: number) => {
        arm.total += count;
        arm.bad += Math.round(count * share);
      };
      add(counters.candidate, some, world.candidateBad);
      add(counters.stable, total - some, world.stableBad);
    },
    /** A new process. */
    start(options: ProcessOptions = {}): GuardProcess {
      const { owner = 'pod-a', every = 10_000, death } = options;
      let calls = 0;
      let dead = false;
      const lines: string[] = [];
      const call = async <Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> => {
        // What a killed process asks for no longer happens, whatever its code would have done then.
        if (dead) throw new Killed(name);
        const own = ++calls;
        if (death?.call === own && death.when === 'before') dead = true;
        if (dead) throw new Killed(name);
        world.log.push(`${owner} ${name}`);
        const answer = await work();
        if (death?.call === own) dead = true;
        if (dead) throw new Killed(name);
        return answer;
      };
      const forge = <Answer>(name: string, work: () => Promise<Answer>) =>
        call(name, async () => {
          if (!world.github) throw new InfrastructureError('FORGE_UNREACHABLE', 'GitHub did not answer.');
          return work();
        });
      const { git } = state;
      const target = createMemoryTarget(traffic);
      const reached = async <Answer>(work: () => Promise<Answer>) => {
        if (!world.target) throw new InfrastructureError('TARGET_UNREACHABLE', 'The target did not answer.');
        return work();
      };
      const opened: RolloutTarget = {
        ...target,
        apply: (desired) =>
          call(`apply ${desired.candidate ? desired.percent : `v${desired.stable.number}`}`, () =>
            reached(async () => {
              const recorded = guardEngine.desired(world.live());
              await target.apply(desired);
              world.leasedAt = clock.now;
              world.moves.push({ percent: world.percent(), owner, ahead: isAwayFrom(desired, recorded), at: clock.now });
            }),
          ),
        close: async () => void world.log.push(`${owner} close`),
        observe: (desired) => call('observe', () => reached(() => target.observe(desired))),
      };
      const source: MetricSource = {
        read: ({ state: kept, now }) =>
          call('source', async () => {
            const before = kept as unknown as (typeof counters & { at: number }) | null;
            const now_ = structuredClone(counters);
            const since = (arm: 'candidate' | 'stable'): ArmCounts => ({
              bad: now_[arm].bad - (before?.[arm].bad ?? now_[arm].bad),
              total: now_[arm].total - (before?.[arm].total ?? now_[arm].total),
            });
            return {
              from: before?.at ?? null,
              to: now,
              metrics: { error_rate: { is: 'counts', candidate: since('candidate'), stable: since('stable'), lastMinute: null } },
              distributions: {},
              state: { ...now_, at: now },
            };
          }),
        history: () => call('history', async () => ({})),
        close: async () => undefined,
      };
      const parts: GuardParts = {
        forge: {
          now: () => forge('now', async () => new Date(clock.now)),
          // The guard asks no more of it than this.
          git: {
            head: (branch: string) => forge('head', () => git.head(branch)),
            list: (ref: string, folder: string) => forge('list', () => git.list(ref, folder)),
            read: (wanted: Parameters<Forge['git']['read']>[0]) => forge('read', () => git.read(wanted)),
            commit: (change: Parameters<Forge['git']['commit']>[0]) => forge('commit', () => git.commit(change)),
          } as Forge['git'],
        },
        repository: 'acme/churn',
        identity: guardPerson,
        by: 'weighin[bot]/1.0.0',
        owner,
        engine: guardEngine,
        openTarget: async (_config, _definition, { stage, rolloutId }) => {
          if (stage !== 'production') return elsewhere;
          world.log.push(`${owner} open ${rolloutId.split('.').at(-1)}`);
          return opened;
        },
        openSource: async () => source,
        runCheck: options.checks ?? (async () => ({ ok: true, detail: 'well' })),
        now: () => new Date(clock.now),
        log: { info: (line) => lines.push(line), warn: (line) => lines.push(line) },
        every,
      };
      return { guard: createGuard(parts), lines, calls: () => calls, dead: () => dead };
    },
  };
  return world;
}
export type GuardWorld = ReturnType<typeof createGuardWorld>;
