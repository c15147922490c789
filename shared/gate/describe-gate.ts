import { figure, percent, wholeNumber } from './figures.ts';
import type { GateFinding } from './gate-finding.ts';
import { boundOf, isComparison } from './judge.ts';
import type { PlannedGate } from './plan-gates.ts';
import type { Settled } from './settle-gates.ts';

/** How many gates share the family that decided, for the sentence about Holm. */
export interface FamilySize {
  readonly members: number;
}

/** Two or three words for tables. */
export function answerWords(found: GateFinding, settled: Settled): string {
  const { obstacle, finding, question } = found;
  if (finding.identical && !obstacle) return 'identical';
  if (obstacle && settled.answer === 'open')
    return {
      TOO_FEW_ROWS: 'too few rows',
      TOO_FEW_CLUSTERS: 'too few clusters',
      UNDEFINED_METRIC: 'undefined',
      NO_VARIANCE: 'not shown',
      ZERO_BASELINE: 'baseline is 0',
      NOT_MEASURED: 'not measured',
      LOOKS_SPENT: 'looks spent',
    }[obstacle.reason];
  if (settled.mark) return 'not shown';
  if (settled.answer === 'open') return 'not shown';
  const comparing = isComparison(question.rule);
  if (settled.answer === 'beyond') {
    if (question.decide === 'point') return comparing ? 'worse' : 'missed';
    if (question.rule === 'minImprovement') return 'shown not better';
    return comparing ? 'shown worse' : question.rule === 'min' || question.rule === 'above' ? 'shown too low' : 'shown too high';
  }
  if (question.decide === 'point') return 'met';
  return comparing && (finding.lower ?? 0) > 0 ? 'shown better' : 'shown good enough';
}

/** One sentence that a reviewer understands: what was seen, with its interval, and where that leaves the limit. */
export function describeGate(
  gate: PlannedGate,
  found: GateFinding,
  settled: Settled,
  family: FamilySize,
  rowsNeeded: number | null,
): string {
  const subject = gate.slice === null ? gate.metricName : `${gate.metricName} in ${gate.slice}`;
  const { obstacle, finding, question } = found;
  if (obstacle && (settled.answer === 'open' || obstacle.reason === 'ZERO_BASELINE')) {
    if (obstacle.reason === 'TOO_FEW_ROWS' || obstacle.reason === 'TOO_FEW_CLUSTERS')
      return `${subject} can't be decided here: there are ${obstacle.message}.`;
    if (obstacle.reason === 'UNDEFINED_METRIC') return `${subject} is undefined: ${obstacle.message}.`;
    return `${subject} can't be decided: ${obstacle.message}.`;
  }
  if (finding.identical)
    return question.rule === 'minImprovement'
      ? `Both models give the same score on every row, so ${subject} did not improve.`
      : `Both models give the same score on every row, so ${subject} is the same.`;
  const seen = isComparison(question.rule)
    ? comparison(subject, gate, found)
    : found.slower
      ? slower(subject, gate, found)
      : standing(subject, found);
  return `${seen}${conclusion(gate, found, settled, family)}${settled.answer === 'open' && rowsNeeded !== null ? ` About ${wholeNumber(rowsNeeded)} rows would settle it.` : ''}`;
}

/**
 * `recall fell by .061 (.024 … .098)`: sizes of the move that is named, the smaller first. An interval that holds both directions keeps
 * its signs: `fell by .005 (−.017 … +.007)`.
 */
function comparison(subject: string, { rule }: PlannedGate, { finding, greaterIsBetter, unit }: GateFinding): string {
  const show = (value: number) => (rule === 'maxRelative' ? percent(value) : figure(value, unit));
  const signed = (value: number) => (value > 0 ? `+${show(value)}` : show(value));
  // Oriented back: a loss that falls is a gain.
  const back = (gain: number) => (greaterIsBetter ? gain : -gain);
  const change = back(finding.estimate ?? 0);
  const ends = [finding.lower, finding.upper].flatMap((end) => (end === null ? [] : [back(end)])).sort((a, b) => a - b);
  const [low, high] = ends;
  const interval =
    low === undefined || high === undefined
      ? ''
      : change === 0 || (low < 0 && high > 0)
        ? ` (${signed(low)} … ${signed(high)})`
        : change < 0
          ? ` (${show(-high)} … ${show(-low)})`
          : ` (${show(low)} … ${show(high)})`;
  if (change === 0) return `${subject} did not change${interval}`;
  return `${subject} ${change < 0 ? 'fell' : 'rose'} by ${show(Math.abs(change))}${interval}`;
}

/** `roc_auc is .853 (.846 … .860)`. */
function standing(subject: string, { finding, question, value, unit }: GateFinding): string {
  const back = (oriented: number) =>
    question.rule === 'min' || question.rule === 'above' ? oriented + (question.limit ?? 0) : (question.limit ?? 0) - oriented;
  const ends = [finding.lower, finding.upper].flatMap((end) => (end === null ? [] : [back(end)])).sort((a, b) => a - b);
  const interval = ends.length === 2 && ends[0] !== ends[1] ? ` (${figure(ends[0]!, unit)} … ${figure(ends[1]!, unit)})` : '';
  return `${subject} is ${value === null ? 'unknown' : figure(value, unit)}${interval}`;
}

/** `latency_p99 is 6 ms: 2.1 % of 1,000 calls (1.2 % … 3.4 %) took longer than 5 ms, and 1 % may`. */
function slower(subject: string, _: PlannedGate, { slower: calls, value, question, n }: GateFinding): string {
  if (!calls) return subject;
  const interval = calls.low === null || calls.high === null ? '' : ` (${percent(calls.low)} … ${percent(calls.high)})`;
  return `${subject} is ${figure(value ?? 0, 'ms')}: ${percent(calls.share)} of ${wholeNumber(n)} calls${interval} took longer than ${figure(question.limit ?? 0, 'ms')}, and ${percent(calls.allowed)} may`;
}

/** What follows from it, from the comma or semicolon on. */
function conclusion({ rule }: PlannedGate, { finding, question, unit }: GateFinding, settled: Settled, family: FamilySize): string {
  const limit = question.limit === null ? null : rule === 'maxRelative' ? percent(question.limit) : figure(question.limit, unit);
  const named =
    rule === 'min' || rule === 'above'
      ? `the minimum of ${limit}`
      : rule === 'max' || rule === 'below'
        ? `the maximum of ${limit}`
        : rule === 'minImprovement'
          ? `the improvement of ${limit} that is asked for`
          : limit === null
            ? 'a margin, which nothing here could set'
            : `the limit of ${limit}`;
  if (question.decide === 'point')
    return settled.answer === 'pass' ? `, which meets ${named} by the estimate alone.` : `, which misses ${named}.`;
  if (settled.answer === 'pass')
    return isComparison(rule) && rule !== 'minImprovement'
      ? `, within ${named}.`
      : rule === 'above' || rule === 'below'
        ? `, clear of ${named}.`
        : `, which meets ${named}.`;
  if (settled.mark && settled.answer === 'beyond')
    return `; alone that would lie beyond ${named}, among the ${family.members} gates of its family it is not shown (adjusted p ${pValue(settled.adjustedP)}).`;
  if (settled.answer === 'beyond') {
    // An exact figure has no interval to speak of.
    const whole = finding.lower === finding.upper ? 'that' : 'the whole interval';
    const side =
      rule === 'min' || rule === 'above' || rule === 'minImprovement' ? 'below' : rule === 'max' || rule === 'below' ? 'above' : 'beyond';
    return `; ${whole} lies ${side} ${named}.`;
  }
  if (question.prove === 'harm') return `; harm beyond ${named} is not shown.`;
  return (finding.estimate ?? 0) >= boundOf(question)
    ? `; ${named} lies inside the interval, so it is not shown to be good enough.`
    : `; the estimate misses ${named}, yet the interval holds it, so nothing is shown.`;
}

const pValue = (p: number | null) => (p === null ? 'unknown' : p < 0.001 ? 'below .001' : p.toFixed(3).replace(/^0/, ''));
