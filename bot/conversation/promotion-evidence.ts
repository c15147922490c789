import type { EvidenceFacts, PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { gateTable } from '../../shared/report/comment/gate-table.ts';
import { metricTable } from '../../shared/report/comment/metric-table.ts';
import { gateRows, worstFirst } from '../../shared/report/gate-row.ts';
import type { Report } from '../../shared/report/report.ts';
import { formatMany, shortDigest } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { versionDifferences } from './version-differences.ts';

const levels: Readonly<Record<EvidenceFacts['level'], string>> = {
  attested: 'measured by the weigh run, attested',
  'run-verified': 'measured by the weigh run, run-verified',
  claimed: 'only claimed: same runner as training',
  unknown: 'not known: the evidence could not be asked for',
};
export const levelWords = (version: EvidenceFacts | null): string => (version ? levels[version.level] : 'no evidence yet');

interface Budget {
  readonly metrics: number;
  readonly slices: number;
  readonly gates: number;
}

/** Both versions on the same rows, the gates that are not plainly passed, and what the two were made of. */
export function evidenceSection(facts: PromotionFacts, baselineReport: Report | null, budget: Budget): readonly Markdown[] {
  const report = facts.version?.report ?? null;
  const after = `v${facts.version?.record.number ?? '?'}`;
  if (!report?.evaluation) return [md`**Evidence:** ${levelWords(facts.version)}; there is no evaluation to show.`];
  const { baseline, metrics, rows } = report.evaluation;
  const before = baseline ? `v${baseline.version}` : 'nothing';
  const overall = metrics.filter(({ slice }) => slice === null);
  const slices = metrics.filter(({ slice }) => slice !== null);
  const title = baseline
    ? md`#### ${after} against ${before}, on the same ${formatMany(rows, 'test row')}`
    : md`#### ${after} by itself, on ${formatMany(rows, 'test row')}`;
  const parts: Markdown[] = [title];
  const today = facts.main?.version;
  if (baseline && today && baseline.digest !== today.digest)
    parts.push(md`⚠️ Weighed against ${before}, while ${code(facts.stage)} points at v${today.number} now.`);
  parts.push(metricTable(overall, { before, after, most: budget.metrics }));

  const gates = worstFirst(gateRows(report));
  const open = gates.filter(({ gate }) => gate.status !== 'pass');
  parts.push(
    md`**Gates:** ${formatMany(gates.length - open.length, 'gate')} passed${open.length > 0 ? `, ${open.length} did not:` : '.'} Verdict ${code(report.verdict)}, ${levelWords(facts.version)}.`,
  );
  if (open.length > 0) {
    parts.push(gateTable(open.slice(0, budget.gates), before));
    if (open.length > budget.gates)
      parts.push(md`${formatMany(open.length - budget.gates, 'gate')} more did not pass; the report has them.`);
  }
  const differs = baselineReport ? versionDifferences(baselineReport, report) : null;
  if (differs) parts.push(md`**Made differently:** ${differs}.`);
  if (slices.length > 0)
    parts.push(
      joinMarkdown(
        [
          md`<details><summary>${formatMany(slices.length, 'slice')}</summary>`,
          metricTable(slices, { before, after, most: budget.slices }),
          md`</details>`,
        ],
        '\n\n',
      ),
    );
  return parts;
}

/** Digests of everything that the decision rests on, for whoever wants to hold them against the store. */
export function digestLine({ version }: PromotionFacts, planDigest: string | null): Markdown {
  const report = version?.report;
  const facts = [
    planDigest && md`plan ${code(planDigest)}`,
    version && md`model ${code(version.record.subject.digest)}`,
    version && md`record ${code(version.digest)}`,
    version?.decision && md`decision ${code(version.decision)}`,
    report?.dataset && md`data ${code(shortDigest(report.dataset.version))}`,
    report && md`policy ${code(shortDigest(report.policy.digest))}`,
  ].flatMap((part) => part || []);
  return joinMarkdown(
    facts.map((part) => md`- ${part}`),
    '\n',
  );
}
