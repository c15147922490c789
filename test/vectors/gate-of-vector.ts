import type { EvaluationConfig } from '../../shared/config/schema.ts';
import { findMetric } from '../../shared/evaluation/metrics.ts';
import type { ScoredRows } from '../../shared/evaluation/scored-rows.ts';
import { tangoUncertainty } from '../../shared/evaluation/share-estimate.ts';
import type { Uncertainty } from '../../shared/evaluation/uncertainty.ts';
import { findingOf, orient } from '../../shared/gate/gate-finding.ts';
import { type Finding, identicalP, isComparison, proveOf, type Question, type Rule } from '../../shared/gate/judge.ts';
import { planGates } from '../../shared/gate/plan-gates.ts';
import { wilson, wilsonPBelow } from '../../shared/statistics/proportion.ts';
import { inputNumber, inputNumbers, type VectorCase } from './read-vectors.ts';
import { scoredRows } from './rows-of-vector.ts';

type Input = VectorCase['input'];
const number = (input: Input, key: string) => inputNumber(input[key]);

export interface Found {
  readonly question: Question;
  readonly finding: Finding;
  readonly method: string | null;
}

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
  return strangers[name] ?? !/_(difference|gap)$/.test(name);
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

/** A gate on counts or on an interval that is given: the pure judge, below the reading of rows. On rows: as in a run. */
export function foundOf(input: Input, level: number): Found {
  const data = input['data'] as Input;
  if (data['kind'] === 'rows') {
    const { rows, policy } = policyOfVector(input, level);
    return findingOf(planGates(rows, policy)[0]!, null, null);
  }
  const question = questionOf(input, level);
  const comparing = isComparison(question.rule);
  const identical = comparing && data['identical'] === true;
  const greater = directionOf(input);
  const own = ownScale(data, level);
  const oriented = orient(question, greater, own);
  const sides = identical ? { estimate: 0, lower: 0, upper: 0 } : oriented;
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

/** A whole policy with the one gate, and its rows. */
export function policyOfVector(input: Input, level: number): { rows: ScoredRows; policy: EvaluationConfig } {
  const data = input['data'] as Input;
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
      ci: { method: 'auto', level, resamples: 2000, seed: 7 },
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
  return { rows, policy };
}
