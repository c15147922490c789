import type { MetricResult } from '../../shared/evaluation/evaluation-result.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { metricLabel } from '../../shared/report/metric-label.ts';
import type { Report } from '../../shared/report/report.ts';
import { digitsFor, formatCount, formatDifference, formatMany, formatValue } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Reply } from '../bot-context.ts';
import { type KnownVersion, readKnownReport, readKnownVersions } from '../state/known-versions.ts';
import { readWorkspace } from '../state/workspace.ts';
import type { CommandCall, CommandLine } from './command-line.ts';
import { knownNumbers } from './known-numbers.ts';
import { modelOf } from './model-of.ts';
import { say } from './say.ts';

/** Metrics over all rows come first; of the slices, which can be hundreds, none. */
const mostRows = 40;

interface Side {
  readonly number: number;
  readonly version: KnownVersion;
  readonly report: Report;
}

/** Metrics of two versions from the reports that Git knows. Nothing is scored: the bot sees no data. */
export async function diff({ model, versions }: Extract<CommandLine, { name: 'diff' }>, { context }: CommandCall): Promise<Reply> {
  const { forge } = context;
  const pair = versions ?? (await usualPair({ context }, model));
  if ('outcome' in pair) return pair;
  const [from, to] = pair;
  if (from === to)
    return say('refused', 'NOTHING_TO_COMPARE', `Both are v${from}.`, `Name two: \`/diff ${model} v${Math.max(1, from - 1)} v${from}\`.`);
  if (versions) modelOf(await context.policy(), model);
  const known = await readKnownVersions(
    forge,
    [from, to].map((number) => ({ model, number })),
  );
  const sides: Side[] = [];
  for (const number of [from, to]) {
    const side = await readSide(forge, { model, number, pair: [from, to] }, known.get(`${model}@v${number}`));
    if ('outcome' in side) return side;
    sides.push(side);
  }
  const [before, after] = sides;
  if (!before || !after) throw new Error('both sides were read');
  return compare(model, before, after);
}

/** What runs in production, or else at the last stage that has a version, against the newest known. */
async function usualPair({ context }: Pick<CommandCall, 'context'>, model: string): Promise<[number, number] | Reply> {
  const workspace = await readWorkspace(context);
  modelOf(workspace.policy, model);
  const stages = workspace.stages.filter((key) => key.model === model);
  const ordered = [
    ...stages.filter(({ stage }) => stage === 'production'),
    ...stages.filter(({ stage }) => stage !== 'production').reverse(),
  ];
  const from = ordered.map((key) => workspace.stage(key)?.version.number).find((number) => number !== undefined);
  const numbers = (await knownNumbers(context.forge, model)).get(model) ?? [];
  const to = numbers.findLast((number) => number !== from);
  if (from !== undefined && to !== undefined) return [from, to];
  return from === undefined
    ? say('refused', 'NOTHING_TO_COMPARE', `No stage of \`${model}\` has a version yet.`, `Name two: \`/diff ${model} v1 v2\`.`)
    : say(
        'refused',
        'NOTHING_TO_COMPARE',
        `No version of \`${model}\` besides v${from} is known yet.`,
        'The run on the default branch registers the next one.',
      );
}

async function readSide(
  forge: Forge,
  { model, number, pair }: { readonly model: string; readonly number: number; readonly pair: readonly [number, number] },
  version: KnownVersion | undefined,
): Promise<Side | Reply> {
  const name = `${model}@v${number}`;
  if (!version)
    return say(
      'refused',
      'VERSION_NOT_FOUND',
      `\`${name}\` is not known in Git.`,
      `\`/weighin status ${model}\` names the newest version.`,
    );
  const { evaluation } = version.record;
  const report = evaluation && (await readKnownReport(forge, evaluation.report));
  if (report?.evaluation) return { number, version, report };
  return say(
    'refused',
    'NO_REPORT',
    evaluation ? `The report of \`${name}\` is not in Git.` : `\`${name}\` was never evaluated.`,
    `\`npx weighin diff ${model} v${pair[0]} v${pair[1]}\` scores both where the store can be read.`,
  );
}

function compare(model: string, before: Side, after: Side): Reply {
  const overall = (report: Report) => (report.evaluation?.metrics ?? []).filter(({ slice }) => slice === null);
  // Weighed against this very version, the figures are of one and the same set of rows, and their difference has an interval.
  const paired = after.report.evaluation?.baseline?.digest === before.version.record.subject.digest;
  const earlier = new Map(overall(before.report).map((metric) => [metric.name, metric]));
  const metrics = overall(after.report);
  const sameTest = before.report.evaluation?.testDigest === after.report.evaluation?.testDigest && after.report.evaluation?.testDigest;
  const rows = metrics
    .slice(0, mostRows)
    .map((metric) => row(metric, paired ? metric.baseline : (earlier.get(metric.name)?.value ?? null), paired));
  const level = metrics.find(({ interval }) => interval)?.interval?.level;
  const head = paired
    ? [
        md`| metric | v${before.number} | v${after.number} | difference${level !== undefined && `, ${formatCount(level * 100)} % interval`} |`,
        md`|:--|--:|--:|--:|`,
      ]
    : [md`| metric | v${before.number} | v${after.number} | difference |`, md`|:--|--:|--:|--:|`];
  const rowsOf = (side: Side) => formatMany(side.report.evaluation?.rows ?? 0, 'test row');
  const how = paired
    ? md`Both scored on the same ${rowsOf(after)}.`
    : sameTest
      ? md`Each from its own report, on the same test set of ${rowsOf(after)}; without an interval, a difference proves nothing.`
      : md`Each from its own report, on test sets of its own (${rowsOf(before)} and ${rowsOf(after)}): the figures stand side by side and prove nothing.`;
  const levels = md`Evidence: v${before.number} ${before.report.evidence}, v${after.number} ${after.report.evidence}.`;
  return say(
    'done',
    'DIFF',
    md`${code(model)} v${before.number} → v${after.number}. ${how} ${levels}\n\n${joinMarkdown([...head, ...rows], '\n')}`,
    paired
      ? `\`/promote ${model}@v${after.number} production\` asks for it, where you like what you see.`
      : `\`npx weighin diff ${model} v${before.number} v${after.number}\` scores both on the same rows, with intervals.`,
  );
}

function row({ name, value, delta, interval, greaterIsBetter, unit }: MetricResult, baseline: number | null, paired: boolean): Markdown {
  const digits = digitsFor(interval && paired ? interval.high - interval.low : null);
  const arrow = greaterIsBetter === null ? '' : greaterIsBetter ? ' ↑' : ' ↓';
  const difference = paired ? delta : value !== null && baseline !== null ? value - baseline : null;
  const range =
    paired && interval && delta !== null
      ? ` (${formatDifference(interval.low, unit, digits)} … ${formatDifference(interval.high, unit, digits)})`
      : '';
  return md`| ${clipText(metricLabel(name), 80)}${arrow} | ${formatValue(baseline, unit, digits)} | ${formatValue(value, unit, digits)} | ${formatDifference(difference, unit, digits)}${range} |`;
}
