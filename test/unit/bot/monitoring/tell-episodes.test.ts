import { expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { tellEpisodes } from '../../../../bot/monitoring/tell-episodes.ts';
import { configSchema } from '../../../../shared/config/schema.ts';
import type { WatchDocument, WatchedEpisode } from '../../../../shared/monitoring/watch-document.ts';

const config = configSchema.parse({
  version: 1,
  models: { churn: { task: 'binary', data: { source: 'c.csv', label: 'y' }, evaluation: { gates: [{ metric: 'roc_auc', min: 0.5 }] } } },
});
const episode = (until: string | null): WatchedEpisode => ({
  id: 'churn/production/drift/2026-11-18T00:00:00Z',
  kind: 'drift',
  since: '2026-11-18T00:00:00Z',
  until,
  level: 'drift',
  headline: 'plan moved',
  issue: null,
  closed: false,
});
const watch = (episodes: readonly WatchedEpisode[]): WatchDocument => ({
  schema: 'weighin/watch@1',
  model: 'churn',
  stage: 'production',
  run: { id: 1, attempt: 1, url: 'https://github.test/run' },
  at: '2026-11-21T00:00:00Z',
  version: 'v3',
  drift: null,
  performance: null,
  episodes: [...episodes],
  retrainings: [],
  waiting: null,
});

/** What is told of the change from one document to the next. */
function told(before: readonly WatchedEpisode[] | null, now: readonly WatchedEpisode[]) {
  const notes: { type: string; id: string; version: number | null; says: string }[] = [];
  const context = {
    forge: { identity: { id: 1, login: 'weighin[bot]' } },
    notify: (_: unknown, { type, id, version, says }: (typeof notes)[number]) => notes.push({ type, id, version, says }),
    // Nothing else of a bot is asked.
  } as unknown as BotContext;
  tellEpisodes(context, config, before && watch(before), watch(now));
  return notes;
}

it('tells of an episode when it begins and when it ends, once each', () => {
  const [open, over] = [episode(null), episode('2026-11-20T00:00:00Z')];
  const began = { type: 'episode.began', id: `${open.id}:began`, version: 3, says: 'churn production: drift since 2026-11-18. plan moved' };
  expect(told(null, [open])).toEqual([began]);
  expect(told([], [open])).toEqual([began]);
  expect(told([open], [open])).toEqual([]);
  expect(told([open], [over])).toMatchObject([{ type: 'episode.ended', id: `${open.id}:ended`, says: 'churn production: drift is over' }]);
  expect(told([over], [over])).toEqual([]);
  // Over before anybody heard of it.
  expect(told(null, [over])).toEqual([]);
});
