import { afterEach, describe, expect, it } from 'vitest';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { monitorWorkflow } from '../../shared/promotion/evidence-document.ts';
import { type BotInProcess, startBot } from '../support/bot/bot-in-process.ts';
import { openRegisteredTeam, type RegisteredTeam } from '../support/bot/registered-team.ts';

let team: RegisteredTeam;
afterEach(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

const since = '2026-11-18T00:00:00Z';
const episode = {
  id: `churn/production/drift/${since}`,
  kind: 'drift',
  since,
  until: null,
  level: 'drift',
  headline: 'churn: `plan` moved.',
} as const;
const wish = { cause: 'drift', key: episode.id, reason: 'drift since 2026-11-18' } as const;

const reportOf = (changes: Partial<MonitoringReport> = {}): MonitoringReport => ({
  schema: 'weighin/monitoring@1',
  model: 'churn',
  stage: 'production',
  version: 'v1',
  createdAt: team.github.clock.iso(),
  window: { start: '2026-11-20T00:00:00Z', end: '2026-11-21T00:00:00Z', rows: 4_100 },
  drift: null,
  performance: null,
  episodes: [],
  retrain: null,
  ...changes,
});

/** A day's run of the schedule, which leaves this report. */
async function day(bots: readonly BotInProcess[], report: unknown, run: object = {}) {
  const { github } = team;
  const { id } = github.playRun({
    path: monitorWorkflow,
    event: 'schedule',
    headBranch: 'main',
    headSha: github.git.head('main') ?? '',
    actor: 'anna',
    artifacts: [{ name: 'weighin-monitoring-churn-1', files: { 'churn/monitoring.json': JSON.stringify(report) } }],
    ...run,
  });
  const ends = await Promise.all(bots.map((bot) => bot.work([{ kind: 'run', id }])));
  github.clock.advance({ hours: 24 });
  return { id, ends };
}

const issues = () =>
  [...team.github.repository.issues.values()]
    .filter(({ title }) => title.includes('drift'))
    .map(({ number, state, title, body }) => ({ number, state, title, body: body ?? '' }));
const dispatched = () => team.github.dispatches.filter(({ eventType }) => eventType === 'weighin-retrain');
const setUp = async (retrain: object | null = { workflow: 'weighin.yml', cooldown: '3d', on: ['drift'] }) => {
  team = await openRegisteredTeam({ model: { drift: {}, ...(retrain && { retrain }) } });
  return startBot(team.github);
};

describe('an episode of drift', () => {
  it('is one issue that updates and closes itself, and one retraining', async () => {
    const bot = await setUp();
    await day([bot], reportOf({ episodes: [episode], retrain: wish }));
    await day([bot], reportOf({ episodes: [{ ...episode, headline: 'churn: `plan` and `tenure` moved.' }], retrain: wish }));
    expect(issues()).toMatchObject([{ state: 'open', title: 'churn production: drift since 2026-11-18' }]);
    expect(issues()[0]?.body).toContain('`tenure`');
    expect(issues()[0]?.body).toContain('started 2026-11-21');
    expect(dispatched().map(({ payload }) => payload)).toMatchObject([{ model: 'churn', key: episode.id, workflow: 'weighin.yml' }]);
    await day([bot], reportOf({ episodes: [{ ...episode, until: '2026-11-23T00:00:00Z' }] }));
    expect(issues()).toMatchObject([{ state: 'closed' }]);
    // A person opens it again: it is theirs now.
    team.github.issue(issues()[0]?.number ?? 0).state = 'open';
    await day([bot], reportOf());
    expect(issues()).toMatchObject([{ state: 'open' }]);
    expect(dispatched()).toHaveLength(1);
    expect(bot.errors).toEqual([]);
  });

  it('waits for the cooldown, says so, and starts when it is over', async () => {
    const bot = await setUp();
    await day([bot], reportOf({ episodes: [episode], retrain: wish }));
    const next = { ...episode, id: 'churn/production/drift/2026-11-21T00:00:00Z', since: '2026-11-21T00:00:00Z' };
    const again = { ...wish, key: next.id };
    const over = { ...episode, until: '2026-11-20T00:00:00Z' };
    await day([bot], reportOf({ episodes: [over, next], retrain: again }));
    expect(dispatched()).toHaveLength(1);
    expect(issues().at(-1)?.body).toContain('`COOLDOWN`');
    for (let days = 0; days < 3; days++) await day([bot], reportOf({ episodes: [next], retrain: again }));
    expect(dispatched().map(({ payload }) => payload['key'])).toEqual([episode.id, next.id]);
    expect(issues().at(-1)?.body).toContain('started 2026-11-24');
  });

  it('starts nothing where the policy asks for no retraining', async () => {
    const bot = await setUp(null);
    await day([bot], reportOf({ episodes: [episode], retrain: wish }));
    expect(dispatched()).toEqual([]);
    expect(issues()[0]?.body).toContain('not set up');
  });

  it('takes nothing from a run of another workflow, branch or event, nor of an older run', async () => {
    const bot = await setUp();
    const open = reportOf({ episodes: [episode], retrain: wish });
    const elsewhere = [
      { headRepo: null },
      { artifacts: [{ name: 'weighin-monitoring-churn-2', files: { 'churn/monitoring.json': JSON.stringify(open) } }] },
    ];
    for (const from of [
      { path: '.github/workflows/other.yml' },
      { headBranch: 'evil' },
      { event: 'pull_request' },
      { event: 'push' },
      ...elsewhere,
    ])
      await day([bot], open, from);
    expect(issues()).toEqual([]);
    const first = await day([bot], open);
    await day([bot], reportOf({ episodes: [{ ...episode, until: '2026-11-23T00:00:00Z' }] }));
    await bot.work([{ kind: 'run', id: first.id }]);
    expect(issues()).toMatchObject([{ state: 'closed' }]);
    expect(dispatched()).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['another model in its folder', { model: 'fraud', episodes: [{ ...episode, id: `fraud/production/drift/${since}` }] }],
    ['a stage that the policy does not know', { stage: 'shadow', episodes: [{ ...episode, id: `churn/shadow/drift/${since}` }] }],
    ['a further key', { extra: 1 }],
  ])('ignores a report of %s', async (_, broken) => {
    const bot = await setUp();
    await day([bot], typeof broken === 'string' ? broken : { ...reportOf({ episodes: [episode] }), ...broken });
    expect(issues()).toEqual([]);
    expect(['fraud/production', 'churn/shadow'].map((of) => team.state(`monitoring/${of}.json`))).toEqual([null, null]);
  });

  it('mentions nobody and links nowhere, whatever a column is called', async () => {
    const bot = await setUp();
    const headline = '@octocat [x](https://evil.example) <img src=x> #1';
    await day([bot], reportOf({ episodes: [{ ...episode, headline }] }));
    expect(issues()[0]?.body).not.toMatch(/(?<![\\`])@octocat|\]\(https:\/\/evil|<img/);
  });

  it('ends the same wherever the bot dies, and with two bots at once', async () => {
    const deaths = [1, 2, 3, 4, 5].flatMap((write) => [{ write, when: 'before' } as const, { write, when: 'after' } as const]);
    for (const [index, death] of deaths.entries()) {
      if (index > 0) await team.close();
      const bot = await setUp();
      const other = await startBot(team.github);
      const report = reportOf({ episodes: [episode], retrain: wish });
      bot.doom(death);
      const { id } = await day([bot, other], report);
      team.github.clock.advance({ minutes: 5 });
      // On GitHub each dispatch is a run of the workflow that listens.
      for (const _ of dispatched())
        team.github.playRun({
          path: '.github/workflows/weighin.yml',
          event: 'repository_dispatch',
          headBranch: 'main',
          headSha: team.github.git.head('main') ?? '',
          actor: 'anna',
        });
      const heir = await startBot(team.github);
      await heir.work([{ kind: 'run', id }]);
      await heir.work([{ kind: 'sweep' }]);
      expect(
        issues().filter(({ state }) => state === 'open'),
        JSON.stringify(death),
      ).toHaveLength(1);
      expect(dispatched(), JSON.stringify(death)).toHaveLength(1);
      expect(team.state('monitoring/churn/production.json')).toMatchObject({
        retrainings: [{ state: 'dispatched' }],
        episodes: [{ issue: issues().find(({ state }) => state === 'open')?.number }],
      });
    }
  });
});
