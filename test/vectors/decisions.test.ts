import { it } from 'vitest';
import type { EvaluationConfig } from '../../shared/config/schema.ts';
import { aucDifference } from '../../shared/evaluation/auc-estimate.ts';
import type { GateResult } from '../../shared/evaluation/evaluation-result.ts';
import { meanDifference } from '../../shared/evaluation/mean-estimate.ts';
import { findMetric } from '../../shared/evaluation/metrics.ts';
import { sampleOf } from '../../shared/evaluation/sample.ts';
import { tangoUncertainty } from '../../shared/evaluation/share-estimate.ts';
import type { Uncertainty } from '../../shared/evaluation/uncertainty.ts';
import { orient } from '../../shared/gate/gate-finding.ts';
import { type Finding, identicalP, isComparison, proveOf, type Question, type Rule } from '../../shared/gate/judge.ts';
import { judgeGates } from '../../shared/gate/judge-gates.ts';
import { autoMargin, rowsNeeded } from '../../shared/gate/power.ts';
import { settleGates } from '../../shared/gate/settle-gates.ts';
import { verdictOf } from '../../shared/gate/verdict-of.ts';
import { newcombe5 } from '../../shared/statistics/auc-interval.ts';
import { delongCovariance, placements } from '../../shared/statistics/delong.ts';
import { mcnemarExact } from '../../shared/statistics/mcnemar.ts';
import { wilson, wilsonPBelow } from '../../shared/statistics/proportion.ts';
import { meanEstimate } from '../../shared/statistics/student-interval.ts';
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

/** Metrics that the vectors name and no registry has, as the README describes them. */
const strangers: Readonly<Record<string, boolean>> = {
  latency_over: false,
  latency_p50: false,
  latency_p95: false,
  latency_p99: false,
  model_bytes: false,
};
const FAIRNESS = /(difference|ratio|gap)$/;

function directionOf(input: Input): boolean {
  if (typeof input['greater_is_better'] === 'boolean') return input['greater_is_better'];
  const name = String(input['metric']);
  for (const task of ['binary', 'multiclass', 'regression'] as const) {
    const found = findMetric(task, name);
    if (found) return found.greaterIsBetter ?? true;
  }
  return strangers[name] ?? !/_difference$/.test(name);
}

function questionOf(input: Input, level: number): Question {
  const severity = input['severity'] === 'warn' ? 'warn' : 'fail';
  const rule = input['rule'] as Rule;
  return {
    rule,
    limit: number(input, 'limit'),
    prove: proveOf(rule, input['prove'] as 'safe' | 'harm' | undefined, {
      slice: input['slice'] === true,
      fairness: FAIRNESS.test(String(input['metric'])),
      severity,
    }),
    decide: input['decide'] === 'point' ? 'point' : 'bound',
    severity,
    alpha: (1 - level) / 2,
  };
}

/** Rows and classes against the minimum that decisions.md gives, or the gate. */
function isShort(input: Input, data: Input): boolean {
  const minimum = (input['minSamples'] ?? {}) as { rows?: number; perClass?: number };
  const slice = input['slice'] === true;
  const needs = findMetric('binary', String(input['metric']))?.needs ?? 'none';
  const fewest = minimum.perClass ?? (slice ? 10 : 30);
  const lacks = (key: string, need: string) =>
    (needs === need || needs === 'both') && typeof data[key] === 'number' && number(data, key) < fewest;
  return number(data, 'rows') < (minimum.rows ?? (slice ? 50 : 200)) || lacks('positives', 'positives') || lacks('negatives', 'negatives');
}

/** A gate on counts or on an interval that is given: the pure judge, below the reading of rows. */
function givenFinding(input: Input, level: number): { question: Question; finding: Finding; method: string } {
  const data = input['data'] as Input;
  const question = questionOf(input, level);
  const identical = data['identical'] === true;
  const greater = directionOf(input);
  const own = ownScale(data, level);
  const oriented = orient(question, greater, own);
  const sides = identical && isComparison(question.rule) ? { estimate: 0, lower: 0, upper: 0 } : oriented;
  const given = typeof data['p'] === 'number' ? number(data, 'p') : null;
  return {
    question,
    finding: {
      ...oriented,
      ...sides,
      p: identical ? identicalP(question) : (given ?? oriented.p),
      short: isShort(input, data),
      identical,
    },
    method: String(data['kind'] === 'paired_counts' ? 'tango' : data['kind'] === 'proportion' ? 'wilson' : 'bounds'),
  };
}

function ownScale(data: Input, level: number): { estimate: number | null; uncertainty: Uncertainty | null } {
  if (data['kind'] === 'paired_counts') {
    const [b, c, n] = [number(data, 'b'), number(data, 'c'), number(data, 'n')];
    return { estimate: n > 0 ? (b - c) / n : null, uncertainty: tangoUncertainty(b, c, n, level) };
  }
  if (data['kind'] === 'proportion') {
    const [x, n] = [number(data, 'x'), number(data, 'n')];
    const bounds = wilson(x, n, level);
    const p = (limit: number) => wilsonPBelow(x, n, limit);
    return {
      estimate: n > 0 ? x / n : null,
      uncertainty: bounds && {
        method: 'wilson',
        low: bounds[0],
        high: bounds[1],
        se: null,
        p: (limit, side) => (side === 'at-least' ? p(limit) : 1 - (p(limit) ?? 0)),
      },
    };
  }
  const bound = (key: string) => (data[key] === null || data[key] === undefined ? null : number(data, key));
  return {
    estimate: bound('estimate'),
    uncertainty: { method: 'bounds', low: bound('lower'), high: bound('upper'), se: null, p: () => null },
  };
}

function gateOf(input: Input): unknown {
  const data = input['data'] as Input;
  if (data['kind'] === 'rows') return fromRows(input, data);
  const given = givenFinding(input, LEVEL);
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

/** A whole policy with one gate, through the same door as a run. */
function fromRows(input: Input, data: Input): unknown {
  const name = String(input['metric']);
  const task = findMetric('binary', name) ? 'binary' : 'regression';
  const baseline = data['baseline'] ? inputNumbers(data['baseline']) : null;
  const rows = scoredRows(task, inputNumbers(data['y_true']), inputNumbers(data['candidate']), baseline, {
    slices: { all: { codes: new Int32Array((data['y_true'] as unknown[]).length), names: ['rows'] } },
  });
  const rule = String(input['rule']);
  const limit = number(input, 'limit');
  const policy = {
    threshold: typeof data['threshold'] === 'number' ? data['threshold'] : 0.5,
    slices: [],
    maxRows: 1_000_000,
    baseline: { stage: 'production', onMissing: 'pass-with-notice' },
    defaults: {
      ci: { method: 'auto', level: LEVEL, resamples: 2000, seed: 7 },
      minSamples: { rows: 200, perClass: 30 },
      harmMultiplicity: 'holm',
      onInconclusive: 'warn',
      looks: { budget: 20, spend: 'equal', onSpent: 'warn', correct: false },
    },
    gates: [
      {
        metric: name,
        ...(['min', 'above', 'max', 'below'].includes(rule) ? { [rule]: limit } : { compare: { [rule]: limit } }),
        prove: input['prove'] as 'safe' | 'harm' | undefined,
        decide: input['decide'] === 'point' ? 'point' : 'bound',
        severity: input['severity'] === 'warn' ? 'warn' : 'fail',
        slices: input['slice'] === true ? { by: ['all'], minSize: 50 } : undefined,
        minSamples: input['minSamples'] as { rows?: number; perClass?: number } | undefined,
      },
    ],
  } as EvaluationConfig;
  const result = judgeGates(rows, policy, { hasBaseline: baseline !== null })[0] as GateResult;
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
  const given = whole.map((gate) => givenFinding(gate, number(input, 'level')));
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
