import type { AddressInfo } from 'node:net';
import { Probot } from 'probot';
import { connectApp } from '../../shared/adapters/github-app/connect-app.ts';
import { proxiedFetch } from '../../shared/adapters/github-forge/proxied-fetch.ts';
import { InfrastructureError, UserError } from '../../shared/errors.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { weighinApp } from '../app.ts';
import { createBoardRoutes } from '../board/board-routes.ts';
import { createHeartbeats } from '../board/heartbeats.ts';
import { createBoardFactsReader } from '../board/read-board-facts.ts';
import type { BotContext, Hint } from '../bot-context.ts';
import type { RepositoryAddress } from '../handlers/read-delivery.ts';
import { createWorkQueue } from '../queue/work-queue.ts';
import { createHttpServer } from './http-server.ts';
import { keepContexts } from './keep-contexts.ts';
import { landingPage } from './landing-page.ts';
import type { ServerLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createMissedDeliveries } from './missed-deliveries.ts';
import type { BotSettings } from './settings.ts';
import { createSweepTimer } from './sweep-timer.ts';

export interface BotParts {
  readonly settings: BotSettings;
  readonly version: string;
  readonly log: ServerLog;
  readonly handleWork: (context: BotContext, hints: readonly Hint[]) => Promise<void>;
  readonly openForge: (place: ForgePlace) => Promise<Forge>;
  readonly createContext: (forge: Forge, log: ServerLog) => BotContext;
  /** After the last work. */
  readonly close?: () => Promise<void>;
}

export interface ForgePlace {
  readonly octokit: Awaited<ReturnType<ReturnType<typeof connectApp>['repositoryClient']>>['octokit'];
  readonly owner: string;
  readonly repo: string;
  readonly appId: number;
  readonly log: ServerLog;
  /** Through the proxy, where there is one: artifacts lie outside the API. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface RunningBot {
  readonly port: number;
  /** The first round of sweeps was put up. */
  readonly swept: Promise<void>;
  /** Takes nothing more, finishes what it can in time, and ends. True where nothing was left undone. */
  stop(): Promise<boolean>;
}

/** Work that takes longer than this is stuck: no run of ours takes minutes, since nothing here works with data. */
const stuck = 15 * 60_000;
/** A container is killed 30 s after it was asked to end. */
const drainTime = 20_000;

/** The bot as a server: deliveries in, hints in the queue, work on one repository after another. */
export async function createBot({ settings, version, log, handleWork, openForge, createContext, close }: BotParts): Promise<RunningBot> {
  const { appId, privateKey, baseUrl, webhookPath, webhookSecret } = settings;
  const { proxy } = settings;
  const fetch = proxy ? await proxiedFetch({ https_proxy: proxy.url, http_proxy: proxy.url, no_proxy: proxy.except }) : undefined;
  const metrics = createMetrics({ status: () => queue.status() });
  const app = connectApp({ appId, privateKey, baseUrl, userAgent: `weighin/${version}`, onAnswer: metrics.asked, ...(fetch && { fetch }) });

  let login: string | null = null;
  let keyProblem: string | null = 'GitHub was not asked yet';
  const identify = async () => {
    try {
      const facts = await app.identify();
      if (login === null) log.info({ app: facts.slug, api: baseUrl }, `this is ${facts.slug}, App ${facts.id}`);
      [login, keyProblem] = [`${facts.slug}[bot]`, null];
    } catch (error) {
      const refused = error instanceof InfrastructureError && error.code === 'FORGE_REFUSED';
      // A GitHub that can't be reached for a while says nothing about the key: deliveries are still worth taking.
      if (refused || login === null) keyProblem = refused ? 'GitHub refuses APP_ID with PRIVATE_KEY' : 'GitHub can’t be reached';
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        refused ? 'GitHub refuses APP_ID with PRIVATE_KEY' : 'GitHub did not say who this App is',
      );
    }
  };
  const self = () => ({ appId, login });

  const heartbeats = createHeartbeats();
  const contexts = keepContexts({
    async open({ installation, owner, name }) {
      const { octokit, missing } = await app.repositoryClient({ installation, owner, name });
      const here = log.child({ repository: `${owner}/${name}` });
      const needed = missing.filter(({ optional }) => !optional).map((permission) => `${permission.name}: ${permission.access}`);
      if (needed.length > 0)
        here.warn({ missing: needed }, 'the installation does not grant all that the App needs: `weighin doctor` says what to click');
      const forge = await openForge({ octokit, owner, repo: name, appId, log: here, ...(fetch && { fetch }) });
      return { ...createContext(forge, here), heard: (rolloutId) => heartbeats.of(`${owner}/${name}`, rolloutId) };
    },
  });

  // The queue knows repositories by name; the installation that reaches one may change while work waits.
  const addresses = new Map<string, RepositoryAddress>();
  const queue = createWorkQueue({
    log,
    observe: metrics.queue,
    async handle(key, hints) {
      const address = addresses.get(key);
      if (!address) return;
      try {
        await handleWork(await contexts.get(address), hints);
      } catch (error) {
        if (error instanceof InfrastructureError && error.code === 'FORGE_REFUSED') contexts.forget(address);
        throw error;
      }
    },
  });
  const enqueue = (repository: RepositoryAddress, hints: readonly Hint[]) => {
    const key = `${repository.owner}/${repository.name}`;
    addresses.set(key, repository);
    queue.add(key, hints);
  };

  const probot = new Probot({
    appId,
    privateKey,
    secret: webhookSecret,
    baseUrl,
    webhookPath,
    // Probot calls what pino has; ours has all of what it calls, and leaves secrets out.
    log: log as unknown as NonNullable<ConstructorParameters<typeof Probot>[0]>['log'],
    ...(fetch && { request: { fetch } }),
  });
  await probot.load(weighinApp({ enqueue, self, unreadable: (event) => metrics.delivered(event, 'unreadable'), log }));

  const readBoardFacts = createBoardFactsReader();
  const board = createBoardRoutes({
    boardToken: settings.boardToken,
    guardSecret: settings.guardSecret,
    repositories: () => [...addresses.keys()],
    heartbeats,
    async read(repository) {
      const address = addresses.get(repository);
      if (!address) throw new InfrastructureError('NOT_SERVED', 'This bot no longer serves it.');
      return readBoardFacts(await contexts.get(address));
    },
    explain(error, repository) {
      log.warn({ repository, error: error instanceof Error ? error.message : String(error) }, 'the board could not be read');
      return error instanceof UserError || error instanceof InfrastructureError
        ? error.message
        : 'something went wrong inside; the log tells';
    },
  });
  const server = createHttpServer({
    board,
    webhookPath,
    webhookSecret,
    metrics,
    log,
    page: landingPage(version, { board: settings.boardToken !== null }),
    receive: (delivery) => probot.receive(delivery as Parameters<Probot['receive']>[0]),
    notReady: () => keyProblem ?? (queue.status().oldestMilliseconds > stuck ? 'work on a repository is stuck' : null),
  });
  const sweeps = createSweepTimer({
    app,
    enqueue,
    log,
    readMissed: createMissedDeliveries({ app, enqueue, self, log }),
    onSwept(missed) {
      metrics.swept(Date.now());
      metrics.missed(missed);
      void identify();
    },
  });

  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new InfrastructureError('PORT_NOT_FREE', `Can't listen on ${settings.host}:${settings.port}: ${cause.code ?? cause.message}.`, {
          cause,
        }),
      ),
    );
    server.listen({ host: settings.host, port: settings.port }, () => resolve((server.address() as AddressInfo).port));
  });
  log.info({ port }, `listening on http://${settings.host}:${port}${webhookPath}`);
  const swept = identify().then(sweeps.start);

  return {
    port,
    swept,
    async stop() {
      sweeps.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const done = await queue.drain(drainTime);
      await close?.();
      server.closeAllConnections();
      await closed;
      if (!done) log.warn({ ...queue.status() }, 'stopped with work undone: the sweep at the next start finds it');
      return done;
    },
  };
}
