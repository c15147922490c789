import { createHash } from 'node:crypto';
import type { WatchDocument, WatchedEpisode } from '../../shared/monitoring/watch-document.ts';
import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';

/** Finds the issue of an episode again. A digest, since an id holds what a configuration named. */
export const episodeMarker = ({ id }: Pick<WatchedEpisode, 'id'>) =>
  `<!-- weighin:episode ${createHash('sha256').update(id).digest('hex').slice(0, 32)} -->`;

const what = { drift: 'drift', performance: 'degraded performance' } as const;

export const episodeTitle = ({ model, stage }: WatchDocument, { kind, since }: WatchedEpisode): string =>
  `${model} ${stage}: ${what[kind]} since ${since.slice(0, 10)}`;

const mostRows = 12;

/** The issue's text, as things are now: it is rewritten with every run. Pure. */
export function renderEpisodeIssue(watch: WatchDocument, episode: WatchedEpisode, { workflow }: { readonly workflow: string | null }) {
  const { model, stage, run, drift, version } = watch;
  const subject = `${model}${version === null ? '' : `@${version}`} ${stage}`;
  const ended = episode.until !== null;
  const parts: (Markdown | null)[] = [
    { markdown: episodeMarker(episode) },
    ended
      ? md`**${code(subject)}: over.** It lasted from ${day(episode.since)} to ${day(episode.until ?? episode.since)}; the windows since agree with the reference again.`
      : md`**${code(subject)}: ${what[episode.kind]} since ${day(episode.since)}.** ${proseMarkdown(clipText(episode.headline, 400))}`,
    !ended && episode.kind === 'drift' && drift ? driftTable(drift) : null,
    !ended && episode.kind === 'performance' ? performanceLine(watch) : null,
    ended ? null : retrainingLine(watch, episode, workflow),
    md`**Next:** ${
      ended
        ? md`nothing. This issue closed itself.`
        : md`look at ${link('the run and its report', run.url)}, or ${code(`/drift ${model}`)}. If the change is meant to stay, retrain on newer data or move the reference; this issue updates and closes itself.`
    }`,
  ];
  return `${
    joinMarkdown(
      parts.filter((part) => part !== null),
      '\n\n',
    ).markdown
  }\n`;
}

export function driftTable({ window, columns, compared }: NonNullable<WatchDocument['drift']>): Markdown {
  const rows = columns
    .slice(0, mostRows)
    .map(
      ({ column, level, effect, adjustedP }) => md`| ${code(clipText(column, 80))} | ${level} | ${share(effect)} | ${pValue(adjustedP)} |`,
    );
  const when = window ? md`Window ${moment(window.start)} to ${moment(window.end)}, ${formatCount(window.rows)} rows. ` : null;
  if (rows.length === 0) return md`${when}None of ${formatMany(compared, 'column')} moved in it.`;
  const more = columns.length > mostRows ? md`\n\n${columns.length - mostRows} more moved.` : null;
  return md`${when}${formatMany(columns.length, 'column')} of ${formatCount(compared)} moved:\n\n${joinMarkdown(
    [md`| column | level | rows that moved | adjusted p |`, md`|:--|:--|--:|--:|`, ...rows],
    '\n',
  )}${more}`;
}

function performanceLine({ performance }: WatchDocument): Markdown | null {
  if (!performance) return null;
  const { metric, value, interval, reference, n, window } = performance;
  const number = (one: number | null) => (one === null ? '–' : one.toFixed(3));
  return md`${code(metric)} ${number(value)}${interval && ` (${number(interval[0])} … ${number(interval[1])})`} on ${formatMany(n, 'labelled row')} from ${moment(window.start)} to ${moment(window.end)}; the reference is ${number(reference)}.`;
}

function retrainingLine({ retrainings, waiting }: WatchDocument, { id }: WatchedEpisode, workflow: string | null): Markdown {
  const own = retrainings.find(({ key }) => key === id);
  if (own) return md`**Retraining:** started ${moment(own.at)}, once for this episode. What it trains comes back as a pull request.`;
  if (waiting)
    return md`**Retraining:** not started, ${code('COOLDOWN')}: the last one is too recent. Not before ${moment(waiting.until)}.`;
  if (workflow === null)
    return md`**Retraining:** not set up. Add ${code('retrain: {workflow: weighin.yml, on: [drift]}')} to the model in weighin.yaml.`;
  return md`**Retraining:** not asked for by ${code('retrain.on')} of the model.`;
}

export const share = (effect: number | null) => (effect === null ? '–' : `${(effect * 100).toFixed(1)} %`);
export const pValue = (p: number | null) => (p === null ? '–' : p < 0.0001 ? '< .0001' : p.toFixed(4).replace(/^0/, ''));
export const day = (at: string) => at.slice(0, 10);
export const moment = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** Only addresses of the forge's own, which it gave itself. */
const link = (words: string, url: string): Markdown =>
  /^https:\/\/[\w.:/-]+$/.test(url) ? { markdown: `[${words}](${url})` } : md`${words}`;
