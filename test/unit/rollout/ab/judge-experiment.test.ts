import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { estimateDifference } from '../../../../shared/rollout/ab/estimate-difference.ts';
import { type Experiment, readExperiment } from '../../../../shared/rollout/ab/experiment.ts';
import { judgeExperiment } from '../../../../shared/rollout/ab/judge-experiment.ts';
import { planExperiment } from '../../../../shared/rollout/ab/plan-experiment.ts';
import { renderExperiment } from '../../../../shared/rollout/ab/render-experiment.ts';
import { watchSampleRatio } from '../../../../shared/rollout/ab/sample-ratio.ts';
import { createRandom, drawBinomial } from '../../../../shared/statistics/random.ts';

const arm = (units: number, converted: number, more: object = {}) => ({ units, metrics: { converted, ...more } });
const half = [
  { name: 'control', share: 0.5 },
  { name: 'treatment', share: 0.5 },
];
type Looks = readonly (readonly [day: number, control: object, treatment: object])[];
const experiment = (looks: Looks, changes: object = {}): Experiment =>
  readExperiment(
    JSON.stringify({
      name: 'checkout',
      arms: half,
      plan: { units: 2000, days: 7 },
      metric: { name: 'converted' },
      looks: looks.map(([day, control, treatment]) => ({ day, arms: { control, treatment } })),
      ...changes,
    }),
    'experiment.json',
  );
const fixed = (control: object, treatment: object, changes: object = {}) =>
  judgeExperiment(experiment([[7, control, treatment]], { rule: 'fixed', ...changes }));

describe('the fixed rule', () => {
  it('is the z-test of the notes: 48 of 1000 against 30 of 1000', () => {
    const [found] = fixed(arm(1000, 30), arm(1000, 48)).treatments;
    expect(found).toMatchObject({ verdict: 'promote', control: 0.03, treatment: 0.048 });
    expect(found!.z).toBeCloseTo(2.0790432, 6);
    expect(found!.p).toBeCloseTo(0.0376134, 6);
    expect(found!.lift).toBeCloseTo(0.6, 12);
    expect(found!.interval![0]).toBeCloseTo(0.0009398, 6);
    expect(found!.interval![1]).toBeCloseTo(0.0355017, 6);
  });

  it('keeps control where nothing is shown, where harm is, and where lift is undefined', () => {
    expect(fixed(arm(1000, 30), arm(1000, 40))).toMatchObject({ verdict: 'keep (not shown)', winner: null });
    expect(fixed(arm(1000, 48), arm(1000, 30))).toMatchObject({ verdict: 'keep' });
    const zero = fixed(arm(1000, 0), arm(1000, 12));
    expect(zero).toMatchObject({ verdict: 'promote', treatments: [{ lift: null }] });
    expect(renderExperiment(zero)).toContain('| – | ✅ promote |');
    expect(fixed(arm(1000, 0), arm(1000, 0))).toMatchObject({ verdict: 'keep (not shown)', treatments: [{ z: null, p: null }] });
  });

  it('knows which way is better', () => {
    const lower = { metric: { name: 'converted', better: 'lower' } };
    expect(fixed(arm(1000, 48), arm(1000, 30), lower)).toMatchObject({ verdict: 'promote' });
    expect(fixed(arm(1000, 30), arm(1000, 48), lower)).toMatchObject({ verdict: 'keep' });
  });

  it('asks for the lift that was asked for', () => {
    expect(fixed(arm(10_000, 300), arm(10_000, 480), { minLift: 0.01 })).toMatchObject({ verdict: 'promote' });
    expect(fixed(arm(10_000, 300), arm(10_000, 480), { minLift: 0.015 })).toMatchObject({ verdict: 'keep (not shown)' });
    expect(fixed(arm(10_000, 300), arm(10_000, 480), { minLift: 0.03 })).toMatchObject({ verdict: 'keep' });
  });

  it('waits for whole weeks', () => {
    const early = experiment([[6, arm(1000, 30), arm(1000, 70)]], { rule: 'fixed' });
    expect(judgeExperiment(early)).toMatchObject({ state: 'running', verdict: null });
    const tenDays = { rule: 'fixed', plan: { units: 2000, days: 10 } };
    expect(judgeExperiment(experiment([[13, arm(1000, 30), arm(1000, 70)]], tenDays)).state).toBe('running');
    expect(judgeExperiment(experiment([[14, arm(1000, 30), arm(1000, 70)]], tenDays))).toMatchObject({
      state: 'ended',
      verdict: 'promote',
    });
  });
});

describe('guardrails', () => {
  const guardrails = [{ name: 'errors', better: 'lower', margin: 0.01 }];
  it.each([
    [10, 'promote', 'pass'],
    [22, 'keep (not shown)', 'inconclusive'],
    [60, 'keep', 'fail'],
  ] as const)('%d errors against 10: %s', (errors, verdict, outcome) => {
    const result = fixed(arm(1000, 30, { errors: 10 }), arm(1000, 70, { errors }), { guardrails });
    expect(result).toMatchObject({ verdict, treatments: [{ guardrails: [{ outcome }] }] });
  });
});

describe('the split', () => {
  it('not as planned is inconclusive, whatever the difference', () => {
    const result = fixed(arm(5000, 100), arm(5400, 900), { plan: { units: 10_000, days: 7 } });
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      winner: null,
      treatments: [{ verdict: null }],
      sampleRatio: { mismatch: true },
    });
    expect(renderExperiment(result)).toMatch(/\*\*Inconclusive:\*\* users did not split as planned \(p below \.0001\)/);
    expect(fixed(arm(5000, 100), arm(5100, 900), { plan: { units: 10_000, days: 7 } }).verdict).toBe('promote');
  });

  it('may be watched daily: one in a thousand is ever called wrong', () => {
    const random = createRandom(3);
    let called = 0;
    for (let run = 0; run < 1000; run++) {
      let counts = [0, 0];
      for (let day = 0; day < 40; day++) {
        const first = drawBinomial(random, 500, 0.5);
        counts = [counts[0]! + first, counts[1]! + 500 - first];
        if (watchSampleRatio(counts, [0.5, 0.5]).mismatch) {
          called++;
          break;
        }
      }
    }
    // Binomial(1000, .001): more than 5 is less likely than 1 in 1,000.
    expect(called).toBeLessThanOrEqual(5);
    expect(watchSampleRatio([5000, 5600], [1, 1]).mismatch).toBe(true);
    // A prior that knew nothing would need far more; Σ over arms of one must be 1 at no units.
    expect(watchSampleRatio([0, 0], [1, 1]).logE).toBeCloseTo(0, 12);
  });
});

describe('daily looks', () => {
  const days = (control: number, treatment: number, until: number): Looks =>
    Array.from(
      { length: until },
      (_, at) => [at + 1, arm(700 * (at + 1), control * (at + 1)), arm(700 * (at + 1), treatment * (at + 1))] as const,
    );
  const plan = { plan: { units: 19_600, days: 14 } };

  it('stop for benefit after a week, with an interval that the looks have widened', () => {
    const result = judgeExperiment(experiment(days(35, 56, 14), plan));
    expect(result).toMatchObject({ state: 'stopped early', day: 7, verdict: 'promote' });
    const { interval, error, difference } = result.treatments[0]!;
    // O'Brien and Fleming at half of the information: about 2.96 (vectors: K = 2), a little more for the looks between.
    expect((difference! - interval![0]) / error!).toBeGreaterThan(2.9);
    expect((difference! - interval![0]) / error!).toBeLessThan(3.3);
    expect(judgeExperiment(experiment(days(35, 56, 6), plan))).toMatchObject({ state: 'running', verdict: null });
  });

  it('stop for harm at once', () => {
    const result = judgeExperiment(experiment(days(140, 35, 14), plan));
    expect(result).toMatchObject({ state: 'stopped early', verdict: 'keep' });
    expect(result.day).toBeLessThan(7);
  });

  it('what was stopped stays stopped', () => {
    const looks: Looks = [...days(35, 56, 7), [8, arm(5600, 600), arm(5600, 400)]];
    expect(judgeExperiment(experiment(looks, plan))).toMatchObject({ day: 7, verdict: 'promote' });
  });

  it('look once a day: an hour later is no other look', () => {
    const twice = days(35, 45, 14).flatMap(
      ([day, c, t]): Looks => [
        [day, c, t],
        [day, c, t],
      ],
    );
    expect(judgeExperiment(experiment(twice, plan))).toEqual(judgeExperiment(experiment(days(35, 45, 14), plan)));
  });

  it('call no difference a difference in at most five of a hundred', () => {
    const random = createRandom(17);
    let called = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      let [c, t] = [0, 0];
      const looks: Looks = Array.from({ length: 14 }, (_, at) => {
        c += drawBinomial(random, 200, 0.1);
        t += drawBinomial(random, 200, 0.1);
        return [at + 1, arm(200 * (at + 1), c), arm(200 * (at + 1), t)] as const;
      });
      const { verdict, treatments } = judgeExperiment(experiment(looks, { plan: { units: 5_600, days: 14 } }));
      const { interval } = treatments[0]!;
      if (verdict === 'promote' || (interval && interval[1] < 0)) called++;
    }
    // Binomial(400, .05): more than 35 is less likely than 1 in 1,000; far fewer would show looks that cost too much.
    expect(called).toBeLessThanOrEqual(35);
    expect(called).toBeGreaterThan(5);
  });

  it('without a plan the mixture looks for ever: the vectors refuse equality at the seventh look', () => {
    const rows = [33, 48, 81, 102, 116, 152, 157, 208, 190, 243, 234, 300, 274, 348];
    const looks: Looks = Array.from(
      { length: 7 },
      (_, at) => [at + 7, arm(500 * (at + 1), rows[2 * at]!), arm(500 * (at + 1), rows[2 * at + 1]!)] as const,
    );
    const openEnded = { plan: null, minEffect: Math.sqrt(0.001) };
    expect(judgeExperiment(experiment(looks, openEnded))).toMatchObject({ state: 'stopped early', day: 13, verdict: 'promote' });
    expect(judgeExperiment(experiment(looks.slice(0, 6), openEnded))).toMatchObject({ state: 'running', verdict: null });
  });
});

it('several treatments share alpha by Holm', () => {
  const three = (a: number, b: number) =>
    judgeExperiment(
      readExperiment(
        JSON.stringify({
          name: 'three',
          rule: 'fixed',
          arms: [
            { name: 'control', share: 0.4 },
            { name: 'a', share: 0.3 },
            { name: 'b', share: 0.3 },
          ],
          plan: { units: 10_000, days: 7 },
          metric: { name: 'converted' },
          looks: [{ day: 7, arms: { control: arm(4000, 200), a: arm(3000, a), b: arm(3000, b) } }],
        }),
        'three.json',
      ),
    );
  // p of 188 is .024: not below .025 … it is; 186 has .033 and needs the other to be shown first.
  expect(three(186, 150)).toMatchObject({ verdict: 'keep (not shown)' });
  expect(three(186, 240).treatments.map(({ verdict, level }) => [verdict, level])).toEqual([
    ['promote', 0.05],
    ['promote', 0.025],
  ]);
  expect(three(186, 240)).toMatchObject({ verdict: 'promote', winner: 'b' });
});

it('ratios are compared by users, as the delta method says', () => {
  const random = createRandom(8);
  const play = (users: number, rate: number) => {
    const sums = { numerator: 0, denominator: 0, numeratorSquares: 0, denominatorSquares: 0, products: 0 };
    for (let user = 0; user < users; user++) {
      const views = 1 + drawBinomial(random, 20, 0.3);
      // Users differ: each has a rate of its own, so that views of one are no independent trials.
      const clicks = drawBinomial(random, views, rate * 2 * random.uniform());
      sums.numerator += clicks;
      sums.denominator += views;
      sums.numeratorSquares += clicks * clicks;
      sums.denominatorSquares += views * views;
      sums.products += clicks * views;
    }
    return { units: users, metrics: { clicks: sums } };
  };
  const zs = Array.from({ length: 400 }, () => estimateDifference(play(200, 0.3), play(200, 0.3), 'clicks').z!);
  const variance = zs.reduce((sum, z) => sum + z * z, 0) / zs.length;
  // Standard normal: the variance of 400 draws stays within .8 … 1.25; taken per view it would be about 1.9.
  expect(variance).toBeGreaterThan(0.8);
  expect(variance).toBeLessThan(1.25);
});

it('a plan is whole weeks with the users of the vectors', () => {
  const wish = { rate: 0.1, effect: 0.02, alpha: 0.05, power: 0.8, shares: [0.5, 0.5], unitsPerDay: 1000, rule: 'fixed' } as const;
  expect(planExperiment(wish)).toMatchObject({ units: [3841, 3841], total: 7682, rawDays: 8, days: 14 });
  expect(planExperiment({ ...wish, rule: 'sequential' }).total).toBeGreaterThan(7682);
});

describe('bad input', () => {
  const good = {
    name: 'x',
    arms: half,
    plan: { units: 10, days: 7 },
    metric: { name: 'converted' },
    looks: [{ day: 1, arms: { control: arm(5, 1), treatment: arm(5, 1) } }],
  };
  it.each([
    ['not JSON', '{', /not JSON/],
    ['shares', JSON.stringify({ ...good, arms: [half[0], { name: 'treatment', share: 0.4 }] }), /sum to 1/],
    ['one name twice', JSON.stringify({ ...good, arms: [half[0], half[0]] }), /two arms/],
    ['an arm too few', JSON.stringify({ ...good, looks: [{ day: 1, arms: { control: arm(5, 1) } }] }), /looks\[0\] must have the arms/],
    [
      'more conversions than users',
      JSON.stringify({ ...good, looks: [{ day: 1, arms: { control: arm(5, 6), treatment: arm(5, 1) } }] }),
      /more converted than units/,
    ],
    [
      'counts that fall',
      JSON.stringify({ ...good, looks: [...good.looks, { day: 2, arms: { control: arm(4, 1), treatment: arm(5, 1) } }] }),
      /cumulative/,
    ],
    [
      'days that go back',
      JSON.stringify({
        ...good,
        looks: [
          { ...good.looks[0], day: 2 },
          { ...good.looks[0], day: 1 },
        ],
      }),
      /after one of day 2/,
    ],
    ['no plan and no effect', JSON.stringify({ ...good, plan: null }), /minEffect/],
    ['an unknown key', JSON.stringify({ ...good, foo: 1 }), /foo/],
  ])('%s', (_, text, message) => {
    try {
      readExperiment(text, 'x.json');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).code).toBe('EXPERIMENT_INVALID');
      expect((error as UserError).message).toMatch(message);
    }
  });

  it('names of arms and metrics reach Markdown as text', () => {
    const evil = '`](x)|<img>';
    const result = judgeExperiment(
      readExperiment(
        JSON.stringify({
          ...good,
          name: evil,
          arms: [half[0], { name: evil, share: 0.5 }],
          looks: [{ day: 1, arms: { control: arm(5, 1), [evil]: arm(5, 1) } }],
        }),
        'x.json',
      ),
    );
    expect(renderExperiment(result)).not.toMatch(/(?<!\\)\|<img>/);
  });
});
