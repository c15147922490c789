import { it } from 'vitest';
import { aucDifference } from '../../shared/evaluation/auc-estimate.ts';
import type { GateResult } from '../../shared/evaluation/evaluation-result.ts';
import { meanDifference } from '../../shared/evaluation/mean-estimate.ts';
import { sampleOf } from '../../shared/evaluation/sample.ts';
import { tangoUncertainty } from '../../shared/evaluation/share-estimate.ts';
import { judgeGates } from '../../shared/gate/judge-gates.ts';
import { autoMargin, rowsNeeded } from '../../shared/gate/power.ts';
import { settleGates } from '../../shared/gate/settle-gates.ts';
import { verdictOf } from '../../shared/gate/verdict-of.ts';
import { newcombe5 } from '../../shared/statistics/auc-interval.ts';
import { delongCovariance, placements } from '../../shared/statistics/delong.ts';
import { mcnemarExact } from '../../shared/statistics/mcnemar.ts';
import { wilson } from '../../shared/statistics/proportion.ts';
import { meanEstimate } from '../../shared/statistics/student-interval.ts';
import { foundOf, policyOfVector } from './gate-of-vector.ts';
import { logitIntervalOf } from './logit-interval.ts';
import { compareExpected, inputNumber, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';
import { scoredRows } from './rows-of-vector.ts';

type Input = VectorCase['input'];
const number = (input: Input, key: string) => inputNumber(input[key]);
const LEVEL = 0.9;

/** Our method names have hyphens. */
const methodNames: Readonly<Record<string, string>> = { 'logit-delong': 'logit_delong', 'newcombe-5': 'newcombe5', 'paired-t': 'paired_t' };

const kinds: Readonly<Record<string, (input: Input) => unknown>> = {
  tango: (input) => {
    const [b, c, n] = [number(input, 'b'), number(input, 'c'), number(input, 'n')];
    const { low, high } = tangoUncertainty(b, c, n, number(input, 'level'));
    return { estimate: n > 0 ? (b - c) / n : null, lower: low, upper: high, mcnemar_p_exact: n > 0 ? mcnemarExact(b, c) : null };
  },
  newcombe5: (input) => {
    const bounds = newcombe5(number(input, 'auc'), number(input, 'positives'), number(input, 'negatives'), number(input, 'level'));
    return { lower: bounds?.[0] ?? null, upper: bounds?.[1] ?? null };
  },
  logit_delong: (input) => logitIntervalOf(inputNumbers(input['y_true']), inputNumbers(input['y_score']), number(input, 'level')),
  delong_difference: (input) => {
    const rows = scoredRows('binary', inputNumbers(input['y_true']), inputNumbers(input['candidate']), inputNumbers(input['baseline']));
    const sample = sampleOf(rows);
    const found = aucDifference(sample, number(input, 'level'));
    if (sample.positives === 0 || sample.positives === sample.n)
      return { candidate: null, baseline: null, estimate: null, variance: null, lower: null, upper: null, p_harm: null };
    const both = [sample.candidate, sample.baseline!].map((model) => placements(sample.labels, model, sample.positives));
    const apart = both[0]!.map((value, i) => value - both[1]![i]!);
    const mean = (values: Float64Array) => values.reduce((sum, value, i) => sum + (sample.labels[i] ? value : 0), 0) / sample.positives;
    return {
      candidate: mean(both[0]!),
      baseline: mean(both[1]!),
      estimate: mean(apart),
      variance: delongCovariance(sample.labels, apart, apart, sample.positives),
      lower: found?.low ?? null,
      upper: found?.high ?? null,
      p_harm: found?.p(-number(input, 'margin'), 'at-least') ?? null,
    };
  },
  wilson_one_sided: (input) => {
    const [x, n] = [number(input, 'x'), number(input, 'n')];
    const bounds = wilson(x, n, number(input, 'level'));
    return { estimate: n > 0 ? x / n : null, lower: bounds?.[0] ?? null, upper: bounds?.[1] ?? null };
  },
  paired_t: (input) => {
    // Losses of both models stand for themselves: targets of 0, so the absolute error is the loss.
    const losses = [inputNumbers(input['candidate']), inputNumbers(input['baseline'])] as const;
    const rows = scoredRows('regression', new Float64Array(losses[0].length), losses[0], losses[1]);
    const sample = sampleOf(rows);
    const terms = (_: unknown, model: { readonly scores: Float64Array }) => [model.scores];
    const found = meanDifference(sample, terms, number(input, 'level'));
    const gains = losses[1].map((loss, i) => loss - losses[0][i]!);
    const { mean, df } = meanEstimate(gains);
    return {
      estimate: mean,
      se: found?.se ?? null,
      df,
      lower: found?.high == null ? null : 0 - found.high,
      upper: found?.low == null ? null : 0 - found.low,
      p_harm: found?.p(number(input, 'margin'), 'at-most') ?? null,
    };
  },
  gate: (input) => gateOf(input),
  verdict: (input) => familyOf(input),
  auto_margin: (input) =>
    autoMargin(
      number(input, 'se'),
      number(input, 'alpha'),
      input['previous'] === null ? null : number(input, 'previous'),
      number(input, 'power'),
    ),
  rows_needed: (input) => ({
    rows: rowsNeeded(
      number(input, 'n'),
      number(input, 'se'),
      number(input, 'margin'),
      number(input, 'estimate'),
      number(input, 'alpha'),
      number(input, 'power'),
    ),
  }),
};

function gateOf(input: Input): unknown {
  const level = input['level'] === undefined ? LEVEL : number(input, 'level');
  if ((input['data'] as Input)['kind'] === 'rows') return fromRows(input, level);
  const given = foundOf(input, level);
  const [settled] = settleGates([given], 'holm');
  const { finding, question, method } = given;
  return {
    outcome: settled!.status,
    mark: settled!.mark,
    prove: question.prove,
    method,
    estimate: finding.estimate,
    lower: finding.lower,
    upper: finding.upper,
    p_harm: finding.p,
  };
}

/** Through the same door as a run. */
function fromRows(input: Input, level: number): unknown {
  const { rows, policy } = policyOfVector(input, level);
  const result = judgeGates(rows, policy, { hasBaseline: rows.baseline !== null })[0] as GateResult;
  return {
    outcome: result.status,
    mark: result.mark,
    prove: result.prove,
    method: result.method === null ? null : (methodNames[result.method] ?? result.method),
    estimate: result.estimate,
    lower: result.lower,
    upper: result.upper,
    p_harm: result.p,
  };
}

function familyOf(input: Input): unknown {
  const gates = input['gates'] as Input[];
  // A gate that broke has no finding, and is in no family.
  const whole = gates.filter((gate) => !gate['error']);
  const given = whole.map((gate) => foundOf(gate, number(input, 'level')));
  const settled = settleGates(given, input['harmMultiplicity'] as 'holm');
  const outcomes = gates.map((gate) => {
    const index = whole.indexOf(gate);
    if (index < 0) return { name: gate['name'], p: null, adjusted_p: null, outcome: 'error', mark: null };
    const { question, finding } = given[index]!;
    return {
      name: gate['name'],
      p: question.prove === 'harm' && question.decide === 'bound' ? finding.p : null,
      adjusted_p: settled[index]!.adjustedP,
      outcome: settled[index]!.status,
      mark: settled[index]!.mark,
    };
  });
  const { verdict, blocks } = verdictOf(
    outcomes.map(({ outcome }) => ({ status: outcome as GateResult['status'] })),
    input['onInconclusive'] as 'warn',
  );
  return { gates: outcomes, verdict, blocks };
}

for (const { name, kind, input, expected, tolerance } of readVectors('decisions.json')) {
  const run = kinds[kind];
  if (run) it(`${kind}: ${name}`, () => compareExpected(run(input), expected, tolerance));
}

listAbsent('decisions.json');
