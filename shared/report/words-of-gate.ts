import { digitsFor, formatCount, formatMany, formatPoints, formatRelative, formatValue } from '../words/format-number.ts';
import { type GateRow, isComparison } from './gate-row.ts';
import { isProportion, metricAtStart } from './metric-label.ts';

const subject = ({ gate, slice }: GateRow) => `${metricAtStart(gate.metric)}${slice ? ` in ${slice}` : ''}`;

/** Candidate − baseline in the metric's own direction; null without a baseline. */
const difference = ({ gate }: GateRow) => (gate.value !== null && gate.baseline !== null ? gate.value - gate.baseline : null);

const relative = ({ kind, judged }: GateRow) => kind === 'maxRelative' && judged.endsWith('%');

/** `fell by 6.1 points`, `rose by 46 %`, `rose by .012`. */
function movement(row: GateRow): string {
  const moved = difference(row);
  if (moved === null) return `moved by ${row.judged}`;
  if (moved === 0) return 'did not move';
  const { gate } = row;
  const size =
    relative(row) && gate.baseline
      ? formatRelative(Math.abs(moved / gate.baseline)).replace('+', '')
      : gate.unit === 'share' && isProportion(gate.metric)
        ? formatPoints(moved)
        : formatValue(Math.abs(moved), gate.unit, digitsFor(moved));
  return `${moved < 0 ? 'fell' : 'rose'} by ${size}`;
}

/** What a failed (or warned) metric gate says: the headline's half sentence, why, and what to do. */
export function wordsOfHarm(row: GateRow, all: readonly GateRow[]): { headline: string; why: string; next: string } {
  const side = row.kind === 'max' || row.kind === 'below' ? 'above' : 'below';
  const headline = isComparison(row.kind)
    ? `${subject(row)} ${movement(row)}${row.kind === 'minImprovement' ? `; ${row.limit} is asked` : ''}`
    : `${subject(row)} is ${row.candidate}, ${side} ${row.limit.replace(/^[≥>≤<] /, '')}`;
  return { headline, why: [reason(row), companions(row, all)].filter(Boolean).join(' '), next: nextOfHarm(row) };
}

/** The gate's own sentence; for recall, how many cases more are missed, which says more than a share. */
function reason(row: GateRow): string {
  const { gate, limit, interval } = row;
  const moved = difference(row);
  if (gate.metric !== 'recall' || !isComparison(row.kind) || gate.positives === null || moved === null || moved >= 0 || row.interval === '')
    return sentence(gate.message);
  const whole = gate.upper !== null && gate.bound !== null && gate.upper < gate.bound;
  const where = row.slice ? ` in ${row.slice}` : '';
  return `The candidate misses ${formatCount(Math.round(-moved * gate.positives))} more of ${formatCount(gate.positives)} positives${where}; ${
    whole ? `the whole interval (${interval}) lies beyond the limit ${limit}` : `the limit is ${limit}, the interval ${interval}`
  }.`;
}

const sentence = (text: string) => `${text.replace(/\.?\s*$/, '')}.`;

/** What became of the other slices of the same column: whether the harm is local. */
function companions(row: GateRow, all: readonly GateRow[]): string {
  const column = row.slice?.split('=')[0];
  if (!column) return '';
  const others = all.filter(
    ({ gate, slice }) =>
      gate.metric === row.gate.metric && slice !== row.slice && slice?.startsWith(`${column}=`) && gate.rule === row.gate.rule,
  );
  if (others.length === 0) return '';
  const harmed = others.filter(({ gate }) => gate.status === row.gate.status).length;
  if (harmed > 0) return `So did ${formatCount(harmed)} of the other ${formatMany(others.length, 'slice')} of ${column}.`;
  return others.length === 1
    ? `The other slice of ${column} is not shown worse.`
    : `The other ${formatCount(others.length)} slices of ${column} are not shown worse.`;
}

function nextOfHarm(row: GateRow): string {
  const { gate } = row;
  if (gate.unit === 'ms') return 'Profile the model, or raise the limit on the default branch if the time is worth it.';
  if (gate.unit === 'bytes') return 'Make the model smaller, or raise the limit on the default branch.';
  if (row.slice)
    return `Look at the rows of ${row.slice}: what changed in features or weights there? After a push this result updates itself.`;
  return 'Compare the curves in the report, mend the candidate and push again; a limit that is wrong is changed on the default branch.';
}

export function wordsOfImprovement(row: GateRow): string {
  const { gate } = row;
  const moved = difference(row);
  if (moved === null || relative(row)) return `${subject(row)} ${movement(row)}`;
  const size = formatValue(
    Math.abs(moved),
    gate.unit,
    digitsFor(moved, gate.upper !== null && gate.lower !== null ? gate.upper - gate.lower : null),
  );
  return `${subject(row)} ${moved < 0 ? 'fell' : 'rose'} by ${size}${row.interval === '' ? '' : ` (${range(row.interval)})`}`;
}

/** The interval after a size that `fell by` names: sizes too, the smaller first. One that holds both directions keeps its signs. */
function range(interval: string): string {
  const ends = interval.split(' … ');
  if (ends.every((end) => !end.startsWith('−'))) return ends.map((end) => end.replace('+', '')).join(' … ');
  return ends.every((end) => !end.startsWith('+'))
    ? ends
        .reverse()
        .map((end) => end.replace('−', ''))
        .join(' … ')
    : interval;
}

/** What an open gate says. */
export function wordsOfOpen(row: GateRow): { headline: string; why: string; next: string } {
  const { gate } = row;
  const told = gate.message.replace(/\.?\s*$/, '');
  const headline =
    gate.reason === 'TOO_FEW_ROWS' && gate.n !== null
      ? `${subject(row)} rests on ${formatMany(gate.n, 'row')}${gate.positives === null ? '' : ` with ${formatMany(gate.positives, 'positive')}`}, too few to tell`
      : row.interval === ''
        ? told.startsWith(gate.metric)
          ? told
          : `${subject(row)}: ${told}`
        : isComparison(row.kind)
          ? `${subject(row)} ${movement(row)} (${difference(row) ? range(row.interval) : row.interval}); the limit ${row.limit} is inside`
          : `${subject(row)} is ${row.candidate} (${row.interval}); ${row.limit} is asked`;
  const needed = gate.rowsNeeded;
  return {
    headline,
    // How many rows are needed is what to do, and said there.
    why: sentence(gate.message.replace(/\s*About [\d,]+ rows would settle it\.?\s*$/, '')),
    next:
      needed !== null
        ? `About ${formatCount(needed)} test rows would settle it${gate.n === null ? '' : ` (now ${formatCount(gate.n)})`}. It stops nothing.`
        : (remedies[gate.reason] ?? 'More test rows may settle it, or a reviewer may accept it as it is. It stops nothing.'),
  };
}

/** Where more rows would not help. */
const remedies: Readonly<Record<string, string>> = {
  BASELINE_INCOMPATIBLE: 'Keep what production reads in the data until it is replaced, or accept the candidate by its own values.',
  NO_CREDENTIALS: 'Someone with write access can start a run that may read production.',
  NOT_REPORTED: 'Let the training script report it in metrics.json, or drop the gate.',
};
