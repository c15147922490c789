import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';
import { type RunningBotProcess, runBot } from '../../support/bot/run-bot.ts';

let team: AttackedTeam;
let others: RunningBotProcess[];
beforeEach(async () => {
  others = [];
  team = await openAttackedTeam(
    { taken: { approvals: 1 }, rolled: { approvals: 1, rollout: 'careful' } },
    { top: { rollouts: { careful: { strategy: 'canary' } } } },
  );
});
afterEach(async () => {
  expect(team.github.unknown).toEqual([]);
  for (const other of others) await other.stop();
  await team.close();
});

async function merge(stage: string, version: number, bot: RunningBotProcess) {
  const { github } = team;
  github.comment(team.desk, `/promote churn@v${version} ${stage}`, 'anna');
  await bot.settled();
  const number = team.pullOf(stage);
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  expect(team.verdict(number).conclusion).toBe('success');
  github.mergePull(number, 'ben');
  return number;
}

/** Another process of the same server, to which deliveries go from now on. */
async function takeOver(): Promise<RunningBotProcess> {
  const other = await runBot(team.github);
  others.push(other);
  return other;
}

/** Holds one process up right before its commit of that message reaches GitHub, for as long as `meanwhile` takes. */
function holdUp(message: RegExp, meanwhile: () => Promise<void>): { readonly outcome: () => Promise<void> | null } {
  let outcome: Promise<void> | null = null;
  team.github.faults.add({
    match: /^POST .*graphql/,
    body: message,
    before: async () => {
      outcome = meanwhile();
      // What goes wrong in it is the test's to tell, not the double's.
      await outcome.catch(() => {});
    },
  });
  return { outcome: () => outcome };
}

it('stale process after a takeover', async () => {
  const { github, bot } = team;
  await merge('taken', 1, bot);
  await bot.settled();
  let now: unknown;
  const stale = holdUp(/Start churn@v2 taken/, async () => {
    const fresh = await takeOver();
    // Its first sweep starts what is merged.
    await expect.poll(() => team.live('taken'), { timeout: 15_000 }).toMatchObject({ generation: 2, stable: { number: 2 } });
    github.comment(team.desk, '/rollback churn taken --reason "errors"', 'ben');
    await fresh.settled();
    now = team.live('taken');
  });
  const number = await merge('taken', 2, bot);
  await bot.settled();
  await expect(stale.outcome()).resolves.toBeUndefined();
  // It would have started v2, which is rolled back and held by now.
  expect(now).toMatchObject({ stable: { number: 1 }, holds: [{ reason: 'errors' }] });
  expect(team.live('taken')).toEqual(now);
  expect(github.deployments('churn/taken').filter(({ payload }) => JSON.stringify(payload).includes('"churn.taken.2"'))).toHaveLength(1);
  expect(team.ownComments(number).filter((body) => body.startsWith('<!-- weighin:started'))).toHaveLength(1);
  const events = (github.git.file('weighin/state', 'events/churn/taken/2.jsonl') ?? '').trim().split('\n');
  expect(events.filter((line) => line.includes('"promotion.started"'))).toHaveLength(1);
});

it('lock deleted by an expired holder', async () => {
  const { github, bot } = team;
  await merge('rolled', 1, bot);
  await bot.settled();
  // There is no lock to delete: the phase is it, in a document that only its own revision can follow.
  expect(team.live('rolled')).toMatchObject({ generation: 1, phase: 'pending', candidate: { number: 1 } });
  const [deployment] = github.deployments('churn/rolled');
  const told = await fetch(`${github.apiUrl}/repos/acme/churn/deployments/${deployment?.id}/statuses`, {
    method: 'POST',
    headers: { authorization: `bearer ${github.token.user('ben')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ state: 'success' }),
  });
  expect(told.status).toBe(201);
  let now: unknown;
  const expired = holdUp(/Finish the rollout of churn rolled/, async () => {
    // Somebody else releases the stage, and the next promotion takes it.
    const fresh = await takeOver();
    await expect.poll(() => team.live('rolled'), { timeout: 15_000 }).toMatchObject({ phase: 'succeeded' });
    await merge('rolled', 2, fresh);
    await fresh.settled();
    now = team.live('rolled');
  });
  const old = await runBot(github, { deliver: false });
  others.push(old);
  await expect.poll(() => expired.outcome(), { timeout: 15_000 }).not.toBeNull();
  await expect(expired.outcome()).resolves.toBeUndefined();
  await old.settled();
  expect(now).toMatchObject({ generation: 2, phase: 'pending', stable: { number: 1 }, candidate: { number: 2 } });
  expect(team.live('rolled')).toEqual(now);
});
