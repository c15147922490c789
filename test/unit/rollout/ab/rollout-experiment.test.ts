import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RolloutConfig, rolloutSchema } from '../../../../shared/config/rollout-schema.ts';
import {
  addToExperimentRecord,
  beginExperimentRecord,
  type ExperimentRecord,
  readExperimentRecord,
} from '../../../../shared/rollout/ab/experiment-record.ts';
import { planExperiment } from '../../../../shared/rollout/ab/plan-experiment.ts';
import { renderExperimentComment } from '../../../../shared/rollout/ab/render-experiment-comment.ts';
import { checkExperiment, experimentOf, judgeRolloutExperiment } from '../../../../shared/rollout/ab/rollout-experiment.ts';

const DAY = 86_400_000;
const start = new Date('2026-03-02T09:00:00.000Z');
const onDay = (days: number) => new Date(start.getTime() + days * DAY);
const duration = 14 * DAY;

const rollout = (experiment: object = {}, more: object = {}): RolloutConfig =>
  rolloutSchema.parse({
    strategy: 'ab',
    duration: '14d',
    experiment: {
      baseline: 0.1,
      effect: 0.02,
      metric: { name: 'converted', converted: 'c', units: 'u' },
      ...experiment,
    },
    ...more,
  });
const configOf = (experiment: object = {}) => rollout(experiment).experiment!;
const arm = (units: number, converted: number, more: object = {}) => ({ units, metrics: { converted, ...more } });

/** So many days of the same counts each day. */
function recordOf(days: number, control: ReturnType<typeof arm>, treatment: ReturnType<typeof arm>): ExperimentRecord {
  let record = beginExperimentRecord(start);
  for (let day = 1; day <= days; day++) record = addToExperimentRecord(record, { control, treatment }, onDay(day));
  return record;
}
const judge = (record: ExperimentRecord, isTimeUp: boolean, config = configOf(), shareOfTreatment = 0.5) =>
  judgeRolloutExperiment(config, 'checkout', record, { shareOfTreatment, duration, isTimeUp });

describe('the record', () => {
  it('adds up, and keeps how it stood at the first reading of each whole day', () => {
    let record = beginExperimentRecord(start);
    const one = { control: arm(10, 1), treatment: arm(9, 2) };
    for (const days of [0.5, 0.99, 1.2, 1.9, 2, 4.5]) record = addToExperimentRecord(record, one, onDay(days));
    expect(record.total).toEqual({ control: arm(60, 6), treatment: arm(54, 12) });
    // Days 3 and 4 had no reading of their own: the gap is one look, not two.
    expect(record.days.map(({ day, arms }) => [day, arms.control.units])).toEqual([
      [1, 30],
      [2, 50],
      [4, 60],
    ]);
    expect(readExperimentRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  it('starts no day anew when the clock goes backwards', () => {
    const one = { control: arm(1, 0), treatment: arm(1, 0) };
    const record = [onDay(2), onDay(1), onDay(-3), onDay(2.5)].reduce(
      (sum, at) => addToExperimentRecord(sum, one, at),
      beginExperimentRecord(start),
    );
    expect(record.days.map(({ day }) => day)).toEqual([2]);
    expect(record.total.control.units).toBe(4);
  });

  it('is cumulative whatever comes, and a metric that appears later counts from then', () => {
    const counted = fc.record({ units: fc.nat(1000), metrics: fc.dictionary(fc.constantFrom('converted', '__proto__', 'x'), fc.nat(50)) });
    fc.assert(
      fc.property(fc.array(fc.tuple(counted, counted, fc.double({ min: -2, max: 30, noNaN: true })), { maxLength: 20 }), (readings) => {
        const record = readings.reduce(
          (sum, [control, treatment, at]) => addToExperimentRecord(sum, { control, treatment }, onDay(at)),
          beginExperimentRecord(start),
        );
        expect(record.total.control.units).toBe(readings.reduce((sum, [{ units }]) => sum + units, 0));
        record.days.reduce(
          (before, look) => {
            expect(look.day).toBeGreaterThan(before.day);
            expect(look.arms.treatment.units).toBeGreaterThanOrEqual(before.arms.treatment.units);
            return look;
          },
          { day: 0, arms: { control: arm(0, 0), treatment: arm(0, 0) } } as ExperimentRecord['days'][number],
        );
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe('as an experiment', () => {
  it('plans the size by the effect, over the days of the rollout, in the direction that is better', () => {
    const looks = recordOf(1, arm(10, 1), arm(10, 1)).days;
    const facts = { shareOfTreatment: 0.2, duration, looks };
    const wish = { rate: 0.1, effect: 0.02, alpha: 0.05, power: 0.8, shares: [0.8, 0.2], unitsPerDay: 1, rule: 'sequential' } as const;
    const planned = experimentOf(configOf(), 'checkout', facts);
    expect(planned.plan).toEqual({ units: planExperiment(wish).total, days: 14 });
    expect(planned.arms).toEqual([
      { name: 'control', share: 0.8 },
      { name: 'treatment', share: 0.2 },
    ]);
    const lower = experimentOf(configOf({ metric: { name: 'churned', better: 'lower', converted: 'c', units: 'u' } }), 'checkout', facts);
    expect(lower.plan!.units).toBe(planExperiment({ ...wish, effect: -0.02 }).total);
    expect(experimentOf(configOf({ baseline: undefined }), 'checkout', facts)).toMatchObject({ plan: null, minEffect: 0.02 });
  });

  it('promotes what is better after the planned weeks, with the numbers', () => {
    const { result, recommendation } = judge(recordOf(14, arm(300, 30), arm(300, 48)), true);
    expect(result!.verdict).toBe('promote');
    expect(recommendation!.recommends).toBe('promote');
    expect(recommendation!.why).toMatch(/^Promote treatment: \+\.0600 against control/);
    expect(recommendation!.why).not.toMatch(/[*`\\]/);
  });

  it('says nothing while it goes on, and stops for harm at once', () => {
    expect(judge(recordOf(3, arm(300, 30), arm(300, 32)), false)).toMatchObject({ result: { verdict: null }, recommendation: null });
    const harm = judge(recordOf(4, arm(900, 200), arm(900, 90)), false);
    expect(harm).toMatchObject({ result: { state: 'stopped early', verdict: 'keep' }, recommendation: { recommends: 'keep' } });
  });

  it('stops for benefit after a whole week, not before', () => {
    const [control, treatment] = [arm(900, 90), arm(900, 180)];
    expect(judge(recordOf(6, control, treatment), false).recommendation).toBeNull();
    expect(judge(recordOf(7, control, treatment), false)).toMatchObject({
      result: { state: 'stopped early' },
      recommendation: { recommends: 'promote' },
    });
  });

  it('keeps what its time ran out on, without a baseline too', () => {
    for (const config of [configOf(), configOf({ baseline: undefined })]) {
      const ended = judge(recordOf(6, arm(50, 5), arm(50, 6)), true, config);
      expect(ended.recommendation!.recommends).toBe('keep');
      expect(ended.recommendation!.why).toMatch(/^Keep control \(not shown\): after 6 days the difference may be/);
    }
    expect(judge(beginExperimentRecord(start), true).recommendation).toEqual({
      recommends: 'keep',
      why: 'it ended before one whole day was counted',
    });
    expect(judge(beginExperimentRecord(start), false)).toEqual({ result: null, recommendation: null });
  });

  it('believes no split that is not the planned one', () => {
    const half = judge(recordOf(14, arm(300, 30), arm(300, 48)), true, configOf(), 0.3);
    expect(half.result!.verdict).toBe('inconclusive');
    expect(half.recommendation).toMatchObject({ recommends: 'keep', why: expect.stringMatching(/^Inconclusive: users did not split/) });
    // The treatment's share is the treatment's.
    expect(judge(recordOf(14, arm(700, 70), arm(300, 48)), true, configOf(), 0.3).result!.verdict).toBe('promote');
  });

  it('keeps where a guardrail is not safe', () => {
    const config = configOf({ guardrails: [{ name: 'kept', converted: 'k', margin: 0.01 }] });
    const lost = judge(recordOf(14, arm(300, 30, { kept: 270 }), arm(300, 48, { kept: 240 })), true, config);
    expect(lost).toMatchObject({ result: { verdict: 'keep' }, recommendation: { recommends: 'keep' } });
    expect(renderExperimentComment(lost).markdown).toContain('shown worse');
    // Also where time ran out on the rest.
    const early = judge(recordOf(6, arm(300, 30, { kept: 270 }), arm(300, 33, { kept: 240 })), true, config);
    expect(early.result!.verdict).toBeNull();
    expect(early.recommendation!.why).toBe('Keep control: after 6 days treatment is shown to bring harm to a guardrail.');
    const fine = judge(recordOf(14, arm(3000, 300, { kept: 2700 }), arm(3000, 480, { kept: 2700 })), true, config);
    expect(fine.recommendation!.recommends).toBe('promote');
  });

  it('never throws for what was counted: events instead of units, a metric that never came', () => {
    expect(judge(recordOf(2, arm(10, 30), arm(10, 1)), false).recommendation).toEqual({
      recommends: 'keep',
      why: 'converted counts more than the units of control (30 of 10): it must count units, not events',
    });
    const never = recordOf(2, { units: 5, metrics: {} } as never, arm(5, 1));
    expect(judge(never, false).recommendation).toMatchObject({ recommends: 'keep', why: 'converted of control was never counted' });
    const counted = fc.tuple(fc.nat(50), fc.nat(50)).map(([units, converted]) => arm(units, converted));
    fc.assert(
      fc.property(fc.array(fc.tuple(counted, counted), { maxLength: 16 }), fc.boolean(), (days, isTimeUp) => {
        const record = days.reduce(
          (sum, [control, treatment], at) => addToExperimentRecord(sum, { control, treatment }, onDay(at + 1)),
          beginExperimentRecord(start),
        );
        const judged = judge(record, isTimeUp);
        if (isTimeUp) expect(judged.recommendation).not.toBeNull();
        expect(renderExperimentComment(judged).markdown.length).toBeGreaterThan(10);
      }),
      { seed: 7, numRuns: 150 },
    );
  });
});

describe('the comment', () => {
  it('has one table, the split, and one line', () => {
    const { markdown } = renderExperimentComment(judge(recordOf(14, arm(300, 30), arm(300, 48)), true));
    expect(markdown.match(/^\|:--/gm)).toHaveLength(1);
    expect(markdown).toMatch(/\| `treatment` \| 2,\d00 \| \.1600 \| \*\*\+\.0600\*\* \(/);
    expect(markdown).toContain('Users split as planned (sample-ratio test: p 1.0000). It stopped early:');
    expect(markdown.match(/^\*\*(?:Promote|Keep)/gm)).toHaveLength(1);
  });

  it('says that time ran out, and what could not be judged', () => {
    expect(renderExperimentComment(judge(recordOf(6, arm(50, 5), arm(50, 6)), true)).markdown).toMatch(
      /^### `checkout`: keep \(not shown\) \(ended/,
    );
    expect(renderExperimentComment(judge(recordOf(2, arm(10, 30), arm(10, 1)), true)).markdown).toMatch(
      /^\*\*Keep control:\*\* converted counts/,
    );
    expect(renderExperimentComment({ result: null, recommendation: null }).markdown).toMatch(/^\*\*Goes on/);
  });

  it("lets nothing of the configuration's text out", () => {
    const name = '`|<img src=x>| @acme/team **x**';
    const config = configOf({ metric: { name, converted: 'c', units: 'u' }, guardrails: [{ name: '](x)', converted: 'k', margin: 0.1 }] });
    const record = recordOf(
      14,
      { units: 300, metrics: { [name]: 30, '](x)': 5 } } as never,
      { units: 300, metrics: { [name]: 48, '](x)': 5 } } as never,
    );
    const { markdown } = renderExperimentComment(judge(record, true, config));
    expect(markdown).not.toContain('| <img');
    expect(
      markdown
        .split('\n')
        .find((line) => line.startsWith('| arm'))!
        .match(/(?<!\\)\|/g),
    ).toHaveLength(7);
  });
});

describe('the check of the configuration', () => {
  it('tells what is missing, and refuses what could never be judged', () => {
    expect(checkExperiment(rollout(), 'split')).toEqual([]);
    expect(checkExperiment(rolloutSchema.parse({ strategy: 'canary' }), 'split')).toEqual([]);
    expect(() => checkExperiment(rollout({}, { experiment: undefined }), 'split')).toThrow(/split: strategy ab has no experiment/);
    expect(() => checkExperiment(rollout({}, { duration: undefined }), 'split')).toThrow(/no duration/);
    expect(() => checkExperiment(rollout({ effect: undefined }), 'split')).toThrow(/no effect/);
    expect(() => checkExperiment(rollout({ effect: 1.5, baseline: undefined }), 'split')).toThrow(/effect is 1.5/);
    expect(() => checkExperiment(rollout({ baseline: 0.99 }), 'split')).toThrow(/rate of 1.01/);
    expect(() =>
      checkExperiment(rollout({ baseline: 0.01, metric: { name: 'x', better: 'lower', converted: 'c', units: 'u' } }), 'split'),
    ).toThrow(/rate of -0.01/);
    expect(() => checkExperiment(rollout({ guardrails: [{ name: 'converted', converted: 'k', margin: 0.1 }] }), 'split')).toThrow(
      /called converted/,
    );
  });

  it('recommends whole weeks and a baseline', () => {
    expect(checkExperiment(rollout({}, { duration: '10d' }), 'split')).toEqual([expect.stringContaining('`duration: 14d`')]);
    expect(checkExperiment(rollout({}, { duration: '2w' }), 'split')).toEqual([]);
    expect(checkExperiment(rollout({}, { duration: '3d' }), 'split')).toEqual([expect.stringContaining('less than a week')]);
    expect(checkExperiment(rollout({ baseline: undefined }), 'split')).toEqual([expect.stringContaining('Without `baseline:`')]);
  });
});
