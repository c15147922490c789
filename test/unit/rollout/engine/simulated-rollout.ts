import type { CheckConfig, RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import { firstLive } from '../../../../shared/promotion/first-live.ts';
import type { NewEvent, Person } from '../../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../../shared/promotion/live-document.ts';
import { desiredTraffic } from '../../../../shared/rollout/engine/desired-traffic.ts';
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

/** A guard, a target and a source on a clock that only the test moves. Not a copy of the guard: the least that carries out what is asked. */
export class Simulation {
  live: LiveDocument;
  now = start;
  readonly events: NewEvent[] = [];
  readonly writes: Written[] = [];
  readonly transitions: { readonly at: number; readonly phase: string; readonly step: number }[] = [];
  records = 0;
  observed: ObservedTraffic;
  owner = 'host-1';
  /** The target takes no wish. */
  isStuck = false;
  answerChecks: ((key: string) => { ok: boolean; detail: string }) | null = () => ({ ok: true, detail: 'HTTP 200' });
  traffic: Traffic;
  read: (simulation: Simulation, counts: ReturnType<Traffic>) => Partial<Reading> | null;
  readAt: number | null = null;

  constructor(live: LiveDocument, traffic: Traffic = steady(0.005), read: Simulation['read'] = () => ({})) {
    this.live = live;
    this.traffic = traffic;
    this.read = read;
    this.observed = { stable: live.stable ? nameOfVersion(live.stable) : 'none', candidate: null, percent: 0, mirror: false };
  }

  get engine(): EngineState {
    return readEngine(this.live)!;
  }

  reduce(event: RolloutEvent, by: Person = guard): Reduced {
    const before = this.live;
    const result = reduceRollout(before, event, { now: new Date(this.now), by });
    this.live = result.record ? { ...result.live, revision: before.revision + 1 } : result.live;
    // As Git gives it back.
    if (result.record) {
      this.records++;
      this.live = JSON.parse(JSON.stringify(this.live)) as LiveDocument;
    }
    this.events.push(...result.events);
    if (before.phase !== this.live.phase || before.step !== this.live.step)
      this.transitions.push({ at: (this.now - start) / 1000, phase: this.live.phase, step: this.live.step });
    for (const effect of result.effects) {
      if (effect.is === 'traffic') this.apply(effect.desired);
      else if (this.answerChecks) this.reduce({ is: 'checked', key: effect.key, ...this.answerChecks(effect.key) });
    }
    return result;
  }

  apply(desired: DesiredTraffic): void {
    if (this.isStuck) return;
    const next = {
      stable: nameOfVersion(desired.stable),
      candidate: desired.candidate ? nameOfVersion(desired.candidate) : null,
      percent: desired.percent,
      mirror: desired.mirror,
    };
    if (JSON.stringify(next) === JSON.stringify(this.observed)) return;
    this.observed = next;
    this.writes.push({ at: (this.now - start) / 1000, ...next });
  }

  reading(): Reading | null {
    const seconds = this.readAt === null ? 0 : Math.max(0, (this.now - this.readAt) / 1000);
    const percent = this.observed.mirror
      ? 50
      : this.live.candidate && this.observed.stable === nameOfVersion(this.live.candidate)
        ? 100
        : (this.observed.percent ?? 0);
    const counts = this.traffic({ seconds, percent, now: this.now });
    const own = this.read(this, counts);
    if (own === null) return null;
    const metrics: Record<string, MetricReading> = {};
    for (const metric of this.engine.definition.metrics ?? [])
      if (metric.of === undefined && metric.test !== 'distribution') metrics[metric.name] = { is: 'counts', ...counts, lastMinute: null };
    const from = this.readAt;
    this.readAt = this.now;
    return { from, to: this.now, metrics, distributions: {}, state: { to: this.now }, ...own };
  }

  begin(history: readonly ArmCounts[] = []): this {
    this.reduce({ is: 'begin', owner: this.owner, history: { error_rate: history }, historyBucketSeconds: 300 });
    return this;
  }

  tick(seconds = 10, extra: Partial<Extract<RolloutEvent, { is: 'tick' }>> = {}): Reduced {
    this.now += seconds * 1000;
    return this.reduce({ is: 'tick', owner: this.owner, reading: this.reading(), observed: this.observed, ...extra });
  }

  /** Ticks of ten seconds until it is so, or the hours are over. */
  until(isSo: (simulation: this) => boolean, hours = 48): this {
    for (let ticks = 0; ticks < hours * 360 && !isSo(this); ticks++) this.tick();
    return this;
  }

  untilPhase(phase: LiveDocument['phase'], hours = 48): this {
    return this.until(({ live }) => live.phase === phase, hours);
  }

  desired(): DesiredTraffic | null {
    return desiredTraffic(this.live);
  }

  types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }
}
