import { describe, it } from 'vitest';
import { dispersionOf } from '../../shared/rollout/judging/dispersion.ts';
import { judgeHardLimit } from '../../shared/rollout/judging/hard-limit.ts';
import { judgeBucket, type Look } from '../../shared/rollout/judging/look.ts';
import { beginRule, type RuleSettings, thresholdsOf } from '../../shared/rollout/judging/rule.ts';
import { compareExpected, inputNumber, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

type Input = VectorCase['input'];
const rows = (input: Input) => (input['buckets'] as unknown[]).map((row) => [...inputNumbers(row)]);

const kinds: Readonly<Record<string, (input: Input) => unknown>> = {
  canary: (input) => {
    // Keys of the vectors' config are those of the rule.
    const settings = input['config'] as RuleSettings;
    let state = beginRule(settings);
    const looks: Look[] = [];
    for (const [step = 0, x = 0, m = 0, c = 0, s = 0] of rows(input)) {
      const judged = judgeBucket(
        settings,
        state,
        { step, candidate: { bad: x, total: m }, stable: { bad: c, total: s } },
        { everyBound: true },
      );
      // Stored and read again between looks, as the engine does.
      state = JSON.parse(JSON.stringify(judged.state));
      looks.push(judged.look);
    }
    const first = (decision: string) => {
      const index = looks.findIndex((look) => look.decision === decision);
      return index < 0 ? null : index;
    };
    const thresholds = thresholdsOf(settings);
    return {
      log_threshold_abs: thresholds.absolute,
      log_threshold_cmp: thresholds.comparison,
      first_rollback: first('rollback'),
      first_pause_both: first('pause_both'),
      looks: looks.map((look) => ({
        log_e_abs: look.logEAbs,
        log_e_abs_stable: look.logEAbsStable,
        log_e_cmp: look.logECmp,
        z: look.z,
        obf_bound: look.obfBound,
        ratio: look.ratio,
        information: look.information,
        decision: look.decision,
      })),
    };
  },
  hardmax: (input) =>
    judgeHardLimit(
      { bad: inputNumber(input['x']), total: inputNumber(input['m']) },
      inputNumber(input['hardMax']),
      inputNumber(input['phi']),
    ),
  phi_from_history: (input) => dispersionOf(rows(input).map(([bad = 0, total = 0]) => ({ bad, total }))),
};

describe('decisions.json: the rule of a canary', () => {
  listAbsent('decisions.json');
  for (const { name, kind, input, expected, tolerance } of readVectors('decisions.json')) {
    const compute = kinds[kind];
    if (compute) it(name, () => compareExpected(compute(input), expected, tolerance));
  }
});
