import type { WatchDocument, WatchedEpisode } from '../../shared/monitoring/watch-document.ts';
import type { BotContext } from '../bot-context.ts';
import { episodeMarker, episodeTitle, renderEpisodeIssue } from './render-episode-issue.ts';

/**
 * One issue an episode: opened once, rewritten with every report, closed when the episode ends. One that a person closed stays closed, and
 * one that a person opened again stays open.
 * @returns the issue's number; null where there is none to keep
 */
export async function keepEpisodeIssue(
  { forge }: BotContext,
  watch: WatchDocument,
  episode: WatchedEpisode,
  { workflow }: { readonly workflow: string | null },
): Promise<number | null> {
  const ended = episode.until !== null;
  if (episode.closed) return episode.issue;
  const body = renderEpisodeIssue(watch, episode, { workflow });
  const marker = episodeMarker(episode);
  if (episode.issue === null) {
    const found = await forge.issues.findOpen(marker);
    // Two bots may have opened one each: the oldest stays.
    for (const twin of found?.twins ?? []) await forge.issues.edit(twin, { body: `Continued in #${found?.number}.`, state: 'closed' });
    if (!found && ended) return null;
    const number = found?.number ?? (await forge.issues.create({ title: episodeTitle(watch, episode), body, labels: ['weighin'] }));
    if (found && found.body.trim() !== body.trim()) await forge.issues.edit(number, { body, ...(ended && { state: 'closed' }) });
    return number;
  }
  await forge.issues.edit(episode.issue, { body, ...(ended && { state: 'closed' }) });
  return episode.issue;
}
