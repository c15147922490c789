import { firstLive } from '../shared/promotion/first-live.ts';
import type { LiveDocument } from '../shared/promotion/live-document.ts';
import { firstEngine } from '../shared/rollout/engine/first-engine.ts';
import type { Reading } from '../shared/rollout/engine/metric-source.ts';
import { withEngine } from '../shared/rollout/engine/read-engine.ts';
import { reduceRollout } from '../shared/rollout/engine/reduce-rollout.ts';
import type { RolloutEvent } from '../shared/rollout/engine/rollout-event.ts';

/** So many rollouts at one tick after another, each with a reading of both metrics whose buckets are whole. usage: rollout-engine-one ROLLOUTS TICKS */
const [rollouts = 1_000, ticks = 30] = process.argv.slice(2).map(Number);
const by = { id: 1, login: 'weighin[bot]', type: 'Bot' } as const;
const start = Date.parse('2026-11-21T10:00:00.000Z');
const definition = {
  strategy: 'canary',
  guard: { driver: 'server', maxSilence: '60s' },
  metrics: [
    { name: 'error_rate', max: 0.01, hardMax: 0.05 },
    { name: 'slow_share', le: 0.1, max: 0.01 },
  ],
} as const;
const digest = (number: number) => `sha256:${String(number).padStart(64, '0')}`;
const history = Array.from({ length: 48 }, (_, at) => ({ bad: 4 + (at % 3), total: 1_000 }));

function begin(number: number): LiveDocument {
  const model = `model-${number}`;
  const ran = { number: 11, digest: digest(11), generation: 41 };
  const live: LiveDocument = {
    ...firstLive(model, 'production', ran, new Date(start).toISOString()),
    generation: 42,
    rolloutId: `${model}.production.42`,
    strategy: 'canary',
    phase: 'pending',
    candidate: { number: 12, digest: digest(12) },
  };
  const engine = firstEngine(
    'careful',
    JSON.parse(JSON.stringify(definition)) as typeof definition & { steps?: never; metrics: never },
    [],
  );
  const begun: RolloutEvent = {
    is: 'begin',
    owner: 'bench',
    history: { error_rate: history, slow_share: history },
    historyBucketSeconds: 300,
  };
  return reduceRollout(withEngine(live, engine), begun, { now: new Date(start), by }).live;
}

function readingAt(tick: number): Reading {
  const counts = {
    is: 'counts',
    candidate: { bad: tick % 3 === 0 ? 1 : 0, total: 40 },
    stable: { bad: tick % 2, total: 400 },
    lastMinute: null,
  } as const;
  const to = start + tick * 10_000;
  return { from: to - 10_000, to, metrics: { error_rate: counts, slow_share: counts }, distributions: {}, state: { to } };
}

let lives = Array.from({ length: rollouts }, (_, number) => begin(number));
const times: number[] = [];
const cpu: number[] = [];
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
for (let tick = 1; tick <= ticks; tick++) {
  const reading = readingAt(tick);
  const now = new Date(reading.to);
  const spent = cpuMs();
  const began = performance.now();
  lives = lives.map(
    (live) =>
      reduceRollout(
        live,
        { is: 'tick', owner: 'bench', reading, observed: { stable: 'v11', candidate: 'v12', percent: 5, mirror: false } },
        { now, by },
      ).live,
  );
  times.push(performance.now() - began);
  cpu.push(cpuMs() - spent);
}
// As a guard that starts anew: every document comes from Git and is checked first.
const texts = lives.map((live) => JSON.stringify(live));
const fresh = texts.map((text) => JSON.parse(text) as LiveDocument);
const reading = readingAt(ticks + 1);
const began = performance.now();
for (const live of fresh)
  reduceRollout(
    live,
    { is: 'tick', owner: 'bench', reading, observed: { stable: 'v11', candidate: 'v12', percent: 5, mirror: false } },
    { now: new Date(reading.to), by },
  );
const first = performance.now() - began;
const sorted = [...times].sort((a, b) => a - b);
console.log(
  JSON.stringify({
    rollouts,
    ticks,
    cpuMs: cpu.sort((a, b) => a - b)[cpu.length >> 1],
    medianMs: sorted[sorted.length >> 1],
    slowestMs: sorted.at(-1),
    coldestMs: times[0],
    fromGitMs: first,
    bytes: texts[0]?.length,
    phase: lives[0]?.phase,
  }),
);
