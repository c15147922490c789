import { expect, it } from 'vitest';
import { playWithDeaths, playWithTwoBots } from '../support/bot/play-story.ts';
import { promotionStory, refusalStory } from '../support/bot/promotion-story.ts';

/** The same as convergence.test.ts, with many seeds and with every boundary of both stories. */
const seed = Number(process.env['WEIGHIN_PROPERTY_SEED'] ?? 20261121);
const alive = () => null;

it.each([
  { name: 'promotion', story: promotionStory },
  { name: 'refusal', story: refusalStory },
])('comes to the same through 20 seeds and all deaths of the $name', { timeout: 900_000 }, async ({ story }) => {
  const { form, writes } = await playWithDeaths(story, alive);
  for (let write = 1; write <= Math.max(...Object.values(writes)); write++)
    for (const when of ['before', 'after'] as const)
      expect((await playWithDeaths(story, () => ({ write, when }))).form, `dies ${when} write ${write}`).toEqual(form);
  for (let own = seed; own < seed + 20; own++) expect((await playWithTwoBots(story, own)).form, `seed ${own}`).toEqual(form);
});
