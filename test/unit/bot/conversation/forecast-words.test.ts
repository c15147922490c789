import { expect, it } from 'vitest';
import { forecastWords } from '../../../../bot/conversation/forecast-words.ts';
import { configSchema } from '../../../../shared/config/schema.ts';

const metrics = [
  { name: 'error_rate', max: 0.01 },
  { name: 'slow_share', le: 0.1, max: 0.01 },
  { name: 'declined', bad: 'a', total: 'b', max: 0.2 },
  { name: 'plain', bad: 'a', total: 'b', max: 0.2, decide: 'point' },
];
const configOf = (rollout: object) =>
  configSchema.parse({
    version: 1,
    models: {
      churn: {
        task: 'binary',
        data: { source: 'a.csv', label: 'y' },
        evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }] },
        stages: { production: { rollout: 'careful' }, staging: {} },
      },
    },
    rollouts: {
      careful: {
        strategy: 'canary',
        guard: { driver: 'server' },
        target: { kind: 'serve', urls: ['http://a:1'] },
        metrics,
        ...rollout,
      },
    },
  });
const words = (rollout: object, stage = 'production') => forecastWords(configOf(rollout), 'churn', stage, null)?.markdown ?? null;

it('says once what metrics that are expected alike can show, and of each what is its own', () => {
  const says = words({ expect: { requestsPerHour: 6000, badRate: { error_rate: 0.005, slow_share: 0.005, declined: 0.1 } } });
  const lines = says?.split('\n') ?? [];
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^- `error_rate`, `slow_share`, as weighin.yaml expects it: .*300, 900, 1,800, 3,000, 4,500, 6,000 requests/);
  expect(lines[1]).toContain('×2.5 of stable');
  expect(lines[2]).toMatch(/^- `declined`, .*×1\.[2-5] of stable/);
  expect(says).not.toContain('plain');
});

it('says how to have it forecast where nothing is known, and nothing where nobody guards or nothing is judged', () => {
  expect(words({})).toContain('`expect: {requestsPerHour: 6000, badRate: 0.005}`');
  expect(words({ expect: { requestsPerHour: 60, badRate: { other: 0.1 } } })).toContain('not known before a first rollout');
  expect(words({}, 'staging')).toBeNull();
  expect(words({ guard: undefined, target: undefined })).toBeNull();
});

it('counts seconds where holds are seconds', () => {
  const steps = [
    { weight: 5, hold: '6s' },
    { weight: 100, hold: '6s' },
  ];
  expect(words({ steps, expect: { requestsPerHour: 600, badRate: 0.005 } })).toMatch(/50 % for 6 s, then 100 % for 6 s/);
});
