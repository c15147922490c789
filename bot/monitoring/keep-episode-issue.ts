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
  const found = await forge.issues.findOpen(marker);
  const stays = episode.issue ?? found?.number;
  // Two bots may have opened one each, the second after the first was recorded: the recorded one stays, else the oldest.
  for (const twin of found ? [found.number, ...found.twins] : [])
    if (twin !== stays) await forge.issues.edit(twin, { body: `Continued in #${stays}.`, state: 'closed' });
  if (stays === undefined)
    return ended ? null : await forge.issues.create({ title: episodeTitle(watch, episode), body, labels: ['weighin'] });
  if (ended || found?.number !== stays || found.body.trim() !== body.trim())
    await forge.issues.edit(stays, { body, ...(ended && { state: 'closed' }) });
  return stays;
}
