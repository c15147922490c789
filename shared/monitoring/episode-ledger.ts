import type { ObjectStore } from '../registry/object-store.ts';
import { checkedName } from '../registry/version-name.ts';
import { type Episode, episodeSchema } from './monitoring-report.ts';

/**
 * `monitoring/<model>/<stage>/episodes/`: the beginning of every episode that a run found, and its end, each written once. A run that finds
 * one no more (another version runs, or late rows changed its windows) still knows that it must be ended and its issue closed.
 */
const prefixOf = (model: string, stage: string) => `monitoring/${checkedName(model, 'model')}/${checkedName(stage, 'stage')}/episodes/`;

/** So many of the newest are looked at; an older one was ended by the runs since. */
const mostEpisodes = 20;

export async function keepEpisodes(
  store: Pick<ObjectStore, 'create'>,
  { model, stage }: { readonly model: string; readonly stage: string },
  episodes: readonly Episode[],
): Promise<void> {
  for (const episode of episodes) {
    const key = `${prefixOf(model, stage)}${episode.since.replace(/\.\d{3}Z$/, 'Z').replaceAll(/[-:]/g, '')}.${episode.kind}`;
    await store.create(`${key}.${episode.until === null ? 'begin' : 'end'}.json`, new TextEncoder().encode(JSON.stringify(episode)));
  }
}

/** Oldest first; with its end where that is written. What is no episode is left out: a note for people, never a reason to stop. */
export async function readEpisodes(
  store: Pick<ObjectStore, 'list' | 'read'>,
  { model, stage }: { readonly model: string; readonly stage: string },
): Promise<readonly Episode[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefixOf(model, stage))) keys.push(key);
  // The beginning sorts before the end of the same.
  const read = await Promise.all(
    keys
      .sort()
      .slice(-2 * mostEpisodes)
      .map((key) => store.read(key)),
  );
  const episodes = read.flatMap((bytes) => episodeSchema.safeParse(bytes && parse(bytes)).data ?? []);
  return [...new Map(episodes.map((episode) => [episode.id, episode])).values()];
}

/** The episodes of the windows, and those of the ledger that the windows don't show: where nothing ended them, the present windows do. */
export function endLost(found: readonly Episode[], ledger: readonly Episode[], windowsBegin: string | null): readonly Episode[] {
  const known = new Set(found.map(({ id }) => id));
  const others = ledger
    .filter(({ id }) => !known.has(id))
    .map((episode) =>
      episode.until !== null
        ? episode
        : {
            ...episode,
            until: windowsBegin !== null && windowsBegin > episode.since ? windowsBegin : episode.since,
            headline: 'The windows that are judged now do not show it: another version runs, or rows that came late changed them.',
          },
    );
  return [...others, ...found].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)).slice(-mostEpisodes);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
