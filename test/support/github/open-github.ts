import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, type AppFacts, account, actionsApp, appEvents, appKeys, appPermissions } from './accounts.ts';
import { createClock } from './clock.ts';
import { createEvents } from './events.ts';
import { createFaults } from './faults.ts';
import { createBareRepository } from './git/bare-repository.ts';
import { addRepository } from './open-repository.ts';
import { allRoutes } from './routes/all-routes.ts';
import { type LoggedRequest, listen } from './server.ts';
import { createDesk } from './test-desk.ts';
import { createDeliveries, type Deliveries } from './webhooks.ts';
import type { World } from './world.ts';

export interface GitHubOptions {
  readonly owner?: string;
  /** `User`: no teams there. */
  readonly ownerType?: 'Organization' | 'User';
  readonly repo?: string;
  readonly privateRepo?: boolean;
  /** Where GitHub's clock stands. */
  readonly now?: Date | string;
  /** What the App was granted, instead of what the documents ask for. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** The events that the App gets. */
  readonly events?: readonly string[];
}

/**
 * GitHub, for tests and for `npm run demo`: HTTP on a port of its own (`url`; REST at `/api/v3`, uploads at `/api/uploads`, GraphQL at
 * `/api/graphql`), a real bare Git repository behind it (`git.path`), and a clock that only the test moves. Nothing is mocked in the
 * caller's process.
 *
 *     const github = await openGitHub({ owner: 'acme', repo: 'churn' });
 *     github.users.add({ login: 'alice', role: 'write', teams: ['ml'] });
 *     github.git.commit({ branch: 'main', files: { 'weighin.yaml': '…' } });
 *     const sha = github.git.commit({ branch: 'new', base: 'main', files: { 'train.py': '…' }, by: 'alice' });
 *     const pull = github.openPull({ branch: 'new', title: 'New features', by: 'alice' });      // fork: true, from alice's fork
 *     github.comment(pull.number, '/promote churn to production', 'alice');                     // makes a delivery
 *     github.review(pull.number, 'bob', 'APPROVED');
 *     github.playRun({ path: '.github/workflows/weighin.yml', event: 'pull_request', headBranch: 'new', headSha: sha, actor: 'alice',
 *       artifacts: [{ name: 'report', files: { 'report.json': '{}' } }] });
 *     github.protect({ refs: ['refs/heads/weighin/**'], rules: [{ type: 'update' }], bypass: ['app'] });
 *     github.faults.add({ match: /^POST .*comments/, status: 502, arrives: true });
 *     github.deliveries.sendTo(url);  github.deliveries.hold();  await github.deliveries.settled();
 *     github.clock.advance({ hours: 6 });
 *     github.token.installation();  github.token.workflow({ contents: 'read' });  github.token.user('alice');
 *     expect(github.checks(sha)).toMatchObject([{ name: 'weighin', conclusion: 'success' }]);
 *     expect(github.unknown).toEqual([]);             // no route or field that the double does not know, and no failure of its own
 *     await github.close();
 *
 * What tests do through this object is an act of God: it needs no permission and no ruleset keeps it (`mergePull` alone asks the rules,
 * unless it is told to `force`), and it makes the same events. A token is good until it is revoked, whatever the clock says.
 *
 * Where it is not GitHub: an App's token needs its permissions on a public repository too; what a workflow's token does makes no
 * delivery at all (GitHub's starts no workflow, and Apps hear of it), since a bot must not rely on hearing of it.
 */
export async function openGitHub(options: GitHubOptions = {}) {
  const { owner: ownerLogin = 'acme', repo = 'churn', privateRepo = true, ownerType = 'Organization' } = options;
  const clock = createClock(options.now ?? '2026-11-21T09:00:00Z');
  let last = 1000;
  const nextId = () => ++last;
  const owner = account(nextId(), ownerLogin, ownerType);
  const app = makeApp(nextId(), owner, options);
  const webhookSecret = 'the-webhook-secret-of-the-double';
  const requests: LoggedRequest[] = [];
  const unknown: string[] = [];
  const faults = createFaults();
  const deliveries: Deliveries = createDeliveries({ secret: webhookSecret, now: clock.iso, nextId });
  const events = createEvents(
    () => world,
    deliveries,
    () => app.events,
  );
  const reset = Math.floor(clock.now().getTime() / 1000) + 3600;
  const rate = { core: { limit: 5000, used: 0, reset }, graphql: { limit: 5000, used: 0, reset } };
  const world: World = {
    clock,
    addresses: { html: '', api: '', uploads: '', blobs: '' },
    owner,
    app,
    apps: new Map([app, actionsApp].map((one) => [one.id, one])),
    accounts: new Map([owner, app.bot, actionsApp.bot].map((one) => [one.login.toLowerCase(), one])),
    teams: new Map(),
    repositories: [],
    tokens: new Map(),
    installationId: nextId(),
    webhookSecret,
    blobs: new Map(),
    dispatches: [],
    workflowDispatches: [],
    manifests: new Map(),
    deliveries,
    unknown,
    rate,
    nextId,
    emit: events.emit,
  };
  const folder = mkdtempSync(join(tmpdir(), 'weighin-github-'));
  const { server, blobs, url, blobUrl } = await listen({ world, routes: allRoutes, faults, requests, unknown, rate });
  Object.assign(world.addresses, { html: url, api: `${url}/api/v3`, uploads: `${url}/api/uploads`, blobs: blobUrl });
  const repository = addRepository(world, {
    owner,
    name: repo,
    private: privateRepo,
    git: createBareRepository(join(folder, `${repo}.git`)),
  });

  return {
    url,
    apiUrl: `${url}/api/v3`,
    graphqlUrl: `${url}/api/graphql`,
    app: {
      id: app.id,
      slug: app.slug,
      clientId: app.clientId,
      get privateKey() {
        return appKeys().privateKey;
      },
      webhookSecret,
      installationId: world.installationId,
      botId: app.bot.id,
      botLogin: app.bot.login,
    },
    clock,
    faults,
    /** Webhooks, on their way. */
    deliveries,
    /** Everything that happened, whether or not the App hears of it. */
    events,
    /** repository_dispatch, as received. */
    dispatches: world.dispatches,
    workflowDispatches: world.workflowDispatches,
    requests: requests as readonly LoggedRequest[],
    /** How many requests match `METHOD /path`. */
    count: (match: RegExp): number => requests.filter(({ method, path }) => match.test(`${method} ${path}`)).length,
    /** What the double does not know: a test asserts that it is empty. */
    unknown,
    rate,
    world,
    repository,
    /** Another repository under the same installation. */
    addRepository: (name: string, isPrivate = true) =>
      addRepository(world, { owner, name, private: isPrivate, git: createBareRepository(join(folder, `${name}.git`)) }),
    ...createDesk(world, repository),
    async close(): Promise<void> {
      deliveries.sendTo(null);
      for (const one of [server, blobs]) one.closeAllConnections();
      await Promise.all([server, blobs].map((one) => new Promise((resolve) => one.close(resolve))));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type GitHub = Awaited<ReturnType<typeof openGitHub>>;

function makeApp(id: number, owner: Account, options: GitHubOptions): AppFacts {
  return {
    id,
    slug: 'weighin',
    clientId: 'Iv23liweighindouble',
    name: 'Weighin',
    bot: account(id + 200_000, 'weighin[bot]', 'Bot'),
    owner,
    permissions: options.permissions ?? appPermissions,
    events: options.events ?? appEvents,
  };
}
