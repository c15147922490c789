import type { BoardFacts } from '../../../bot/board/board-of.ts';
import type { Heard } from '../../../bot/board/heartbeats.ts';
import type { Workspace } from '../../../bot/state/workspace.ts';
import type { RolloutConfig } from '../../../shared/config/rollout-schema.ts';
import { configSchema } from '../../../shared/config/schema.ts';
import type { WatchDocument } from '../../../shared/monitoring/watch-document.ts';
import { type EventData, newEvent } from '../../../shared/promotion/event-data.ts';
import type { EventLine } from '../../../shared/promotion/event-document.ts';
import { firstLive } from '../../../shared/promotion/first-live.ts';
import type { Person } from '../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../shared/promotion/live-document.ts';
import type { PromotionStatus } from '../../../shared/promotion/promotion-facts.ts';
import type { StageDocument } from '../../../shared/registry/stage-document.ts';
import type { StageKey } from '../../../shared/registry/stage-key.ts';
import type { EngineMetric, EngineState, MetricLook } from '../../../shared/rollout/engine/engine-state.ts';
import { firstEngine } from '../../../shared/rollout/engine/first-engine.ts';
import type { ArmCounts } from '../../../shared/rollout/judging/bucket.ts';
import { digestOf } from '../reports/parts.ts';

/** An invented repository with something of everything, at one fixed moment. */
export const boardNow = new Date('2026-11-21T14:03:12.000Z');
export const ago = (seconds: number) => new Date(boardNow.getTime() - seconds * 1000).toISOString();
const minutes = 60;
const hours = 3600;
const days = 86_400;

const person = (id: number, login: string, type: Person['type'] = 'User'): Person => ({ id, login, type });
export const anna = person(11, 'anna');
const dora = person(13, 'dora');
const bot = person(900, 'weighin[bot]', 'Bot');
export const v = (number: number) => ({ number, digest: digestOf(`v${number}`) });

export const canary: RolloutConfig = {
  strategy: 'canary',
  guard: { driver: 'server', maxSilence: '60s' },
  steps: [5, 15, 30, 50, 75, 100].map((weight) => ({ weight, hold: '1h' })),
  source: { prometheus: 'http://prometheus:9090', delay: '15s' },
  metrics: [
    { name: 'errors', bad: 'sum(increase(errors[$window]))', total: 'sum(increase(requests[$window]))', max: 0.01, hardMax: 0.05 },
    { name: 'latency', histogram: 'latency_seconds', le: 0.1, max: 0.01 },
    { name: 'predictions', histogram: 'predictions', test: 'distribution', max: 0.1 },
  ],
  target: { kind: 'serve', urls: ['http://serve:8080'], token: { env: 'WEIGHIN_ADMIN_TOKEN' } },
};

export const look = (candidate: ArmCounts, stable: ArmCounts, given: Partial<MetricLook> = {}): MetricLook => ({
  at: ago(20),
  candidate,
  stable,
  ratio: 1,
  ratioBounds: { lower: 0.6, upper: 1.6 },
  limit: 0.01,
  strength: 0.1,
  ...given,
});
export const metric = (seen: MetricLook | null): EngineMetric => ({
  phi: 1.3,
  plannedInformation: 120,
  requestsPerHour: 9000,
  state: null,
  open: null,
  minute: [],
  distribution: null,
  look: seen,
});

export const engine = (given: Partial<EngineState> = {}): EngineState => ({
  ...firstEngine('careful', canary),
  lastDataAt: ago(20),
  metrics: {
    errors: metric(
      look(
        { bad: 31, total: 7_412 },
        { bad: 187, total: 42_031 },
        { ratio: 0.94, ratioBounds: { lower: 0.62, upper: 1.41 }, strength: 0.04 },
      ),
    ),
    latency: metric(
      look(
        { bad: 58, total: 7_412 },
        { bad: 241, total: 42_031 },
        { ratio: 1.37, ratioBounds: { lower: 0.98, upper: 1.86 }, strength: 0.61 },
      ),
    ),
    predictions: {
      ...metric(null),
      distribution: {
        candidate: [1_210, 1_930, 1_610, 1_102, 705, 420, 255, 118, 45, 17],
        stable: [7_102, 11_240, 9_050, 6_170, 3_890, 2_270, 1_380, 610, 230, 89],
      },
    },
  },
  checks: { 'churn.production.42/before/1': { ok: true, detail: '200 in 14 ms', at: ago(2 * hours) } },
  steps: [
    { step: 0, weight: 5, from: ago(86 * minutes), to: ago(26 * minutes), guardedSeconds: 3600, metrics: {}, unproven: false },
    { step: 1, weight: 15, from: ago(26 * minutes), to: null, guardedSeconds: 1520, metrics: {}, unproven: false },
  ],
  ...given,
});

export function live(model: string, stage: string, given: Partial<LiveDocument> = {}): LiveDocument {
  return {
    ...firstLive(model, stage, { ...v(12), generation: 41 }, ago(9 * days)),
    phase: 'succeeded',
    revision: 8,
    rolloutId: `${model}.${stage}.41`,
    ...given,
  };
}

/** v13 at 15 %, second step of six. */
export const rolling = (model: string, stage: string, own: Partial<EngineState> = {}, given: Partial<LiveDocument> = {}): LiveDocument =>
  live(model, stage, {
    generation: 42,
    rolloutId: `${model}.${stage}.42`,
    strategy: 'canary',
    phase: 'analysing',
    step: 1,
    stepStartedAt: ago(26 * minutes),
    guardedSeconds: 1520,
    candidate: v(13),
    weight: { desired: 15, observed: 15, at: ago(25 * minutes) },
    guard: { driver: 'server', owner: 'guard-7f9c', lastAt: ago(3 * minutes), maxSilenceS: 60 },
    engine: { ...engine(own) },
    ...given,
  });

export const heard = (rolloutId: string, given: Partial<Heard['rollout']> = {}, seconds = 4): Heard => ({
  owner: 'guard-7f9c',
  at: ago(seconds),
  rollout: {
    rolloutId,
    model: 'churn',
    stage: 'production',
    phase: 'analysing',
    step: 1,
    weight: { desired: 15, observed: 15 },
    held: { seconds: 1540, of: 3600 },
    metrics: [
      {
        name: 'errors',
        candidate: { bad: 32, total: 7_655 },
        stable: { bad: 193, total: 43_390 },
        limit: 0.01,
        ratio: 0.94,
        ratioBounds: { lower: 0.63, upper: 1.4 },
        strength: 0.04,
        missing: null,
      },
      {
        name: 'latency',
        candidate: { bad: 60, total: 7_655 },
        stable: { bad: 249, total: 43_390 },
        limit: 0.01,
        ratio: 1.36,
        ratioBounds: { lower: 0.98, upper: 1.85 },
        strength: 0.62,
        missing: null,
      },
      {
        name: 'predictions',
        candidate: { bad: 0, total: 7_655 },
        stable: { bad: 0, total: 43_390 },
        limit: 0.1,
        ratio: null,
        ratioBounds: null,
        strength: 0.22,
        missing: null,
      },
    ],
    says: null,
    ...given,
  },
});

export const watch = (model: string, stage: string, given: Partial<WatchDocument> = {}): WatchDocument => ({
  schema: 'weighin/watch@1',
  model,
  stage,
  run: { id: 9001, attempt: 1, url: 'https://github.com/acme/churn/actions/runs/9001' },
  at: ago(5 * hours),
  version: 'v12',
  drift: {
    level: 'none',
    headline: 'no column drifted, of 18 compared',
    window: { start: ago(29 * hours), end: ago(5 * hours), rows: 20_114 },
    since: null,
    compared: 18,
    columns: [],
    windows: Array.from({ length: 10 }, (_, index) => ({
      start: ago((11 - index) * days),
      end: ago((10 - index) * days),
      rows: 20_000,
      level: 'none' as const,
    })),
  },
  performance: null,
  episodes: [],
  retrainings: [],
  waiting: null,
  ...given,
});

export const event = <Type extends keyof EventData>(
  key: StageKey & { readonly generation: number },
  seq: number,
  secondsAgo: number,
  type: Type,
  actor: Person,
  data: EventData[Type],
): EventLine => ({
  schema: 'weighin/event@1',
  id: digestOf(`${key.model}${key.stage}${key.generation}${seq}`),
  prev: null,
  seq,
  at: ago(secondsAgo),
  ...key,
  promotion: `${key.model}.${key.stage}.${key.generation}`,
  by: 'weighin[bot]/1.0.0',
  ...newEvent(type, actor, `cause:${seq}`, data),
});

export interface GivenStage {
  readonly live?: LiveDocument | null | (() => never);
  readonly watch?: WatchDocument | null;
  readonly events?: Readonly<Record<number, readonly EventLine[]>>;
  readonly stage?: Pick<StageDocument, 'generation'> | null;
}

/** A workspace that holds what it is given, by `model stage`. */
export function workspaceOf(stages: Readonly<Record<string, GivenStage>>, problem: string | null = null): BoardFacts['workspace'] {
  const keys = Object.keys(stages).map((name) => {
    const [model = '', stage = ''] = name.split(' ');
    return { model, stage };
  });
  const config =
    problem === null
      ? configSchema.parse({
          version: 1,
          models: { churn: { task: 'binary', evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }] }, stages: { production: {} } } },
        })
      : null;
  const given = ({ model, stage }: StageKey) => stages[`${model} ${stage}`] ?? {};
  return {
    policy: { commit: 'c'.repeat(40), config, problem, file: 'weighin.yaml', folder: '', template: null },
    stages: keys,
    stage: (key) => (given(key).stage ?? { generation: 41 }) as ReturnType<Workspace['stage']>,
    live(key) {
      const found = given(key).live ?? null;
      return typeof found === 'function' ? found() : found;
    },
    watch: (key) => given(key).watch ?? null,
    events: (key, generation) => given(key).events?.[generation] ?? [],
  };
}

export const factsOf = (stages: Readonly<Record<string, GivenStage>>, given: Partial<BoardFacts> = {}): BoardFacts => ({
  repository: 'acme/churn',
  url: 'https://github.com/acme/churn',
  now: boardNow,
  readAt: new Date(ago(2)),
  problem: null,
  workspace: workspaceOf(stages),
  known: new Map(Object.keys(stages).map((name) => [name.split(' ')[0] ?? '', [11, 12, 13]])),
  open: [],
  heard: () => null,
  ...given,
});

export const planned = (unmet: PromotionStatus['unmet'], counted = 0): PromotionStatus => ({
  state: 'PLANNED',
  unmet,
  approvals: {
    wanted: 2,
    wantedOf: {},
    counted: Array.from({ length: counted }, (_, index) => ({ person: dora, review: index, commit: 'c', as: 'maintain' })),
    ignored: [],
    eligible: [],
  },
  planDigest: digestOf('plan'),
  next: { do: 'nothing' },
});

/** Something of everything. */
export function busyFacts(): BoardFacts {
  const production = { model: 'churn', stage: 'production', generation: 42 };
  const eta = { model: 'eta', stage: 'production', generation: 42 };
  return factsOf(
    {
      'churn staging': {
        live: live('churn', 'staging', { stable: v(14), verified: [{ ...v(14), generation: 44, at: ago(22 * hours) }] }),
      },
      'churn production': {
        live: rolling('churn', 'production'),
        watch: watch('churn', 'production'),
        events: {
          42: [
            event(production, 1, 3 * hours, 'promotion.requested', anna, {
              version: 13,
              digest: v(13).digest,
              record: digestOf('r'),
              reason: 'better in the south',
              operation: 'promote',
            }),
            event(production, 2, 170 * minutes, 'promotion.planned', bot, {
              plan: digestOf('plan'),
              pull: 118,
              branch: 'weighin/promote/churn.production.42',
              commit: 'a'.repeat(40),
            }),
            event(production, 3, 130 * minutes, 'approval.counted', dora, {
              review: 7,
              commit: 'a'.repeat(40),
              plan: digestOf('plan'),
              as: 'everyone with maintain',
            }),
            event(production, 4, 90 * minutes, 'promotion.merged', anna, { commit: 'b'.repeat(40), pull: 118 }),
            event(production, 5, 87 * minutes, 'promotion.started', bot, { tag: 'churn/production/42', deployment: 5, rollout: 'careful' }),
            event(production, 6, 86 * minutes, 'rollout.began', bot, {
              rollout: 'careful',
              strategy: 'canary',
              version: v(13),
              stable: v(12),
            }),
            event(production, 7, 26 * minutes, 'rollout.advanced', bot, { step: 1, weight: 15, unproven: false }),
          ],
        },
      },
      'eta production': {
        live: live('eta', 'production', { stable: v(7), verified: [{ ...v(7), generation: 20, at: ago(40 * days) }] }),
        watch: watch('eta', 'production', {
          drift: {
            level: 'drift',
            headline: 'distance and hour drifted since 2026-11-18: 2 of 9 columns',
            window: { start: ago(29 * hours), end: ago(5 * hours), rows: 8_422 },
            since: ago(3 * days),
            compared: 9,
            columns: [
              { column: 'distance', level: 'drift', effect: 0.183, adjustedP: 0.00001 },
              { column: 'hour', level: 'drift', effect: 0.121, adjustedP: 0.0004 },
              { column: 'origin', level: 'shift', effect: 0.041, adjustedP: 0.01 },
            ],
            windows: (['none', 'none', 'none', 'none', 'shift', 'none', 'shift', 'drift', 'drift', 'drift'] as const).map(
              (level, index) => ({
                start: ago((11 - index) * days),
                end: ago((10 - index) * days),
                rows: 8_000,
                level,
              }),
            ),
          },
          episodes: [
            {
              id: 'eta/production/drift/2026-11-18',
              kind: 'drift',
              since: ago(3 * days),
              until: null,
              level: 'drift',
              headline: 'drift',
              issue: 131,
              closed: false,
            },
          ],
          retrainings: [
            { key: 'k', cause: 'drift', reason: 'distance and hour drifted for three days', at: ago(4 * hours), state: 'dispatched' },
          ],
        }),
        events: { 41: [event({ ...eta, generation: 41 }, 1, 40 * days, 'rollout.succeeded', bot, { version: v(7) })] },
      },
      'fraud production': {
        live: rolling(
          'fraud',
          'production',
          {
            pause: {
              reason: 'no-data',
              detail: 'Prometheus gave no series for errors during 5 min: `sum(increase(errors[5m]))` is empty.',
              at: ago(11 * minutes),
            },
            pausedFrom: 'analysing',
            missing: {
              errors: { why: 'empty', detail: 'no such series', since: ago(16 * minutes) },
              latency: { why: 'empty', detail: 'no such series', since: ago(16 * minutes) },
            },
          },
          {
            phase: 'paused',
            stable: v(3),
            candidate: v(4),
            guard: { driver: 'server', owner: 'guard-7f9c', lastAt: ago(9 * minutes), maxSilenceS: 60 },
          },
        ),
      },
    },
    {
      known: new Map([
        ['churn', [11, 12, 13, 14]],
        ['eta', [6, 7, 8]],
        ['fraud', [3, 4]],
      ]),
      heard: (rolloutId) => (rolloutId === 'churn.production.42' ? heard(rolloutId) : null),
      open: [
        {
          model: 'eta',
          stage: 'production',
          promotion: 'eta.production.42',
          version: 8,
          requestedBy: anna,
          requestedAt: ago(20 * hours),
          pull: 124,
          problem: null,
          status: planned(
            [
              {
                code: 'APPROVALS_MISSING',
                message: '1 of 2 approvals of this plan are given.',
                next: 'Somebody of `@acme/ml-leads` who did not train it approves pull request #124.',
              },
              {
                code: 'SOAK',
                message: 'v8 must run in staging for 24 h; it has for 19 h.',
                next: 'Wait.',
                until: new Date(boardNow.getTime() + 5 * hours * 1000).toISOString(),
              },
            ],
            1,
          ),
        },
      ],
    },
  );
}
