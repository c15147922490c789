import type { DemoParts } from './demo-parts.ts';
import { features, type Running } from './first-version.ts';
import { followRollout } from './follow-rollout.ts';
import { approveAndMerge, askPromotion } from './promote.ts';
import { readState } from './read-state.ts';
import { mergeRecipe, trainVersion } from './train-version.ts';
import { waitFor } from './wait-for.ts';

/** Act 2: a better model takes production over, an hour a step. */
export async function playGoodVersion(parts: DemoParts, { served, traffic, desk }: Running): Promise<void> {
  const { bot, teller, flights, github, hour } = parts;
  teller.act('A good version goes to 100 %');
  const training = { trainer: 'logistic-regression', features, params: { categorical: ['hour', 'weekday'] } };
  mergeRecipe(parts, { flights: flights.all, training, title: 'Read hour and weekday as categories', branch: 'categories' });
  teller.wait('training v2');
  await trainVersion(parts, 2, { by: 'boris' });
  teller.claim('v2 reads hour and weekday as categories; measured against v1, registered', readState(parts).hasVersion(2));
  const pull = await askPromotion(parts, 2, { issue: desk, by: 'anna', reason: 'better ranking' });
  await approveAndMerge(parts, pull, { approver: 'dora', merger: 'boris' });
  const before = traffic.count();
  const generation = readState(parts).stage()!.generation;
  teller.say(`the canary: 5, 15, 30, 50, 75, 100 %, an hour (${hour} s) each; the guard looks every second`);
  const { live, seen, engine, seconds } = await followRollout(parts, { generation, stable: 1, candidate: 2, seconds: 240 });
  teller.claim(
    'every step was seen at the server: 5, 15, 30, 50, 75, 100 %',
    [5, 15, 30, 50, 75, 100].every((step) => seen.includes(step)),
    seen.join(', '),
  );
  teller.claim(
    `v2 has production after ${Math.round(seconds)} s`,
    live.phase === 'succeeded' && live.stable?.number === 2,
    `${live.phase}${engine?.pause ? `: ${engine.pause.detail}` : ''}${engine?.stop ? `: ${engine.stop.detail}` : ''}`,
  );
  const weights = await served.weights();
  teller.claim(
    'the server sends everything to v2, and nothing of v1 is left',
    weights['v2'] === 100 && !weights['v1'],
    JSON.stringify(weights),
  );
  const failed = traffic.count().failed - before.failed;
  teller.claim(
    `of ${(traffic.count().asked - before.asked).toLocaleString('en')} requests meanwhile none failed`,
    failed === 0,
    String(failed),
  );
  await bot.settled();
  await waitFor(teller, 'the Deployment', () => deploymentState(parts, live.rolloutId) === 'success', { seconds: 60 }).catch(() => null);
  teller.claim(
    'its GitHub Deployment says success',
    deploymentState(parts, live.rolloutId) === 'success',
    deploymentState(parts, live.rolloutId),
  );
  const comment = github
    .comments(pull)
    .findLast(({ author, body }) => author.login === github.app.botLogin && body.includes('weighin:rollout'));
  teller.claim(
    `one comment on #${pull} has the numbers of each step`,
    /\|\s*100 %/.test(comment?.body ?? ''),
    comment === undefined ? 'there is none' : 'other numbers',
  );
}

/** The newest status of the Deployment of a rollout. */
export function deploymentState({ github }: DemoParts, rolloutId: string | null): string {
  const made = github.repository.deployments.filter(({ payload }) => rolloutOf(payload) === rolloutId);
  return made.at(-1)?.statuses.at(-1)?.state ?? 'none';
}

/** As the bot wrote it; GitHub keeps it as it came. */
const rolloutOf = (payload: unknown) => (payload as { readonly rolloutId?: string } | null)?.rolloutId ?? null;
