import { formatCount, formatMany } from '../words/format-number.ts';
import { type GateRow, gateRows } from './gate-row.ts';
import { howScored } from './how-scored.ts';
import type { Report } from './report.ts';
import { wordsOfContract } from './words-of-contract.ts';
import { wordsOfHarm, wordsOfImprovement, wordsOfOpen } from './words-of-gate.ts';
import { wordsOfTest } from './words-of-test.ts';

/** What a run says of itself in three sentences: plain text, so every reader escapes it in its own way. */
export interface Words {
  /** The headline without the model's name: `stopped. Recall in region=south fell by 6.1 points`. */
  readonly headline: string;
  readonly why: string;
  readonly next: string;
}

export type WordsParts = Pick<Report, 'model' | 'mode' | 'verdict' | 'gates' | 'evaluation' | 'contract' | 'tests' | 'training'> & {
  readonly notices?: Report['notices'];
  /** Data, code and policy are those of an earlier run, whose result holds. */
  readonly unchanged?: boolean;
};

/** The headline by which readers know an unchanged model: it is shown in one line. */
export const unchangedHeadline = 'no changes';

/** Names the failure first, then what stays open, then what improved. */
export function composeWords(parts: WordsParts): Words {
  if (parts.unchanged)
    return {
      headline: unchangedHeadline,
      why: 'Data, code and policy are the same as in an earlier run, whose result holds.',
      next: 'Nothing to do.',
    };
  const rows = gateRows(parts);
  switch (parts.verdict) {
    case 'error':
      return wordsOfError(parts);
    case 'fail':
      return wordsOfFailure(parts, rows);
    case 'inconclusive':
      return wordsOfInconclusive(rows);
    case 'warn':
      return wordsOfWarning(parts, rows);
    case 'pass':
      return wordsOfPass(parts, rows);
  }
}

function wordsOfError(parts: WordsParts): Words {
  const broken = parts.gates.find(({ status }) => status === 'error');
  const check = parts.contract?.checks.find(({ status }) => status === 'error');
  const told = broken?.message ?? check?.message ?? parts.notices?.at(-1)?.message;
  return {
    headline: `no verdict. ${withoutPeriod(told ?? 'the run could not be finished')}`,
    why: 'The run could not be finished, so nothing is known about the model: this is neither a pass nor a fail.',
    next: "Read the run's log, mend the cause and run it again.",
  };
}

function wordsOfFailure(parts: WordsParts, rows: readonly GateRow[]): Words {
  const failed = rows.filter(({ gate }) => gate.status === 'fail');
  const stopped = parts.mode === 'advise' ? 'would be stopped' : 'stopped';
  const at = parts.training === null && parts.evaluation === null ? `${stopped} before training` : stopped;
  const others = (shown: number) => (failed.length > shown ? `, and ${formatMany(failed.length - shown, 'more gate')} failed` : '');

  if (parts.contract && failed.some(({ gate }) => gate.kind === 'contract')) {
    const words = wordsOfContract(parts.contract, 'fail');
    if (words) return { ...words, headline: `${at}. ${words.headline}` };
  }
  const test = parts.tests.find(({ status }) => status === 'fail');
  if (test && failed.some(({ gate }) => gate.kind === 'test')) {
    const words = wordsOfTest(test);
    return { ...words, headline: `${at}. ${words.headline}` };
  }
  const worst = failed.filter(({ gate }) => gate.kind === 'metric').sort((a, b) => excess(b) - excess(a))[0];
  if (worst) {
    const words = wordsOfHarm(worst, rows);
    return { ...words, headline: `${stopped}. ${words.headline}${others(1)}` };
  }
  const other = failed[0]?.gate;
  return {
    headline: `${stopped}. ${withoutPeriod(other?.message ?? 'a gate failed')}${others(1)}`,
    why: other?.message ?? 'The verdict is fail.',
    next:
      other?.kind === 'card'
        ? 'Fill in what the card is missing under `card:` in the config.'
        : 'Mend what the gate names, then push again.',
  };
}

/** How far beyond its bound, in widths of its interval: what is furthest out is named first. */
function excess({ gate }: GateRow): number {
  if (gate.estimate === null || gate.bound === null) return 0;
  const width = gate.upper !== null && gate.lower !== null ? gate.upper - gate.lower : 0;
  return (gate.bound - gate.estimate) / (width > 0 ? width : Math.max(Math.abs(gate.bound), 1e-9));
}

function wordsOfInconclusive(rows: readonly GateRow[]): Words {
  const open = rows.filter(({ gate }) => gate.status === 'inconclusive');
  const [leading] = open;
  if (!leading)
    return { headline: 'undecided', why: 'At least one gate stays open.', next: 'Look at the open gates, or give the test set more rows.' };
  const words = wordsOfOpen(leading);
  const more = open.length > 1 ? `, and ${formatMany(open.length - 1, 'more gate')} stayed open` : '';
  return { ...words, headline: `undecided. ${words.headline}${more}` };
}

function wordsOfWarning(parts: WordsParts, rows: readonly GateRow[]): Words {
  const warned = rows.filter(({ gate }) => gate.status === 'warn');
  const more = warned.length > 1 ? `, and ${formatMany(warned.length - 1, 'more warning')}` : '';
  const next = 'Merge if the warning is acceptable; it stops nothing.';
  const worst = warned.filter(({ gate }) => gate.kind === 'metric').sort((a, b) => excess(b) - excess(a))[0];
  if (worst) {
    const words = wordsOfHarm(worst, rows);
    return { headline: `passes with a warning. ${words.headline}${more}`, why: words.why, next };
  }
  const words = parts.contract && wordsOfContract(parts.contract, 'warn');
  if (words) return { ...words, headline: `passes with a warning. ${words.headline}`, next };
  const test = parts.tests.find(({ status }) => status === 'warn');
  if (test) return { ...wordsOfTest(test), headline: `passes with a warning. ${wordsOfTest(test).headline}`, next };
  const told = warned[0]?.gate.message ?? 'See the warnings below.';
  return { headline: `passes with a warning. ${withoutPeriod(told)}${more}`, why: told, next };
}

function wordsOfPass(parts: WordsParts, rows: readonly GateRow[]): Words {
  const { evaluation } = parts;
  const gates = formatMany(rows.length, 'gate');
  const next = 'Merge once it is reviewed: the default branch weighs it again before anything is registered.';
  if (evaluation === null) return { headline: 'passes', why: `${gates} passed; no model was evaluated in this run.`, next };
  if (evaluation.baseline === null && !rows.some(({ gate }) => gate.baseline !== null)) {
    const waiting = rows.filter(({ gate }) => gate.reason === 'NO_BASELINE').length;
    const later = waiting > 0 ? `; ${formatMany(waiting, 'gate')} will compare once there is one` : '';
    return {
      headline: 'first model: no baseline yet, passes on its own gates',
      why: `Nothing is in production yet: ${formatMany(rows.length - waiting, 'gate')} judged the candidate by itself, ${evaluation.rows === 0 ? 'by reported numbers' : `on ${formatMany(evaluation.rows, 'test row')}`}${later}.`,
      next,
    };
  }
  const against = evaluation.baseline ? `${evaluation.baseline.stage} v${evaluation.baseline.version}` : 'the baseline';
  if (evaluation.identical)
    return {
      headline: `passes. It answers exactly as ${against} does`,
      why: `Every one of ${formatCount(evaluation.rows)} test rows has the same score under both models.`,
      next,
    };
  const improved = rows.find((row) => row.improved);
  const why = `All ${gates} pass; candidate and ${against} were ${howScored(evaluation)}.`;
  if (improved) return { headline: `passes. ${wordsOfImprovement(improved)}`, why, next };
  return { headline: `passes. Nothing is shown worse than ${against} beyond its limit`, why, next };
}

const withoutPeriod = (text: string) => text.replace(/\.\s*$/, '');
