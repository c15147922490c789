import type { Config } from '../../shared/config/schema.ts';
import type { WatchDocument } from '../../shared/monitoring/watch-document.ts';
import type { BotContext } from '../bot-context.ts';
import { ownPerson } from '../promotions/own-person.ts';

/** Whoever `notify:` names hears of an episode when it begins and when it ends, once each. */
export function tellEpisodes(context: BotContext, config: Config, before: WatchDocument | null, now: WatchDocument): void {
  for (const { id, kind, since, until, headline } of now.episodes) {
    const known = before?.episodes.find((episode) => episode.id === id);
    const began = !known && until === null;
    const ended = known?.until === null && until !== null;
    if (!began && !ended) continue;
    context.notify(config, {
      event: 'drift',
      type: began ? 'episode.began' : 'episode.ended',
      id: `${id}:${began ? 'began' : 'ended'}`,
      model: now.model,
      stage: now.stage,
      version: Number(now.version?.slice(1)) || null,
      actor: ownPerson(context.forge),
      says: began
        ? `${now.model} ${now.stage}: ${kind} since ${since.slice(0, 10)}. ${headline}`
        : `${now.model} ${now.stage}: ${kind} is over`,
      url: now.run.url,
      at: now.at,
    });
  }
}
