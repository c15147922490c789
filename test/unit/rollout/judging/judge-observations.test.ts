import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../shared/config/config-error.ts';
import { UserError } from '../../../../shared/errors.ts';
import { describeStop, judgeObservations } from '../../../../shared/rollout/judging/judge-observations.ts';
import { readObservations } from '../../../../shared/rollout/judging/observations.ts';
import { readRollout } from '../../../../shared/rollout/judging/read-rollout.ts';
import { rolloutPolicy } from '../../../../shared/rollout/judging/rollout-policy.ts';

const policyOf = (yaml: string) => {
  const { name, config } = readRollout(yaml, 'rollout.yaml');
  return rolloutPolicy(config, name);
};
const errorOf = (act: () => unknown): UserError => {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};
const observed = (metrics: unknown, extra = {}) => readObservations(JSON.stringify({ metrics, ...extra }), 'counts.json');
const repeat = (row: readonly number[], times: number) => Array.from({ length: times }, () => row);

const errors = 'strategy: canary\nmetrics:\n  - {name: errors, bad: b, total: t, max: 0.01, hardMax: 0.05}\n';
const history = repeat([5, 950], 24);

describe('recorded counts', () => {
  it('roll back a candidate that is three times as bad, and say when', () => {
    const buckets = [0, 1, 2, 3, 4].flatMap((step) => {
      const m = [45, 135, 270, 450, 675][step]!;
      return repeat([step, Math.round(m * 0.02), m, 4, 900 - m], 12);
    });
    const judged = judgeObservations(policyOf(errors), observed({ errors: { history, buckets } }));
    expect(judged.verdict).toBe('rollback');
    const stop = judged.firstRollback!;
    expect(stop).toMatchObject({ metric: 'errors', step: 0, seconds: (stop.look + 1) * 300 });
    expect(stop.candidate.total).toBe(
      judged.metrics[0]!.looks.slice(0, stop.look + 1).reduce((sum, look) => sum + look.candidate.total, 0),
    );
    expect(describeStop(stop)).toMatch(
      /^rolled back \d+ min in \(step 0\), after [\d,]+ candidate requests with \d+ bad: errors is worse than stable/,
    );
    expect(judged.metrics[0]!.plannedInformation).toBeGreaterThan(1);
  });

  it('pause where both arms are above the limit, and hardMax rolls back all the same', () => {
    const both = observed({ errors: { history, buckets: repeat([0, 2, 45, 34, 855], 12) } });
    expect(judgeObservations(policyOf(errors), both)).toMatchObject({ verdict: 'pause', firstPause: { reason: 'both-arms' } });
    const outage = observed({ errors: { history, buckets: [[0, 45, 45, 855, 855]] } });
    expect(judgeObservations(policyOf(errors), outage)).toMatchObject({
      verdict: 'rollback',
      firstRollback: { reason: 'hard-limit', look: 0 },
    });
  });

  it('are judged by the point alone where a metric says so: strict, at the end of a step', () => {
    const point = policyOf('strategy: canary\nmetrics:\n  - {name: errors, bad: b, total: t, max: 0.01, decide: point}\n');
    const at = (bad: number) =>
      observed({
        errors: {
          buckets: [
            [0, bad - 3, 5_000, 0, 90_000],
            [0, 3, 5_000, 0, 90_000],
            [1, 0, 5_000, 0, 0],
          ],
        },
      });
    expect(judgeObservations(point, at(100)).verdict).toBe('continue');
    expect(judgeObservations(point, at(101))).toMatchObject({ verdict: 'rollback', firstRollback: { reason: 'point', look: 1, step: 0 } });
  });

  it('pause after a silence longer than the grace, and count silence anew after it', () => {
    const row = { step: 0, missing: true };
    const good = [0, 0, 45, 4, 855];
    const calm = observed({ errors: { buckets: [good, row, good, row] } });
    expect(judgeObservations(policyOf(errors), calm).verdict).toBe('continue');
    const silent = observed({ errors: { buckets: [good, row, row, good] } });
    expect(judgeObservations(policyOf(errors), silent)).toMatchObject({ verdict: 'pause', firstPause: { reason: 'no-data', look: 2 } });
  });

  it('share alpha over metrics, but not with comparisons and points', () => {
    const many = policyOf(
      `${errors}  - {name: slow, le: 0.1, max: 0.02}\n  - {name: plain, bad: b, total: t, max: 0.1, decide: point}\n  - {name: vs, of: errors, test: sequential, minRatio: 1.5}\n`,
    );
    const judged = judgeObservations(many, observed({ errors: { buckets: [[0, 0, 45, 4, 855]] } }));
    expect(judged.metrics[0]!.logThresholds.absolute).toBeCloseTo(Math.log(400), 12);
    expect(many.metrics.map(({ minRatio }) => minRatio)).toEqual([1.5, 1.2, 1.2]);
    expect(judged.notices.some((notice) => notice.startsWith('slow has no recorded counts'))).toBe(true);
  });

  it('ask for proof before the last step where the rollout assures', () => {
    const assure = policyOf(`${errors}assure: true\nsteps: [{weight: 50, hold: 1h}, {weight: 100, hold: 1h}]\n`);
    const first = (bad: number, total: number) =>
      observed({
        errors: {
          buckets: [
            [0, bad, total, 0, total],
            [1, 0, 10, 0, 0],
          ],
        },
      });
    expect(judgeObservations(assure, first(0, 299)).verdict).toBe('continue');
    expect(judgeObservations(assure, first(0, 298))).toMatchObject({ verdict: 'pause', firstPause: { reason: 'not-assured', look: 0 } });
  });

  it('take dispersion and planned information where they were fixed beforehand', () => {
    const told = observed({ errors: { phi: 5, plannedInformation: 22.21, buckets: [[0, 1, 45, 9, 858]] } });
    const [metric] = judgeObservations(policyOf(errors), told).metrics;
    expect(metric).toMatchObject({ phi: 5, plannedInformation: 22.21 });
    expect(metric!.looks[0]!.evidence!.information).toBeCloseTo(0.46878, 5);
  });

  it('say which steps showed nothing for want of requests', () => {
    const few = observed({
      errors: {
        buckets: [
          [0, 0, 99, 0, 900],
          [1, 0, 100, 0, 900],
        ],
      },
    });
    expect(judgeObservations(policyOf(errors), few).steps).toEqual([
      { step: 0, share: 0.05, requests: 99, unproven: true },
      { step: 1, share: 0.15, requests: 100, unproven: false },
    ]);
  });
});

describe('bad input', () => {
  it.each([
    ['not JSON', '{', /is not JSON/],
    ['no metrics', '{"metrics": {}}', /metrics needs a metric/],
    ['an unknown key', '{"metrics": {"errors": {"buckets": [[0,0,1,0,1]]}}, "foo": 1}', /foo/],
    ['more bad than there are', '{"metrics": {"errors": {"buckets": [[0,2,1,0,1]]}}}', /buckets\[0\].*more bad answers than answers/],
    ['a fraction', '{"metrics": {"errors": {"buckets": [[0,0.5,1,0,1]]}}}', /buckets\[0\]/],
    ['a number beyond all', '{"metrics": {"errors": {"buckets": [[0,1e400,1,0,1]]}}}', /buckets\[0\]\[1\] must be a (whole )?number\./],
    ['a list of nothing', '{"metrics": {"errors": {"buckets": []}}}', /buckets must not be empty\./],
    ['another kind', '[]', /the file must be an object\./],
    ['four numbers', '{"metrics": {"errors": {"buckets": [[0,0,1,0]]}}}', /buckets\[0\]/],
    [
      'a negative',
      '{"metrics": {"errors": {"buckets": [{"step":0,"candidate":{"bad":-1,"total":1},"stable":{"bad":0,"total":1}}]}}}',
      /candidate/,
    ],
  ])('%s', (_, text, message) => {
    const error = errorOf(() => readObservations(text, 'counts.json'));
    expect([error.code, error.location?.file]).toEqual(['OBSERVATIONS_INVALID', 'counts.json']);
    expect(error.message).toMatch(message);
  });

  it('counts that the rollout does not know are refused, not passed over', () => {
    const policy = policyOf(errors);
    expect(errorOf(() => judgeObservations(policy, observed({ eror: { buckets: [[0, 0, 1, 0, 1]] } }))).message).toContain(
      'eror is no metric',
    );
    expect(errorOf(() => judgeObservations(policy, observed({ errors: { buckets: [[6, 0, 1, 0, 1]] } }))).message).toContain('step 6');
  });

  it.each([
    ['no metrics', 'strategy: canary\n', 'ROLLOUT_INVALID'],
    ['a limit of 0', 'strategy: canary\nmetrics: [{name: e, max: 0}]\n', 'ROLLOUT_INVALID'],
    ['a limit of 1', 'strategy: canary\nmetrics: [{name: e, max: 1}]\n', 'ROLLOUT_INVALID'],
    ['of nothing', 'strategy: canary\nmetrics: [{name: e, max: 0.1}, {name: v, of: f}]\n', 'ROLLOUT_INVALID'],
    ['twice the same', 'strategy: canary\nmetrics: [{name: e, max: 0.1}, {name: e, max: 0.1}]\n', 'ROLLOUT_INVALID'],
    ['a point without a limit', 'strategy: canary\nmetrics: [{name: e, decide: point}]\n', 'ROLLOUT_INVALID'],
    ['no canary', 'strategy: ab\nmetrics: [{name: e, max: 0.1}]\n', 'ROLLOUT_NOT_JUDGED'],
    ['no rollout', 'version: 1\n', 'ROLLOUT_NOT_FOUND'],
  ])('a rollout with %s', (_, yaml, code) => {
    expect(errorOf(() => policyOf(yaml)).code).toBe(code);
  });

  it('an unknown key of a rollout stands at its line, in a whole weighin.yaml as well', () => {
    const alone = errorOf(() => readRollout('strategy: canary\nmetrics:\n  - {name: e, maks: 0.01}\n', 'r.yaml'));
    expect(alone).toBeInstanceOf(ConfigError);
    expect(alone.location).toMatchObject({ file: 'r.yaml', line: 3 });
    const whole = errorOf(() => readRollout('rollouts:\n  a:\n    strategy: canary\n    stps: []\n', 'w.yaml'));
    expect(whole.location).toMatchObject({ file: 'w.yaml', line: 4 });
    const two = 'rollouts:\n  a: {strategy: canary}\n  b: {strategy: canary}\n';
    expect(errorOf(() => readRollout(two, 'w.yaml')).message).toContain('several');
    expect(readRollout(two, 'w.yaml', 'b').name).toBe('b');
    expect(errorOf(() => readRollout(two, 'w.yaml', 'c')).code).toBe('ROLLOUT_NOT_FOUND');
  });
});
