import type { MetricResult } from '../evaluation/evaluation-result.ts';
import {
  digitsFor,
  formatBytes,
  formatCount,
  formatDifference,
  formatMany,
  formatPercent,
  formatValue,
  shortCommit,
} from '../words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../words/markdown.ts';
import type { View } from '../words/render-template.ts';
import { clipText } from '../words/visible-text.ts';
import type { CardConfig, CardFacts, CardTexts } from './card-facts.ts';
import { cardProse } from './card-prose.ts';
import { evidenceWords } from './evidence-words.ts';
import { splitMethod } from './split-method.ts';

const mostMetrics = 100;
const mostSlices = 120;
const mostGates = 60;
const notStated = md`*not stated*`;
const commas = (parts: readonly Markdown[]) => joinMarkdown(parts, ', ');
const lines = (parts: readonly Markdown[]) => joinMarkdown(parts, '\n');

export function cardView(facts: CardFacts, card: CardConfig, texts: CardTexts): View {
  const prose = (text: string | undefined) => (text && text.trim() !== '' ? cardProse(text) : notStated);
  // A text of several lines stays inside its bullet.
  const item = (text: string | undefined): Markdown => ({ markdown: prose(text).markdown.replace(/\n(?=.)/g, '\n  ') });
  const { evaluation, dataset, training } = facts;
  const overall = (evaluation?.metrics ?? []).filter(({ slice }) => slice === null);
  const sliced = (evaluation?.metrics ?? []).filter(({ slice }) => slice !== null);
  const reported = Object.entries(training?.reported ?? {});
  return {
    name: facts.model,
    version: facts.version === null ? 'candidate' : `v${facts.version}`,
    description: facts.description ? cardProse(facts.description) : '',
    developer: card.owners && card.owners.length > 0 ? commas(card.owners.map((owner) => md`${owner}`)) : notStated,
    date: facts.createdAt.slice(0, 10),
    type: typeOf(facts),
    license: card.license ?? '',
    intendedUse: item(texts.intendedUse),
    users: item(texts.users),
    outOfScope: item(texts.outOfScope),
    limitations: prose(texts.limitations),
    ethics: prose(texts.ethics),
    source: dataset ? sourceOf(dataset) : notStated,
    size: dataset ? sizeOf(dataset) : notStated,
    split: dataset ? splitOf(dataset) : notStated,
    contract: contractOf(facts),
    evaluation: evaluatedOn(facts),
    metrics: overall.length > 0 ? metricTable(overall, evaluation?.baseline?.stage ?? 'baseline', mostMetrics) : '',
    slices: sliced.length > 0 ? metricTable(sliced, evaluation?.baseline?.stage ?? 'baseline', mostSlices) : '',
    reported:
      reported.length > 0
        ? commas(reported.slice(0, 40).map(([name, value]) => md`${clipText(name, 80)} ${formatValue(value, 'none')}`))
        : '',
    visible: smallestVisible(facts),
    bias: biasEvidence(sliced),
    lineage: lineage(facts),
    verdict: md`**${facts.verdict}** (${evidenceWords(facts)}): ${proseMarkdown(clipText(facts.headline, 300))}`,
    gates: gateList(facts),
  };
}

function typeOf({ task, training }: CardFacts): Markdown {
  if (!training) return md`${task} model`;
  const { model } = training;
  const how = training.trainer ?? (training.command === null ? null : "trained by the team's own command");
  return md`${task} model${how && `, ${how}`}, ${model.format}${model.opset !== null && ` (opset ${model.opset})`}, ${formatBytes(model.bytes)}`;
}

type Dataset = NonNullable<CardFacts['dataset']>;

const sourceOf = ({ inputs, asOf }: Dataset): Markdown =>
  md`${commas(inputs.slice(0, 20).map(({ source, files }) => md`${code(clipText(source, 200))} (${formatMany(files.length, 'file')}, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))})`))}${asOf && `, as of ${asOf}`}`;

function sizeOf({ splits, statistics, label }: Dataset): Markdown {
  const rows = splits.train.rows + splits.validation.rows + splits.test.rows;
  const shares = Object.entries(statistics.train_label_dist).slice(0, 8);
  return md`${formatMany(rows, 'row')}, ${formatMany(statistics.num_features, 'feature')}; label ${code(clipText(label, 80))}${
    shares.length > 0 &&
    `: ${shares.map(([value, share]) => `${clipText(value, 40)} ${formatPercent(share)}`).join(', ')} of the training rows`
  }`;
}

function splitOf(dataset: Dataset): Markdown {
  const { train, validation, test } = dataset.splits;
  const method = splitMethod(dataset);
  return md`${method && `${method}: `}${formatCount(train.rows)} train, ${formatCount(validation.rows)} validation, ${formatCount(test.rows)} test`;
}

function contractOf({ contract }: CardFacts): Markdown | string {
  if (!contract) return '';
  const broken = contract.checks.filter(({ status }) => status !== 'pass').length;
  return md`${contract.contract ? code(clipText(contract.contract.file, 160)) : 'default rules'}, ${formatMany(contract.checks.length, 'rule')}, ${broken === 0 ? 'all hold' : `${formatCount(broken)} broken`}`;
}

function evaluatedOn({ evaluation }: CardFacts): Markdown {
  if (!evaluation) return md`The model was not evaluated.`;
  const { baseline } = evaluation;
  const against = baseline
    ? `, the same rows on which ${baseline.stage} v${baseline.version} was scored`
    : '; there was no baseline to compare with';
  const positives = evaluation.positives === null ? '' : ` (${formatCount(evaluation.positives)} positive)`;
  return md`On ${formatMany(evaluation.rows, 'test row')}${positives}${against}.`;
}

function metricTable(metrics: readonly MetricResult[], baselineName: string, most: number): Markdown {
  const compares = metrics.some(({ baseline }) => baseline !== null);
  const bySlice = metrics.some(({ slice }) => slice !== null);
  const level = metrics.find(({ interval }) => interval !== null)?.interval?.level;
  const interval = level === undefined ? 'interval' : `${formatCount(level * 100)} % interval`;
  const row = (cells: readonly (Markdown | null)[]) =>
    md`| ${joinMarkdown(
      cells.filter((cell) => cell !== null),
      ' | ',
    )} |`;
  const cut = metrics.length - most;
  return lines([
    row([
      md`metric`,
      bySlice ? md`slice` : null,
      md`value`,
      compares ? md`${baselineName}` : null,
      compares ? md`difference (${interval})` : md`${interval}`,
      md`n`,
    ]),
    row([md`:--`, bySlice ? md`:--` : null, md`--:`, compares ? md`--:` : null, md`--:`, md`--:`]),
    ...metrics.slice(0, most).map((entry) => {
      const digits = digitsFor(entry.interval ? entry.interval.high - entry.interval.low : null);
      const write = (value: number) =>
        entry.baseline === null ? formatValue(value, entry.unit, digits) : formatDifference(value, entry.unit, digits);
      const range = entry.interval ? `${write(entry.interval.low)} … ${write(entry.interval.high)}` : '–';
      return row([
        md`${clipText(entry.name, 80)}`,
        bySlice ? md`${clipText(entry.slice ?? 'all', 80)}` : null,
        md`${formatValue(entry.value, entry.unit, digits)}${entry.value === null && entry.note && ` (${clipText(entry.note, 80)})`}`,
        compares ? md`${formatValue(entry.baseline, entry.unit, digits)}` : null,
        compares ? md`${formatDifference(entry.delta, entry.unit, digits)} (${range})` : md`${range}`,
        md`${formatCount(entry.n)}`,
      ]);
    }),
    ...(cut > 0 ? [md``, md`${formatMany(cut, 'row')} more in report.json.`] : []),
  ]);
}

/** What the test set cannot see is a limitation that no person has to write. */
function smallestVisible({ gates }: CardFacts): Markdown | string {
  const seen = gates
    .filter(({ smallestVisible: visible, rule }) => visible !== null && /maxRegression|maxRelative|minImprovement/.test(rule))
    .slice(0, 8);
  if (seen.length === 0) return '';
  const parts = seen.map(
    (gate) =>
      md`${clipText(gate.metric, 80)} ${formatValue(gate.smallestVisible, gate.unit, digitsFor(gate.smallestVisible))}${gate.slice && ` in ${clipText(gate.slice, 80)}`}`,
  );
  return md`Regressions smaller than these stay unseen on this test set: ${commas(parts)}.`;
}

function biasEvidence(sliced: readonly MetricResult[]): Markdown | string {
  const columns = new Map<string, Set<string>>();
  for (const { slice } of sliced) {
    const [column = '', ...value] = (slice ?? '').split('=');
    columns.set(column, (columns.get(column) ?? new Set()).add(value.join('=')));
  }
  if (columns.size === 0) return '';
  const parts = [...columns].slice(0, 12).map(([column, values]) => md`${clipText(column, 80)} (${formatMany(values.size, 'slice')})`);
  return md`Evidence: evaluated by ${commas(parts)}; see *By slice*.`;
}

function lineage(facts: CardFacts): readonly View[] {
  const { training, dataset, evaluation, source, policy } = facts;
  const entries: (readonly [string, Markdown] | null)[] = [
    training && ['Model', code(training.model.digest)],
    dataset && ['Dataset', code(dataset.version)],
    evaluation?.baseline
      ? ['Compared with', md`${evaluation.baseline.stage} v${evaluation.baseline.version} ${code(evaluation.baseline.digest)}`]
      : null,
    source.commit === null
      ? null
      : [
          'Commit',
          md`${code(shortCommit(source.commit))}${source.dirty && ' with uncommitted changes'}${source.repository && md` of ${code(source.repository)}`}`,
        ],
    ['Policy', md`${code(clipText(policy.file, 160))} ${code(policy.digest)}`],
    ['Decision', code(facts.decisionDigest)],
    training && training.by !== 'given' ? ['Seed', md`${training.seed}`] : null,
  ];
  return entries.flatMap((entry) => (entry ? [{ name: entry[0], value: entry[1] }] : []));
}

function gateList({ gates }: CardFacts): Markdown | string {
  if (gates.length === 0) return '';
  const order = ['error', 'fail', 'inconclusive', 'warn', 'pass'];
  const sorted = [...gates].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const cut = sorted.length - mostGates;
  return lines([
    ...sorted
      .slice(0, mostGates)
      .map(
        ({ status, metric, slice, message }) =>
          md`- ${status}: ${clipText(metric, 80)}${slice && `, ${clipText(slice, 80)}`}: ${clipText(message, 240)}`,
      ),
    ...(cut > 0 ? [md`- and ${formatMany(cut, 'more gate')} in report.json`] : []),
  ]);
}
