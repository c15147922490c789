import { Octokit } from 'octokit';
import { createGitHubForge } from '../../../shared/adapters/github-forge/create-github-forge.ts';
import type { RolloutConfig } from '../../../shared/config/rollout-schema.ts';
import type { LiveDocument } from '../../../shared/promotion/live-document.ts';
import type { MetricReading, MetricSource } from '../../../shared/rollout/engine/metric-source.ts';
import { createGuard } from '../../../shared/rollout/guard/create-guard.ts';
import { guardEngine } from '../../../shared/rollout/guard/guard-engine.ts';
import { type BotInProcess, hintsOf, startBot } from '../bot/bot-in-process.ts';
import { openRegisteredTeam } from '../bot/registered-team.ts';
import { createMemoryTarget, createTrafficWorld } from './memory-target.ts';

export const guardedRollout: RolloutConfig = {
  strategy: 'canary',
  guard: { driver: 'server', maxSilence: '60s' },
  steps: [
    { weight: 10, hold: '5m' },
    { weight: 50, hold: '5m' },
    { weight: 100, hold: '5m' },
  ],
  metrics: [{ name: 'error_rate', bad: 'bad', total: 'all', max: 0.02, hardMax: 0.5 }],
  minSamples: 50,
  target: { kind: 'serve', urls: ['http://127.0.0.1:1'], token: { env: 'T' } },
  source: { scrape: ['http://127.0.0.1:1/metrics'] },
};

/**
 * A team whose rollouts are carried out: bot and guard, each with a connection of its own to the double, and traffic that flows by the target's
 * weights. The double's clock is everybody's.
 */
export async function openGuardedTeam(rollout: RolloutConfig = guardedRollout) {
  const team = await openRegisteredTeam({
    stages: { production: { approvals: 1, rollout: 'careful' } },
    top: { rollouts: { careful: rollout } },
    versions: 3,
  });
  const { github } = team;
  const bot: BotInProcess = await startBot(github);
  const traffic = createTrafficWorld();
  const counters = { candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } };
  const issue = github.openIssue({ title: 'Release', by: 'anna' }).number;

  /** What people or the guard do, and everything that the bot then hears. */
  let heard = github.deliveries.all.length;
  async function hear<Done>(does: () => Done): Promise<Awaited<Done>> {
    const done = await does();
    while (heard < github.deliveries.all.length) {
      const next = github.deliveries.all.slice(heard);
      heard = github.deliveries.all.length;
      await bot.work(next.flatMap((delivery) => hintsOf(delivery, github)));
    }
    return done;
  }

  const octokit = new Octokit({ auth: github.token.installation(), baseUrl: github.apiUrl, throttle: { enabled: false } });
  const forge = await createGitHubForge({ octokit, owner: 'acme', repo: 'churn', appId: github.app.id });
  const world = {
    team,
    github,
    bot,
    traffic,
    hear,
    candidateBad: 0.005,
    stableBad: 0.005,
    perSecond: 50,
    /** In place of counts. */
    missing: null as Extract<MetricReading, { is: 'missing' }> | null,
    live: () => team.state('live/churn/production.json') as LiveDocument,
    percent: () => (traffic.so?.candidate ? traffic.so.percent : 0),
    say: (body: string, by = 'anna', on = issue) => hear(() => github.comment(on, body, by)),
    /** Asked for, approved and merged: its promotion's pull request. */
    async promote(version: number): Promise<number> {
      await world.say(`/promote churn@v${version} production`);
      const pull = team.promotionPull();
      await hear(() => github.review(pull, 'dora', 'APPROVED'));
      await hear(() => github.mergePull(pull, 'ben'));
      return pull;
    },
    /** Seconds of traffic, a look of the guard every ten. */
    async pass(seconds: number) {
      for (let left = seconds; left > 0; left -= 10) {
        github.clock.advance({ seconds: 10 });
        const total = world.perSecond * 10;
        const some = Math.round((total * world.percent()) / 100);
        const add = (arm: { bad: number; total: number }, count: number, share: number) => {
          arm.total += count;
          arm.bad += Math.round(count * share);
        };
        add(counters.candidate, some, world.candidateBad);
        add(counters.stable, total - some, world.stableBad);
        await hear(() => guard.tick());
      }
    },
  };
  const source: MetricSource = {
    async read({ state, now }) {
      const before = state as (typeof counters & { at: number }) | null;
      const so = structuredClone(counters);
      const since = (arm: 'candidate' | 'stable') => ({
        bad: so[arm].bad - (before?.[arm].bad ?? so[arm].bad),
        total: so[arm].total - (before?.[arm].total ?? so[arm].total),
      });
      return {
        from: before?.at ?? null,
        to: now,
        metrics: {
          error_rate: world.missing ?? { is: 'counts', candidate: since('candidate'), stable: since('stable'), lastMinute: null },
        },
        distributions: {},
        state: world.missing && before ? before : { ...so, at: now },
      };
    },
    history: async () => ({ error_rate: Array.from({ length: 48 }, () => ({ bad: 75, total: 15_000 })) }),
    close: async () => undefined,
  };
  const guard = createGuard({
    forge,
    repository: 'acme/churn',
    identity: { id: forge.identity.id, login: forge.identity.login, type: 'Bot' },
    by: 'weighin[bot]/0.1.0',
    owner: 'pod-a',
    engine: guardEngine,
    openTarget: async () => createMemoryTarget(traffic),
    openSource: async () => source,
    runCheck: async () => ({ ok: true, detail: 'well' }),
    now: () => github.clock.now(),
    log: { info() {}, warn() {} },
    every: 10_000,
  });
  return {
    ...world,
    world,
    async close() {
      await guard.stop();
      await team.close();
    },
  };
}
export type GuardedTeam = Awaited<ReturnType<typeof openGuardedTeam>>;
