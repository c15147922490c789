import type { CheckConfig, RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import { firstLive } from '../../../../shared/promotion/first-live.ts';
import type { NewEvent, Person } from '../../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../../shared/promotion/live-document.ts';
import type { EngineState } from '../../../../shared/rollout/engine/engine-state.ts';
import { firstEngine } from '../../../../shared/rollout/engine/first-engine.ts';
import type { MetricReading, Reading } from '../../../../shared/rollout/engine/metric-source.ts';
import { readEngine, withEngine } from '../../../../shared/rollout/engine/read-engine.ts';
import { reduceRollout } from '../../../../shared/rollout/engine/reduce-rollout.ts';
import type { Reduced } from '../../../../shared/rollout/engine/reduced.ts';
import type { RolloutEvent } from '../../../../shared/rollout/engine/rollout-event.ts';
import { type DesiredTraffic, nameOfVersion, type ObservedTraffic } from '../../../../shared/rollout/engine/traffic.ts';
import type { ArmCounts } from '../../../../shared/rollout/judging/bucket.ts';

export const guard: Person = { id: 9, login: 'weighin[bot]', type: 'Bot' };
export const alice: Person = { id: 7, login: 'alice', type: 'User' };
export const digestOfVersion = (number: number) => `sha256:${String(number).padStart(64, '0')}`;
export const version = (number: number) => ({ number, digest: digestOfVersion(number) });
export const start = Date.parse('2026-11-21T10:00:00.000Z');
export const HOUR = 3_600_000;

export const errorRate = { name: 'error_rate', max: 0.01, hardMax: 0.05 };
export const canary: RolloutConfig = { strategy: 'canary', guard: { driver: 'server', maxSilence: '60s' }, metrics: [errorRate] };

/** Handed over, as the bot leaves it. `stable` 0: the stage never ran anything. */
export function pending(
  definition: RolloutConfig = canary,
  {
    stable = 11,
    candidate = 12,
    verifyAfter = [],
    before,
  }: { stable?: number; candidate?: number; verifyAfter?: readonly CheckConfig[]; before?: LiveDocument } = {},
): LiveDocument {
  const ran = stable > 0 ? { number: stable, digest: digestOfVersion(stable), generation: 41 } : null;
  const base = before ?? firstLive('churn', 'production', ran, new Date(start).toISOString());
  const generation = base.generation + 1;
  const live: LiveDocument = {
    ...base,
    generation,
    rolloutId: `churn.production.${generation}`,
    plan: digestOfVersion(99),
    strategy: definition.strategy,
    phase: 'pending',
    step: 0,
    stepStartedAt: null,
    guardedSeconds: 0,
    candidate: version(candidate),
    weight: { desired: 0, observed: null, at: null },
    guard: { driver: 'server', owner: null, lastAt: null, maxSilenceS: 60 },
    looks: [],
    effects: [],
  };
  return withEngine(live, firstEngine('careful', definition, verifyAfter));
}

/** Requests of both arms in so many seconds, and how many of them are bad: whole numbers, no chance. */
export type Traffic = (at: { readonly seconds: number; readonly percent: number; readonly now: number }) => {
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts;
};

/** Ten requests a second; one of two hundred of stable's is bad, and `badOfCandidate` of the candidate's. */
export const steady = (badOfCandidate: number, { perSecond = 10, badOfStable = 0.005 } = {}): Traffic => {
  const owed = { candidate: 0, stable: 0, badCandidate: 0, badStable: 0 };
  const take = (name: keyof typeof owed, more: number) => {
    owed[name] += more;
    const whole = Math.floor(owed[name] + 1e-9);
    owed[name] -= whole;
    return whole;
  };
  return ({ seconds, percent }) => {
    const candidate = take('candidate', (seconds * perSecond * percent) / 100);
    const stable = take('stable', (seconds * perSecond * (100 - percent)) / 100);
    return {
      candidate: { bad: Math.min(candidate, take('badCandidate', candidate * badOfCandidate)), total: candidate },
      stable: { bad: Math.min(stable, take('badStable', stable * badOfStable)), total: stable },
    };
  };
};

export interface Written {
  readonly at: number;
  readonly percent: number;
  readonly stable: string;
  readonly candidate: string | null;
  readonly mirror: boolean;
}

export type Simulation = ReturnType<typeof simulate>;

/** A guard, a target and a source on a clock that only the test moves. Not a copy of the guard: the least that carries out what is asked. */
export function simulate(live: LiveDocument, traffic: Traffic = steady(0.005)) {
  const simulation = {
    live,
    now: start,
    traffic,
    owner: 'host-1',
    observed: {
      stable: live.stable ? nameOfVersion(live.stable) : 'none',
      candidate: null,
      percent: 0,
      mirror: false,
    } as ObservedTraffic,
    /** The target takes no wish. */
    isStuck: false,
    /** The target says nothing of what it does. */
    isSilent: false,
    answerCheck: ((): { ok: boolean; detail: string } => ({ ok: true, detail: 'HTTP 200' })) as
      | ((key: string) => { ok: boolean; detail: string })
      | null,
    /** What the source says in place of the counts. */
    read: (_counts: ReturnType<Traffic>): Partial<Reading> | null => ({}),
    readAt: null as number | null,
    events: [] as NewEvent[],
    writes: [] as Written[],
    phases: [] as string[],
    records: 0,

    get engine(): EngineState {
      const engine = readEngine(simulation.live);
      if (!engine) throw new Error('nothing is carried out');
      return engine;
    },
    get seconds(): number {
      return (simulation.now - start) / 1000;
    },

    reduce(event: RolloutEvent, by: Person = guard): Reduced {
      const before = simulation.live;
      const result = reduceRollout(before, event, { now: new Date(simulation.now), by });
      simulation.live = result.live;
      if (result.record) {
        simulation.records++;
        // As Git gives it back.
        simulation.live = JSON.parse(JSON.stringify({ ...result.live, revision: before.revision + 1 })) as LiveDocument;
      }
      simulation.events.push(...result.events);
      if (before.phase !== simulation.live.phase) simulation.phases.push(simulation.live.phase);
      for (const effect of result.effects) {
        if (effect.is === 'traffic') simulation.apply(effect.desired, effect.key);
        else if (simulation.answerCheck && !Object.hasOwn(simulation.engine.checks, effect.key))
          simulation.reduce({ is: 'checked', key: effect.key, ...simulation.answerCheck(effect.key) });
      }
      return result;
    },

    apply(desired: DesiredTraffic, key: string): void {
      if (simulation.isStuck) return;
      const next = {
        stable: nameOfVersion(desired.stable),
        candidate: desired.candidate ? nameOfVersion(desired.candidate) : null,
        percent: desired.percent,
        mirror: desired.mirror,
      };
      const { observed } = simulation;
      // Whether a version without traffic is loaded is no traffic.
      if (next.percent !== observed.percent || next.mirror !== observed.mirror || next.stable !== observed.stable)
        simulation.writes.push({ at: simulation.seconds, ...next });
      simulation.observed = next;
      if (simulation.isSilent) simulation.reduce({ is: 'checked', key, ok: true, detail: 'taken' });
    },

    look(): ObservedTraffic {
      return simulation.isSilent ? { stable: null, candidate: null, percent: null, mirror: null } : simulation.observed;
    },

    reading(): Reading | null {
      const { candidate } = simulation.live;
      const seconds = simulation.readAt === null ? 0 : Math.max(0, (simulation.now - simulation.readAt) / 1000);
      const isStable = candidate !== null && simulation.observed.stable === nameOfVersion(candidate);
      const percent = simulation.observed.mirror ? 50 : isStable ? 100 : (simulation.observed.percent ?? 0);
      const counts = simulation.traffic({ seconds, percent, now: simulation.now });
      const own = simulation.read(counts);
      if (own === null) return null;
      const { definition } = simulation.engine;
      const names = (definition.metrics ?? [])
        .filter(({ of, test }) => of === undefined && test !== 'distribution')
        .map(({ name }) => name);
      const metrics = Object.fromEntries(
        names.map((name): [string, MetricReading] => [name, { is: 'counts', ...counts, lastMinute: null }]),
      );
      const from = simulation.readAt;
      simulation.readAt = simulation.now;
      return { from, to: simulation.now, metrics, distributions: {}, state: { to: simulation.now }, ...own };
    },

    begin(history: readonly ArmCounts[] = []) {
      simulation.reduce({ is: 'begin', owner: simulation.owner, history: { error_rate: history }, historyBucketSeconds: 300 });
      // As the guard does: counters as they are before the first request.
      simulation.tick(0);
      return simulation;
    },

    tick(seconds = 10, extra: Partial<Extract<RolloutEvent, { is: 'tick' }>> = {}): Reduced {
      simulation.now += seconds * 1000;
      return simulation.reduce({
        is: 'tick',
        owner: simulation.owner,
        reading: simulation.reading(),
        observed: simulation.look(),
        ...extra,
      });
    },

    /** Ticks of ten seconds, so long. */
    pass(seconds: number) {
      for (let passed = 0; passed < seconds; passed += 10) simulation.tick();
      return simulation;
    },

    /** Ticks of ten seconds until it is so, or the hours are over. */
    until(isSo: () => boolean, hours = 30) {
      for (let ticks = 0; ticks < hours * 360 && !isSo(); ticks++) simulation.tick();
      return simulation;
    },

    untilPhase(phase: LiveDocument['phase'], hours = 30) {
      return simulation.until(() => simulation.live.phase === phase, hours);
    },

    types: () => simulation.events.map(({ type }) => type),
  };
  return simulation;
}

/** What a person writes, each a comment of its own. */
export const say = (action: 'pause' | 'resume' | 'promote' | 'abort' | 'supersede', comment = 1): RolloutEvent => ({
  is: action,
  by: alice,
  cause: `comment:${comment}:1`,
  detail: `${action} by alice`,
});
export const setTo = (percent: number, comment = 1): RolloutEvent => ({ is: 'set', percent, by: alice, cause: `comment:${comment}:1` });

/** Whatever stands in a document must come back from Git as it is: no NaN, no infinity, nothing undefined. */
export function unwritable(value: unknown, path = '$'): readonly string[] {
  if (value === undefined || typeof value === 'bigint' || typeof value === 'function') return [path];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unwritable(inner, `${path}.${key}`));
}

/** Short steps, for tests that go to the end. */
export const quick = (more: Partial<RolloutConfig> = {}): RolloutConfig => ({
  ...canary,
  steps: [
    { weight: 10, hold: '5m' },
    { weight: 50, hold: '5m' },
    { weight: 100, hold: '5m' },
  ],
  ...more,
});
