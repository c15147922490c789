import { formatPercent } from '../../shared/words/format-number.ts';
import type { DemoParts } from './demo-parts.ts';
import { features, type Running } from './first-version.ts';
import { followRollout } from './follow-rollout.ts';
import { deploymentState } from './good-version.ts';
import { approveAndMerge, askPromotion, plain, promotionPull } from './promote.ts';
import { readState } from './read-state.ts';
import { mergeRecipe, trainVersion } from './train-version.ts';
import { waitFor } from './wait-for.ts';
import type { BadKind } from './weighin-yaml.ts';

const kinds: Readonly<Record<BadKind, { readonly title: string; readonly story: string }>> = {
  failing: {
    title: 'A table by hour and weekday',
    story: 'v3 looks lateness up in a table of the flights until 18 h, and was measured on those: no gate sees that later ones fail',
  },
  slow: {
    title: 'A table by hour and weekday, and a large matrix',
    story: 'v3 was measured on the flights until 18 h, for which it is quick; for later ones it multiplies large matrices',
  },
  skewed: {
    title: 'A table by hour and weekday, balanced',
    story: 'v3 was shown as many late flights as punctual ones: it ranks as well as v2, and warns nearly everybody',
  },
};

/** Act 3: a version that passes every gate and is bad in production takes itself back. */
export async function playBadVersion(parts: DemoParts, { served, traffic, desk }: Running, bad: BadKind): Promise<void> {
  const { bot, teller, flights, github } = parts;
  teller.act(`A bad version takes itself back (${bad})`);
  const { title, story } = kinds[bad];
  mergeRecipe(parts, {
    flights: bad === 'skewed' ? flights.all : flights.daytime,
    training: { command: 'node train.mjs', features, params: { bad } },
    title,
    branch: 'table',
  });
  teller.wait('training v3');
  await trainVersion(parts, 3, { by: 'boris' });
  teller.claim('v3 passes every gate, and is registered', readState(parts).hasVersion(3));
  teller.more(story);
  const pull = await askPromotion(parts, 3, { issue: desk, by: 'anna', reason: 'simpler' });
  await approveAndMerge(parts, pull, { approver: 'dora', merger: 'boris' });
  const generation = readState(parts).stage()!.generation;
  const rollout = { generation, stable: 2, candidate: 3 };
  const before = traffic.count();
  let { live, engine, seconds, seen } = await followRollout(parts, { ...rollout, seconds: 180 });
  if (live.phase === 'paused') {
    // Some of what is odd is for people to judge.
    teller.claim(`it is paused: ${engine?.pause?.detail ?? ''}`, true);
    teller.say(`boris comments: /canary flight-delay production abort`);
    github.comment(pull, '/canary flight-delay production abort', 'boris');
    await bot.settled();
    ({ live, engine } = await followRollout(parts, { ...rollout, seconds: 60, fromPause: true }));
  }
  teller.claim(
    `it took itself back ${seconds.toFixed(0)} s after the merge, at ${Math.max(0, ...seen)} % of the traffic`,
    live.phase === 'rolled-back',
    live.phase,
  );
  if (engine?.stop) teller.more(engine.stop.detail);
  const weights = await served.weights();
  teller.claim('the server sends everything to v2 again', weights['v2'] === 100 && !weights['v3'], JSON.stringify(weights));
  const after = traffic.count();
  const [asked, failed, touched] = [
    after.asked - before.asked,
    after.failed - before.failed,
    (after.versions['v3'] ?? 0) + after.failed - before.failed,
  ];
  teller.claim(
    `of ${asked.toLocaleString('en')} requests meanwhile ${touched.toLocaleString('en')} met v3 (${formatPercent(touched / Math.max(1, asked))}), ${failed} of them failed`,
    bad === 'skewed' ? failed === 0 : touched > 0,
    String(failed),
  );
  const held = live.holds.some(({ digest }) => digest !== null);
  teller.claim('its bytes are held: nothing starts them again by itself', held, 'there is no hold');
  await bot.settled();
  await waitFor(teller, 'the Deployment', () => deploymentState(parts, live.rolloutId) === 'failure', { seconds: 60 }).catch(() => null);
  teller.claim(
    'its GitHub Deployment says failure',
    deploymentState(parts, live.rolloutId) === 'failure',
    deploymentState(parts, live.rolloutId),
  );
  const returned = deploymentState(parts, `${live.rolloutId}.rollback`);
  teller.claim('a Deployment of v2 says success', returned === 'success', returned);
  tellIssue(parts);
  await mergeRevert(parts);
}

/** The issue, read as people do: what happened, on which evidence, what to do. */
function tellIssue({ github, teller }: DemoParts): void {
  const issue = [...github.repository.issues.values()].findLast(({ title }) => /rolled back/.test(title));
  const body = issue?.body ?? '';
  const isWhole = body.includes('Evidence') && body.includes('Runbook');
  teller.claim(
    `issue #${issue?.number ?? '–'} has the evidence and a runbook: ${issue?.title ?? 'there is none'}`,
    isWhole,
    'without them',
  );
  const evidence = body.split('\n').find((line) => line.includes('Evidence'));
  if (evidence) teller.more(plain(evidence));
}

/** main still says v3; the bot's pull request makes it say what runs. */
async function mergeRevert(parts: DemoParts): Promise<void> {
  const { github, bot, teller, flights } = parts;
  const pull = await waitFor(teller, 'the revert', () => promotionPull(parts), { seconds: 60 });
  teller.claim(`the bot opens pull request #${pull}: ${github.pull(pull).issue.title}`, true);
  github.review(pull, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(pull, 'anna');
  await bot.settled();
  const version = readState(parts).stage()?.version.number;
  teller.claim('dora approves, anna merges: main says v2 again, which is what runs', version === 2, `v${version}`);
  // Data and recipe go back too; nothing is trained by it here.
  mergeRecipe(parts, {
    flights: flights.all,
    training: { trainer: 'logistic-regression', features, params: { categorical: ['hour', 'weekday'] } },
    title: 'Back to the recipe of v2',
    branch: 'back',
  });
  await bot.settled();
}
