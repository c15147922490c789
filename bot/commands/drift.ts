import { parseDuration } from '../../shared/config/quantities.ts';
import type { WatchDocument } from '../../shared/monitoring/watch-document.ts';
import { formatMany } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Reply } from '../bot-context.ts';
import { day, driftTable, moment } from '../monitoring/render-episode-issue.ts';
import { readWorkspace } from '../state/workspace.ts';
import type { CommandCall, CommandLine } from './command-line.ts';
import { modelOf } from './model-of.ts';
import { say } from './say.ts';

/** What the last scheduled run reported of a model in production; the bot itself sees no data and measures nothing. */
export async function drift({ model, window }: Extract<CommandLine, { name: 'drift' }>, { context }: CommandCall): Promise<Reply> {
  const workspace = await readWorkspace(context);
  const declared = modelOf(workspace.policy, model);
  const known = workspace.stages.filter((key) => key.model === model).flatMap((key) => workspace.watch(key) ?? []);
  if (known.length === 0)
    return say(
      'refused',
      'DRIFT_NOT_SET_UP',
      declared.drift
        ? `No drift report of \`${model}\` is known yet.`
        : `\`${model}\` has no \`drift:\` in weighin.yaml, so nobody measures it.`,
      declared.drift
        ? 'A scheduled run on the default branch measures it (examples/monitoring); the bot itself sees no data.'
        : `Add \`drift: {log: …, window: 1d}\` to \`${model}\` in weighin.yaml, and a scheduled run that measures it.`,
    );
  const now = await context.forge.now();
  const from = window === null ? null : now.getTime() - parseDuration(window);
  const shown = known.map((watch) => oneStage(watch, from));
  return say(
    'done',
    'DRIFT',
    joinMarkdown(shown, '\n\n'),
    known.some(({ drift }) => drift && drift.level !== 'none')
      ? 'the full page is an artifact of that run; if the change is meant to stay, retrain on newer data.'
      : 'nothing; the next scheduled run looks again.',
  );
}

function oneStage(watch: WatchDocument, from: number | null): Markdown {
  const { model, stage, drift, at, episodes } = watch;
  const open = episodes.filter(({ until }) => until === null);
  const parts: (Markdown | null)[] = [
    md`**${code(`${model} ${stage}`)}** as of ${moment(at)}: ${drift ? proseMarkdown(clipText(drift.headline, 400)) : md`no rows in the newest window.`}`,
    drift && drift.columns.length > 0 ? driftTable(drift) : null,
    drift && from !== null ? windowsSince(drift.windows, from) : null,
    open.length > 0
      ? md`Open since ${joinMarkdown(
          open.map(({ kind, since, issue }) => md`${day(since)} (${kind}${issue !== null && { markdown: `, #${issue}` }})`),
          ', ',
        )}.`
      : null,
  ];
  return joinMarkdown(
    parts.filter((part) => part !== null),
    '\n\n',
  );
}

function windowsSince(windows: NonNullable<WatchDocument['drift']>['windows'], from: number): Markdown {
  const recent = windows.filter(({ end }) => Date.parse(end) > from);
  if (recent.length === 0) return md`No window ended since ${moment(new Date(from).toISOString())}.`;
  const count = (level: string) => recent.filter((one) => one.level === level).length;
  return md`Of ${formatMany(recent.length, 'window')} since ${moment(new Date(from).toISOString())}: ${count('drift')} drifted, ${count('shift')} shifted, ${count('none')} did not move.`;
}
