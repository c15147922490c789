import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { readDuration } from '../../shared/config/quantities.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import type { DriftReport } from '../../shared/drift/drift-report.ts';
import { UserError } from '../../shared/errors.ts';
import { shownSource } from '../../shared/source/table-address.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'drift',
  summary: 'Tell what moved between two tables, how much, and where',
  description: [
    'Each side is data (CSV, Parquet, JSON lines, a glob, postgres://… or sc://…) or a profile that `weighin profile` wrote; a profile is known by what it holds. Of tables only counts are read.',
    'The default measures every change as the share of rows that would have to move, and tells it when it is both shown (false discoveries at 5 % over the whole run) and large: a shift warns, drift alarms. With --window the reference teaches how much days differ, and an alarm needs 2 of the last 3 windows.',
    'Reports hold no values of fewer than 20 rows.',
  ],
  options: {
    reference: { description: 'What it is compared with: data or a profile.', kind: 'path', required: true, placeholder: 'FILE' },
    current: { description: 'What came since: data or a profile.', kind: 'path', required: true, placeholder: 'FILE' },
    method: { description: 'default, evidently, or a test by name such as ks, psi or chi2, for every column.', default: 'default' },
    'column-method': {
      description: 'Another method for some columns, by comma; NAME:LIMIT for a limit of your own, here and with --method.',
      placeholder: 'COL=NAME,…',
    },
    by: { description: 'One or two columns whose segments are compared by themselves, by comma.', placeholder: 'COLUMN' },
    window: { description: 'Compare window by window: 1d, 12h, 7d. Needs --time.', placeholder: '1d' },
    time: { description: 'The column that says when a row was made.', placeholder: 'COLUMN' },
    columns: { description: 'Compare these alone, by comma.', placeholder: 'a,b' },
    exclude: { description: 'Leave these out, by comma: ids, labels, times.', placeholder: 'a,b' },
    contract: { description: 'An ODCS contract that says what the columns are.', kind: 'path', placeholder: 'C.yaml' },
    importance: {
      description: "JSON of the model's permutation importance by column: what can't matter is shown last.",
      kind: 'path',
      placeholder: 'FILE',
    },
    shift: { description: 'Share of rows from which a shown change warns.', kind: 'number', default: '0.03' },
    alarm: { description: 'Share of rows from which it is drift.', kind: 'number', default: '0.1' },
    agree: { description: 'With --window: how many of the last windows an alarm needs.', default: '2 of 3' },
    'share-limit': { description: 'Also an alarm when this share of the columns moved.', kind: 'number' },
    'max-age': { description: 'A newest row older than this is stale: 36h, 2d. Needs --time.', placeholder: '2d' },
    html: { description: 'Write the report as one HTML file.', kind: 'path', placeholder: 'OUT' },
    markdown: { description: 'Write it as Markdown for a comment.', kind: 'path', placeholder: 'OUT' },
    'show-values': { description: 'Name categories of fewer than 20 rows too.', kind: 'flag' },
  },
  examples: [
    { command: 'weighin drift --reference train.parquet --current week.parquet --exclude id', does: 'two tables' },
    {
      command: 'weighin drift --reference train.profile.json --current week.parquet --html drift.html',
      does: 'without the reference data',
    },
    {
      command: 'weighin drift --reference train.parquet --current may.parquet --window 1d --time created_at --json drift.json',
      does: 'day by day',
    },
  ],
  exits: { 0: 'no drift, a shift, or not enough data', 1: 'drift' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  io.progress.step('reading', `${shownSource(args.reference)} and ${shownSource(args.current)}`);
  const [{ runDrift }, { openTable }] = await Promise.all([
    import('../../shared/pipeline/drift/run-drift.ts'),
    import('../../shared/adapters/open-table.ts'),
  ]);
  const [window, maxAge] = [duration(args.window, '--window'), duration(args['max-age'], '--max-age')];
  if ((window !== null || maxAge !== null) && args.time === undefined)
    throw new UserError(
      'FLAG_MISSING',
      '--time is missing.',
      `Say which column holds the time that ${window === null ? '--max-age' : '--window'} goes by.`,
    );
  const report = await runDrift({
    reference: args.reference,
    current: args.current,
    root: io.cwd,
    openTable: (source, types) => openTable({ source, root: io.cwd, types, env: io.env }),
    settings: {
      shift: args.shift,
      alarm: args.alarm,
      agree: args.agree,
      shareLimit: args['share-limit'] ?? null,
      time: args.time ?? null,
      maxAge,
      values: args['show-values'] ? 'allow' : 'deny',
    },
    method: args.method,
    columnMethods: pairs(args['column-method']),
    by: list(args.by) ?? [],
    window: window === null || args.time === undefined ? null : { column: args.time, milliseconds: window },
    columns: list(args.columns) ?? null,
    exclude: list(args.exclude) ?? [],
    contract: args.contract === undefined ? null : await contractAt(resolve(io.cwd, args.contract), args.contract),
    ...(args.importance !== undefined && { importance: await importanceAt(resolve(io.cwd, args.importance), args.importance) }),
    now: new Date(),
    progress: io.progress,
  });
  const html = await writeReports(args, report, io);
  await io.writeJson(report);
  const { renderDriftTerminal } = await import('../../shared/report/drift/render-drift-terminal.ts');
  io.print(
    renderDriftTerminal(report, {
      color: io.colors.isColorSupported,
      width: io.columns,
      cwd: io.cwd,
      ...(html !== undefined && { open: html }),
    }),
  );
  return report.verdict === 'fail' ? 1 : 0;
}

/** The HTML's path, where it was asked for. */
async function writeReports({ html, markdown }: Args, report: DriftReport, io: CommandIo): Promise<string | undefined> {
  if (html === undefined && markdown === undefined) return undefined;
  io.progress.step('report', [html, markdown].filter(Boolean).join(' and '));
  if (html !== undefined) {
    const { renderDriftHtml } = await import('../../shared/report/drift/render-drift-html.ts');
    await writeOut(resolve(io.cwd, html), renderDriftHtml(report), '--html', io);
  }
  if (markdown !== undefined) {
    const { renderDriftMarkdown } = await import('../../shared/report/drift/render-drift-markdown.ts');
    await writeOut(resolve(io.cwd, markdown), renderDriftMarkdown(report), '--markdown', io);
  }
  return html === undefined ? undefined : resolve(io.cwd, html);
}

async function writeOut(path: string, text: string, flag: string, io: CommandIo): Promise<void> {
  const { writeWhole } = await import('../../shared/pipeline/run-folder.ts');
  await writeWhole(path, text).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError(
      'OUTPUT_UNWRITABLE',
      `The report can't be written to ${relative(io.cwd, path) || path} (${code}).`,
      `Name a file that can be written: ${flag} OUT.`,
    );
  });
}

async function contractAt(path: string, shown: string): Promise<Contract> {
  const { readContract } = await import('../../shared/contract/read-contract.ts');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('CONTRACT_NOT_FOUND', `There is no contract at ${shown}.`, 'Correct --contract, or leave it out.');
  });
  return readContract(text, shown);
}

/** `{"age": 0.12, …}`. */
async function importanceAt(path: string, shown: string): Promise<Readonly<Record<string, number>>> {
  const { z } = await import('zod');
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return z.record(z.string(), z.number()).parse(JSON.parse(text));
  } catch {
    throw new UserError(
      'IMPORTANCE_INVALID',
      `${shown} does not say how important columns are.`,
      'Name a JSON file of one number a column, such as {"age": 0.12}.',
      { file: shown },
    );
  }
}

const list = (text: string | undefined) =>
  text
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** `amount=psi,plan=chi2`; a column's name may hold `=`, a method's never does. */
function pairs(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (list(text) ?? []).map((part) => {
      const at = part.lastIndexOf('=');
      if (at < 1 || at === part.length - 1)
        throw new UserError(
          'COLUMN_METHOD_INVALID',
          `--column-method has \`${part.slice(0, 80)}\`.`,
          'Write COLUMN=METHOD, such as amount=psi.',
        );
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

function duration(text: string | undefined, flag: string): number | null {
  if (text === undefined) return null;
  const milliseconds = Math.round(readDuration(text) ?? 0);
  if (milliseconds >= 1) return milliseconds;
  throw new UserError(
    'DURATION_INVALID',
    `${flag} is \`${text.slice(0, 40)}\`: no length of time.`,
    `Write a number and a unit: ${flag} 1d, 12h, 30m.`,
  );
}
