import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam(['replayed', 'signed']);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** All that the bot ever did, but for edits in place. */
function done() {
  const { github } = team;
  return {
    comments: github.comments().length,
    pulls: github.repository.pulls.size,
    commits: github.git.log('weighin/state').length,
    deployments: github.deployments().map(({ environment }) => environment),
    live: team.live('replayed'),
    stage: team.stageFile('replayed'),
    dispatches: github.dispatches.length,
    issues: github.repository.issues.size,
  };
}

it('replayed and re-ordered deliveries', async () => {
  const { github, bot } = team;
  const number = await team.ask('replayed');
  // An approval that was taken back, told the other way round.
  github.deliveries.hold();
  github.review(number, 'dora', 'APPROVED');
  github.review(number, 'dora', 'CHANGES_REQUESTED');
  await github.deliveries.send(...github.deliveries.held.toReversed());
  await bot.settled();
  expect(team.verdict(number)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('CHANGES_REQUESTED') });
  // The merge is told before the approval that allowed it.
  github.review(number, 'dora', 'APPROVED');
  github.mergePull(number, 'ben');
  await github.deliveries.send(...github.deliveries.held.toReversed());
  await github.deliveries.release();
  await bot.settled();
  expect(team.live('replayed')).toMatchObject({ generation: 1, phase: 'succeeded', stable: { number: 1 } });
  const before = done();
  expect(before.deployments).toEqual(['churn/replayed']);

  const all = [...github.deliveries.all];
  expect(all.length).toBeGreaterThan(8);
  for (const delivery of all.toReversed()) expect(await github.deliveries.redeliver(delivery)).toBeLessThan(300);
  await bot.settled();
  expect(done()).toEqual(before);
});

it('wrong signature', async () => {
  const { github, bot } = team;
  const before = done();
  github.deliveries.hold();
  github.comment(team.desk, '/promote churn@v1 signed', 'anna');
  const [delivery] = github.deliveries.held.filter(({ event }) => event === 'issue_comment');
  if (!delivery) throw new Error('no delivery');
  const of = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex');
  const body = JSON.stringify(delivery.payload);
  const right = of(github.app.webhookSecret, body);
  const wrong = [
    `sha256=${of('another secret', body)}`,
    `sha256=${of('', body)}`,
    `sha256=${of(github.app.webhookSecret, `${body} `)}`,
    `sha256=${right.slice(0, 63)}`,
    `sha1=${right}`,
    right,
    '',
  ];
  for (const signature of wrong) expect(await github.deliveries.forge(delivery, signature), signature).toBeGreaterThanOrEqual(400);
  await bot.settled();
  expect({ ...done(), comments: before.comments }).toEqual(before);
  expect(team.pullOf('signed')).toBe(0);
  // The same bytes with the right one: it was the signature.
  expect(await github.deliveries.forge(delivery, `sha256=${right}`)).toBeLessThan(300);
  await github.deliveries.release();
  await bot.settled();
  expect(team.pullOf('signed')).not.toBe(0);
});
