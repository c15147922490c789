import type { ObjectStore } from '../registry/object-store.ts';
import { checkedName } from '../registry/version-name.ts';
import { type Episode, episodeSchema } from './monitoring-report.ts';

/**
 * Every episode that a run ever found open, under its own id: a run that no longer finds it (a new version, windows that late rows changed)
 * still knows that it must be ended, and the issue about it closed.
 */
const prefixOf = (model: string, stage: string) => `monitoring/${checkedName(model, 'model')}/${checkedName(stage, 'stage')}/episodes/`;

/** So many of the newest are looked at; an older one was ended by the runs since. */
const mostEpisodes = 20;

export async function keepEpisodes(
  store: Pick<ObjectStore, 'create'>,
  model: string,
  stage: string,
  episodes: readonly Episode[],
): Promise<void> {
  for (const episode of episodes) {
    const key = `${prefixOf(model, stage)}${episode.since.replace(/\.\d{3}Z$/, 'Z').replaceAll(/[-:]/g, '')}.${episode.kind}.json`;
    await store.create(key, new TextEncoder().encode(JSON.stringify(episode)));
  }
}

/** Newest last. What is no episode is left out: a note for people, never a reason to stop. */
export async function readEpisodes(store: Pick<ObjectStore, 'list' | 'read'>, model: string, stage: string): Promise<readonly Episode[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefixOf(model, stage))) keys.push(key);
  const texts = await Promise.all(
    keys
      .sort()
      .slice(-mostEpisodes)
      .map((key) => store.read(key)),
  );
  return texts.flatMap((bytes) => episodeSchema.safeParse(bytes && parse(bytes)).data ?? []);
}

/** The episodes of the windows, and those of the ledger that the windows don't show any more: ended where the present windows begin. */
export function endLost(found: readonly Episode[], ledger: readonly Episode[], windowsBegin: string | null): readonly Episode[] {
  const known = new Set(found.map(({ id }) => id));
  const lost = ledger
    .filter(({ id }) => !known.has(id))
    .map((episode) => ({
      ...episode,
      until: windowsBegin !== null && windowsBegin > episode.since ? windowsBegin : episode.since,
      headline: 'The windows that are judged now show it no longer: another version runs, or rows that came late changed them.',
    }));
  return [...lost, ...found].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
