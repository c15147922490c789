import { evidenceWords } from '../../card/evidence-words.ts';
import { digitsFor, formatAge, formatCount, formatMany, formatValue, shortCommit, shortDigest } from '../../words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../words/markdown.ts';
import type { View } from '../../words/render-template.ts';
import { clipText } from '../../words/visible-text.ts';
import { unchangedHeadline } from '../compose-words.ts';
import { type GateRow, isComparison, statusWords } from '../gate-row.ts';
import { howScored } from '../how-scored.ts';
import { repeatCommand } from '../repeat-command.ts';
import type { Report } from '../report.ts';
import { checkTable, cutNote, gateLine, gateTable } from './gate-table.ts';

/** How much of a report goes in: rows of tables, and names in folded lists. */
export interface Budget {
  readonly rows: number;
  readonly folded: number;
}

/** What a report does not say of itself; whoever proved it does. */
export interface Standing {
  readonly reportUrl?: string | undefined;
  /** How far its numbers are believed, in words: stands in the open, beside the candidate. */
  readonly evidence?: string | undefined;
  /** One sentence of the drift report, where there is one. */
  readonly drift?: string | undefined;
}

/** One model of the comment, as the template sees it. `rows` are its gates, worst first. */
export function commentView(report: Report, rows: readonly GateRow[], standing: Standing, budget: Budget): View {
  const { reportUrl } = standing;
  if (report.headline === unchangedHeadline) return { unchanged: true, name: report.model };
  const notable = rows.filter(({ gate, improved }) => gate.status !== 'pass' || improved);
  const passed = rows.filter(({ gate, improved }) => gate.status === 'pass' && !improved);
  const improved = rows.filter((row) => row.improved);
  const quiet = report.verdict === 'pass';
  const baselineName = report.evaluation?.baseline?.stage ?? 'baseline';
  const where = reportUrl ? 'the full report' : 'report.json';
  const table = quiet ? null : mainTable(report, notable, baselineName, budget, where);
  return {
    unchanged: false,
    quiet,
    name: report.model,
    emoji: statusWords[report.verdict].emoji,
    headline: proseMarkdown(clipText(report.headline, 300)),
    subject: subject(report, standing),
    outcome: outcome(report, improved, passed.length, budget),
    table: table?.table,
    cut: table?.cut,
    why: proseMarkdown(clipText(report.why, 700)),
    next: proseMarkdown(clipText(report.next, 500)),
    changed: changed(report),
    data: report.contract && (report.contract.verdict === 'pass' || report.contract.verdict === 'warn') ? dataLine(report) : null,
    drift: driftOf(report, standing, quiet),
    notices: quiet ? [] : report.notices.slice(0, 3).map(({ message }) => proseMarkdown(clipText(message, 300))),
    ...(passed.length > 0 ? foldedGates(passed, budget, where) : {}),
    visible: visible(rows, report),
    repeatTitle: report.evaluation ? 'What this test set can decide, and how to repeat it' : 'How to repeat it',
    repeat: repeat(report, standing),
  };
}

/** What the data of this change shows goes before what is known of production. */
function driftOf({ drift }: Report, standing: Standing, quiet: boolean): Markdown | null {
  // A pass says nothing of what did not move.
  if (quiet && (!drift || drift.level === 'none')) return null;
  if (drift) return md`${proseMarkdown(clipText(drift.sentence, 500))} Against the ${drift.against}.`;
  return standing.drift ? proseMarkdown(clipText(standing.drift, 500)) : null;
}

function subject({ training, evaluation, source }: Report, { reportUrl, evidence }: Standing): Markdown {
  const parts: Markdown[] = [];
  const baseline = evaluation?.baseline;
  const candidate = training ? code(shortDigest(training.model.digest).slice(0, 6)) : null;
  if (evaluation && baseline)
    parts.push(
      md`Candidate ${candidate} against ${baseline.stage} **v${baseline.version}** (${formatAge(baseline.ageDays)}), ${howScored(evaluation)}`,
    );
  else if (evaluation) parts.push(md`Candidate ${candidate}, ${howScored(evaluation)}`);
  else if (training) parts.push(md`Candidate ${candidate}, not scored`);
  else parts.push(md`Nothing was trained`);
  if (source.commit) parts.push(md`commit ${code(shortCommit(source.commit))}`);
  if (evidence) parts.push(md`**${evidence}**`);
  if (reportUrl) parts.push({ markdown: `[full report](${linkTarget(reportUrl)})` });
  return joinMarkdown(parts, ' · ');
}

/** The address comes from the run's own surroundings, not from data; still nothing in it may end the link. */
function linkTarget(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`a report's address must be http or https, not ${protocol}`);
  return href.replace(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function outcome(report: Report, improved: readonly GateRow[], others: number, budget: Budget): Markdown {
  if (improved.length === 0) return proseMarkdown(`${report.why} ${report.next}`);
  const shown = improved.slice(0, Math.min(4, budget.rows)).map(gateLine);
  const more = improved.length - shown.length + others;
  return md`Better: ${joinMarkdown(shown, '; ')}${more > 0 && ` · ${formatMany(more, 'more gate')} passed`}. ${proseMarkdown(report.next)}`;
}

function mainTable(
  report: Report,
  notable: readonly GateRow[],
  baselineName: string,
  budget: Budget,
  where: string,
): { table: Markdown; cut: Markdown } {
  const broken = report.contract?.checks.filter(({ status }) => status === 'fail' || status === 'error') ?? [];
  const tables: Markdown[] = [];
  let cut = 0;
  if (broken.length > 0) {
    tables.push(checkTable(broken.slice(0, budget.rows)));
    cut += Math.max(0, broken.length - budget.rows);
  }
  // The contract's own gate only repeats what the table of its rules says.
  const gates = broken.length > 0 ? notable.filter(({ gate }) => gate.kind !== 'contract') : notable;
  if (gates.length > 0) tables.push(gateTable(gates.slice(0, budget.rows), baselineName));
  cut += Math.max(0, gates.length - budget.rows);
  return { table: joinMarkdown(tables, '\n\n'), cut: cutNote(cut, 'row', where) };
}

function foldedGates(passed: readonly GateRow[], budget: Budget, where: string): View {
  const shown = passed.slice(0, budget.folded);
  const note = cutNote(passed.length - shown.length, 'gate', where);
  return {
    passedTitle: `${formatMany(passed.length, 'gate')} passed`,
    passed: joinMarkdown([...shown.map((row) => md`- ${gateLine(row)}`), ...(note.markdown ? [md``, note] : [])], '\n'),
  };
}

function changed({ source }: Report): Markdown | null {
  if (source.changed.length === 0) return null;
  const shown = source.changed.slice(0, 5).map((file) => code(clipText(file, 100)));
  const more = source.changed.length - shown.length;
  return md`${joinMarkdown(shown, ', ')}${more > 0 && ` and ${formatMany(more, 'more file')}`}`;
}

function dataLine({ contract, dataset }: Report): Markdown {
  const warned = contract?.checks.filter(({ status }) => status === 'warn') ?? [];
  const rules = formatMany(contract?.checks.length ?? 0, 'rule');
  const rows = dataset ? `, ${formatMany(contract?.rows ?? 0, 'row')}` : '';
  return warned.length === 0
    ? md`contract passes (${rules}${rows}).`
    : md`contract passes with ${formatMany(warned.length, 'warning')} (${rules}${rows}).`;
}

function visible(rows: readonly GateRow[], { evaluation }: Report): Markdown {
  const seen = rows.filter(({ gate, kind }) => isComparison(kind) && gate.smallestVisible !== null).slice(0, 6);
  const list = seen.map(
    (row) =>
      md`${clipText(row.name, 80)} ${formatValue(row.gate.smallestVisible, row.gate.unit, digitsFor(row.gate.smallestVisible))}${row.slice === null ? ' overall' : ` in ${clipText(row.slice, 80)}`}`,
  );
  const looks = evaluation?.looks;
  return md`${seen.length > 0 && md`Smallest visible regression: ${joinMarkdown(list, '; ')}. `}${looks && `Candidate ${formatCount(looks.count)} of ${formatCount(looks.budget)} on this test set.`}`;
}

function repeat(report: Report, { evidence }: Standing): Markdown {
  const { dataset, policy } = report;
  const facts = [
    code(repeatCommand(report)),
    md`decision ${code(shortDigest(report.decisionDigest))}`,
    ...(dataset ? [md`data ${code(shortDigest(dataset.version))}`] : []),
    md`policy ${code(shortDigest(policy.digest))}`,
    md`${evidence ?? evidenceWords(report)}`,
  ];
  return joinMarkdown(facts, ' · ');
}
