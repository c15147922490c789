import type { EvaluationResult, GateResult } from '../evaluation/evaluation-result.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { digitsFor, formatCount, formatDifference, formatPercent, formatRelative, formatValue } from '../words/format-number.ts';
import { metricLabel, moreIsBetter } from './metric-label.ts';

export type RuleKind = 'maxRegression' | 'minImprovement' | 'maxRelative' | 'min' | 'above' | 'max' | 'below' | 'other';

/** A gate as every reader shows it: texts in the metric's own direction and unit, and the scale of its picture. */
export interface GateRow {
  readonly gate: GateResult;
  readonly kind: RuleKind;
  /** `recall`, `latency p99`, `contract`; unescaped, as all texts here. */
  readonly name: string;
  readonly arrow: '↑' | '↓' | '';
  readonly slice: string | null;
  readonly baseline: string;
  readonly candidate: string;
  /** What is judged: `−.061` (a difference), `+46 %` (a relative one), `.815` (a value), `1.4 % slower` (a share of calls); or empty. */
  readonly judged: string;
  /** `−.098 … −.024`, empty where there is none. */
  readonly interval: string;
  /** `−.020`, `+20 %`, `≥ .800`. */
  readonly limit: string;
  /** The candidate is shown to be better than the baseline. */
  readonly improved: boolean;
  /** `n 1,912, 431 positive`. */
  readonly rows: string;
  /** A figure of the oriented scale (larger is better) as a tick label of the metric's own. */
  readonly tick: (oriented: number) => string;
}

export const statusWords: Readonly<Record<Verdict, { readonly mark: string; readonly word: string; readonly emoji: string }>> = {
  pass: { mark: '✓', word: 'pass', emoji: '✅' },
  warn: { mark: '!', word: 'warn', emoji: '⚠️' },
  inconclusive: { mark: '?', word: 'open', emoji: '❔' },
  fail: { mark: '✕', word: 'fail', emoji: '❌' },
  error: { mark: '✕', word: 'error', emoji: '🛑' },
};

const kinds: readonly RuleKind[] = ['maxRegression', 'minImprovement', 'maxRelative', 'above', 'below', 'min', 'max'];

/** By the rule's key; a rule told in other words still has its key in the gate's id. */
export function ruleKind(gate: Pick<GateResult, 'rule' | 'id'>): RuleKind {
  return kinds.find((kind) => kind === gate.rule) ?? kinds.find((kind) => `${gate.id}[`.includes(`.${kind}[`)) ?? 'other';
}

const symbols: Partial<Record<RuleKind, string>> = { min: '≥', above: '>', max: '≤', below: '<' };
export const isComparison = (kind: RuleKind) => kind === 'maxRegression' || kind === 'minImprovement' || kind === 'maxRelative';

type Evaluated = Pick<EvaluationResult, 'metrics'> | null;

/** All gates of a report as rows, in the policy's order. */
export function gateRows({
  gates,
  evaluation,
}: {
  readonly gates: readonly GateResult[];
  readonly evaluation: Evaluated;
}): readonly GateRow[] {
  const directions = new Map(evaluation?.metrics.map(({ name, greaterIsBetter }) => [name, greaterIsBetter]));
  return gates.map((gate) => rowOf(gate, directions.get(gate.metric) ?? moreIsBetter(gate.metric)));
}

export const gateRow = (gate: GateResult, evaluation: Evaluated): GateRow =>
  rowOf(gate, evaluation?.metrics.find(({ name }) => name === gate.metric)?.greaterIsBetter ?? moreIsBetter(gate.metric));

function rowOf(gate: GateResult, greaterIsBetter: boolean): GateRow {
  const kind = ruleKind(gate);
  const direction = kind === 'max' || kind === 'below' ? -1 : kind === 'min' || kind === 'above' ? 1 : greaterIsBetter ? 1 : -1;
  const compares = isComparison(kind);
  const relative = kind === 'maxRelative' && gate.bound !== null && gate.limit !== null && near(Math.abs(gate.bound), gate.limit);
  const slower = gate.unit === 'ms' && !compares ? allowedSlower(gate.metric) : null;
  // A limit's figures are distances from it, so that its bound is 0; a latency limit's are shares of calls that took longer.
  const offset = slower ?? (!compares && gate.bound === 0 && gate.limit !== null ? gate.limit : 0);
  const own = (oriented: number) => direction * oriented + offset;
  const hasInterval = gate.lower !== null && gate.upper !== null && gate.upper > gate.lower;
  const spread = hasInterval ? (gate.upper ?? 0) - (gate.lower ?? 0) : null;
  const digits = digitsFor(spread, compares ? gate.limit : null);
  const judgedText = (oriented: number) =>
    slower !== null
      ? formatPercent(Math.max(0, own(oriented)))
      : relative
        ? formatRelative(own(oriented))
        : compares
          ? formatDifference(own(oriented), gate.unit, digits)
          : formatValue(own(oriented), gate.unit, digits);

  const isMetric = gate.kind === 'metric';
  const [first, last] = direction > 0 ? [gate.lower, gate.upper] : [gate.upper, gate.lower];
  return {
    gate,
    kind,
    name: metricLabel(gate.metric),
    arrow: isMetric ? (direction > 0 ? '↑' : '↓') : '',
    slice: gate.slice,
    baseline: isMetric ? formatValue(gate.baseline, gate.unit, digits) : '',
    candidate: isMetric ? formatValue(gate.value, gate.unit, digits) : '',
    judged: gate.estimate === null ? '' : `${judgedText(gate.estimate)}${slower === null ? '' : ' slower'}`,
    interval: hasInterval && first !== null && last !== null ? `${judgedText(first)} … ${judgedText(last)}` : '',
    limit:
      compares && gate.bound !== null
        ? judgedText(gate.bound)
        : gate.limit !== null && symbols[kind] !== undefined
          ? `${symbols[kind]} ${formatValue(gate.limit, gate.unit, digits)}`
          : '',
    improved: compares && gate.status === 'pass' && gate.lower !== null && gate.lower > 0,
    rows: rowsOf(gate),
    tick: judgedText,
  };
}

/** `p99 ≤ 50 ms` is judged as "at most 1 % of the calls take longer than 50 ms". */
function allowedSlower(metric: string): number | null {
  const quantile = /_p(\d{2,4})(?:_|$)/.exec(metric)?.[1];
  return quantile === undefined ? null : 1 - Number(`0.${quantile}`);
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

function rowsOf(gate: GateResult): string {
  if (gate.n === null) return '';
  const classes = gate.positives === null ? '' : `, ${formatCount(gate.positives)} positive`;
  return `n ${formatCount(gate.n)}${classes}`;
}

const order: readonly Verdict[] = ['error', 'fail', 'inconclusive', 'warn', 'pass'];
/** Worst first; within a status the policy's own order. */
export const worstFirst = (rows: readonly GateRow[]): readonly GateRow[] =>
  [...rows].sort((a, b) => order.indexOf(a.gate.status) - order.indexOf(b.gate.status));
