import type { Report } from '../../shared/report/report.ts';
import { formatCount, shortDigest } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';

/** What two versions were made of, where it differs: data, columns, training. Null where nothing is known to. */
export function versionDifferences(before: Report, after: Report): Markdown | null {
  const parts = [...dataParts(before, after), ...trainingParts(before, after)];
  return parts.length === 0 ? null : joinMarkdown(parts, '; ');
}

function dataParts({ dataset: before }: Report, { dataset: after }: Report): readonly Markdown[] {
  if (!before || !after) return [];
  const parts: Markdown[] = [];
  if (before.version !== after.version) {
    const rows = trainedOn(after) - trainedOn(before);
    const change = rows === 0 ? '' : ` (${rows > 0 ? '+' : '−'}${formatCount(Math.abs(rows))} training rows)`;
    parts.push(md`data ${code(shortDigest(before.version))} → ${code(shortDigest(after.version))}${change}`);
  }
  const [had, has] = [new Set(before.features.map(({ name }) => name)), new Set(after.features.map(({ name }) => name))];
  const [added, gone] = [[...has].filter((name) => !had.has(name)), [...had].filter((name) => !has.has(name))];
  if (added.length > 0) parts.push(md`${named(added, 'new column')}`);
  if (gone.length > 0) parts.push(md`${named(gone, 'column')} gone`);
  return parts;
}

const trainedOn = ({ splits }: NonNullable<Report['dataset']>) => splits.train.rows;

function named(names: readonly string[], one: string): Markdown {
  const shown = joinMarkdown(
    names.slice(0, 4).map((name) => code(clipText(name, 60))),
    ', ',
  );
  return md`${names.length} ${names.length === 1 ? one : `${one}s`} (${shown}${names.length > 4 && ' …'})`;
}

function trainingParts({ training: before }: Report, { training: after }: Report): readonly Markdown[] {
  if (!before || !after) return [];
  const parts: Markdown[] = [];
  const [by, now] = [before.trainer ?? before.command, after.trainer ?? after.command];
  if (by !== now && by && now) parts.push(md`trained by ${code(clipText(now, 80))} instead of ${code(clipText(by, 80))}`);
  const changed = [...new Set([...Object.keys(before.params), ...Object.keys(after.params)])].filter(
    (name) => JSON.stringify(before.params[name]) !== JSON.stringify(after.params[name]),
  );
  for (const name of changed.slice(0, 4))
    parts.push(md`${code(clipText(name, 60))} ${code(said(before.params[name]))} → ${code(said(after.params[name]))}`);
  if (changed.length > 4) parts.push(md`${changed.length - 4} more parameters`);
  return parts;
}

const said = (value: unknown) => clipText(value === undefined ? '–' : JSON.stringify(value), 60);
