import { stringify } from 'yaml';

/** Ways in which the third version can be bad. */
export const badKinds = ['failing', 'slow', 'skewed'] as const;
export type BadKind = (typeof badKinds)[number];

export interface Recipe {
  /** Path of the flights that it is trained and tested on. */
  readonly data: string;
  readonly training: object;
}

/** What stays the same whatever is trained. */
export interface TeamPlaces {
  readonly store: string;
  readonly logs: string;
  readonly serving: string;
  /** Of one "hour", seconds. */
  readonly hour: number;
}

export const model = 'flight-delay';
/** Requests of its users. */
export const perSecond = 200;

/** The team's weighin.yaml. */
export function weighinYaml({ data, training }: Recipe, { store, logs, serving, hour }: TeamPlaces): string {
  const hold = `${hour}s`;
  return stringify({
    version: 1,
    mode: 'enforce',
    store,
    models: {
      [model]: {
        task: 'binary',
        description: 'Whether a flight will be more than 15 minutes late, asked at its scheduled departure.',
        code: ['weighin.yaml', 'train.mjs'],
        data: {
          source: data,
          contract: 'contracts/flights.odcs.yaml',
          label: 'late',
          id: 'flight_id',
          time: 'date',
          labelTime: 'landed_at',
          exclude: ['origin', 'destination', 'haul'],
          split: { by: 'time', train: 0.6, validation: 0.15, test: 0.25 },
        },
        training,
        evaluation: {
          threshold: 0.3,
          gates: [
            { metric: 'roc_auc', min: 0.58 },
            { metric: 'roc_auc', compare: { maxRegression: 0.02 } },
          ],
        },
        drift: { log: `${logs}/*.jsonl`, window: '1h', agree: '2 of 3', dispersion: 1 },
        retrain: { workflow: 'weighin.yml', cooldown: '3d', on: ['drift'] },
        card: {
          intendedUse: 'Warn passengers of a likely delay when they check in.',
          owners: ['operations-research'],
          license: 'apache-2.0',
        },
        stages: { production: { approvals: 1, rollout: 'careful' } },
      },
    },
    rollouts: {
      careful: {
        strategy: 'canary',
        guard: { driver: 'server', maxSilence: '10s' },
        steps: [5, 15, 30, 50, 75, 100].map((weight) => ({ weight, hold })),
        metrics: [
          { name: 'error_rate', max: 0.01, hardMax: 0.2 },
          { name: 'slow_share', le: 0.1, max: 0.1 },
          {
            name: 'warned_share',
            bad: 'weighin_serving_predictions_total{version="$version",prediction="1"}',
            total: 'weighin_serving_rows_total{version="$version"}',
            max: 0.5,
            minRatio: 2,
          },
        ],
        expect: { requestsPerHour: perSecond * 3600, badRate: { error_rate: 0.001, slow_share: 0.001, warned_share: 0.12 } },
        minSamples: 40,
        noData: { grace: '30s', then: 'pause' },
        target: { kind: 'serve', urls: [serving] },
      },
    },
  });
}
