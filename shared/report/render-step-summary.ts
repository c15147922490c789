import { evidenceWords } from '../card/evidence-words.ts';
import { formatMany, formatSeconds } from '../words/format-number.ts';
import { joinMarkdown, type Markdown, md, proseMarkdown } from '../words/markdown.ts';
import { clipText } from '../words/visible-text.ts';
import { allNotices } from './all-notices.ts';
import { checkTable, cutNote, gateTable } from './comment/gate-table.ts';
import { unchangedHeadline } from './compose-words.ts';
import { gateRows, statusWords, worstFirst } from './gate-row.ts';
import type { Report } from './report.ts';

/** Rows of a table; a step's summary may hold 1 MiB. */
const most = 300;

/** What the Actions page of a run shows: the same words as the comment, and every gate and rule open. */
export function renderStepSummary(report: Report): string {
  const { emoji } = statusWords[report.verdict];
  const heading = md`## ${emoji} ${report.model}: ${proseMarkdown(clipText(report.headline, 300))}`;
  if (report.headline === unchangedHeadline) return `${md`✅ ${report.model}: no changes`.markdown}\n`;
  const rows = worstFirst(gateRows(report));
  const { evaluation } = report;
  const baselineName = evaluation?.baseline?.stage ?? 'baseline';
  const blocks: Markdown[] = [
    heading,
    proseMarkdown(clipText(report.why, 1000)),
    md`**Next:** ${proseMarkdown(clipText(report.next, 1000))}`,
    report.drift ? md`**Drift:** ${proseMarkdown(clipText(report.drift.sentence, 500))} Against the ${report.drift.against}.` : md``,
  ];

  const broken = report.contract?.checks.filter(({ status }) => status !== 'pass') ?? [];
  if (broken.length > 0)
    blocks.push(md`### Data contract`, checkTable(broken.slice(0, most)), cutNote(broken.length - most, 'rule', 'report.json'));
  if (rows.length > 0)
    blocks.push(md`### Gates`, gateTable(rows.slice(0, most), baselineName), cutNote(rows.length - most, 'gate', 'report.json'));
  if (report.tests.length > 0) blocks.push(md`### Tests`, testList(report));
  const notices = allNotices(report).slice(0, 30);
  if (notices.length > 0)
    blocks.push(
      joinMarkdown(
        notices.map(({ message }) => md`- ${proseMarkdown(clipText(message, 400))}`),
        '\n',
      ),
    );
  const evidence = evidenceWords(report);
  blocks.push(
    md`${evaluation && `${evaluation.rows === 0 ? 'reported numbers' : formatMany(evaluation.rows, 'test row')} · `}${evidence} · ${formatSeconds(report.runtime.seconds)} · weighin ${report.runtime.weighin}`,
  );
  return `${
    joinMarkdown(
      blocks.filter(({ markdown }) => markdown !== ''),
      '\n\n',
    ).markdown
  }\n`;
}

const testList = ({ tests }: Report): Markdown =>
  joinMarkdown(
    tests
      .slice(0, most)
      .map(
        (test) =>
          md`- ${statusWords[test.status].emoji} ${clipText(test.name, 80)}: ${clipText(test.message, 300)} (${formatSeconds(test.seconds)})`,
      ),
    '\n',
  );
