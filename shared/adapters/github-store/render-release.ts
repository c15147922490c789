import type { VersionRecord } from '../../registry/version-record.ts';
import { type Report, reportSchema } from '../../report/report.ts';
import { code, joinMarkdown, type Markdown, md } from '../../words/markdown.ts';

/** Metrics that a release lists: the rest is in its report.json. */
const metricsShown = 12;

/** The body of a version's release: verdict, metrics over all rows, digests. Everything from the record is escaped. */
export function renderRelease(record: VersionRecord, reportBytes: Uint8Array | undefined): string {
  const { evaluation, subject, source, dataset, attestation, trust } = record;
  const report = reportBytes && readReport(reportBytes);
  const facts: readonly Markdown[] = [
    md`model ${code(subject.digest)} (${subject.format}, ${subject.bytes} bytes)`,
    ...(dataset ? [md`data ${code(dataset.digest)}`] : []),
    ...(evaluation ? [md`report ${code(evaluation.report)}`, md`policy ${code(evaluation.policy)}`] : []),
    ...(source.commit ? [md`commit ${code(source.commit)}`] : []),
    ...(attestation ? [md`signed by ${code(attestation.signer)}`] : []),
  ];
  const parts = [
    evaluation
      ? md`**${evaluation.verdict}**, ${trust === 'measured' ? 'measured by the weigh run' : 'claimed: made where the training’s own code ran'}.`
      : md`Adopted: nothing was evaluated here.`,
    ...(report ? [md`${report.headline}`] : []),
    ...(report ? metricsTable(report) : []),
    joinMarkdown(
      facts.map((fact) => md`- ${fact}`),
      '\n',
    ),
    md`${code(`weighin verify ${record.model}@v${record.number}`)} proves it.`,
  ];
  return joinMarkdown(parts, '\n\n').markdown;
}

function metricsTable({ evaluation }: Report): readonly Markdown[] {
  const metrics = (evaluation?.metrics ?? []).filter(({ slice, value }) => slice === null && value !== null).slice(0, metricsShown);
  if (metrics.length === 0) return [];
  const rows = metrics.map(({ name, value, baseline, n }) => md`| ${name} | ${shown(baseline)} | ${shown(value)} | ${n} |`);
  return [joinMarkdown([md`| metric | before | this version | rows |`, md`|:--|--:|--:|--:|`, ...rows], '\n')];
}

const shown = (value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(4))));

/** A report of another version of Weighin is left out, not a failure: the bytes are attached. */
function readReport(bytes: Uint8Array): Report | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
