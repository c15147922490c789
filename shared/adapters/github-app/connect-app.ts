import { App, type Octokit } from 'octokit';
import { z } from 'zod';
import { type AppPermission, permissionsToAsk } from '../../doctor/app-permissions.ts';
import { describeFailure, forgeAnswered, forgeLimited, forgeRefused, forgeUnreachable, limitOf } from '../github-forge/forge-error.ts';
import { type ClientOptions, octokitDefaults } from './open-octokit.ts';

export interface AppConnection {
  /** Who the App is, as GitHub says it: proves that key and id belong together. */
  identify(): Promise<AppFacts>;
  installations(): Promise<readonly Installation[]>;
  /** Every repository that an installation reaches. */
  repositories(installation: number): Promise<readonly { readonly owner: string; readonly name: string }[]>;
  /** The installation that reaches a repository; null where the App is not installed there. */
  installationOf(owner: string, name: string): Promise<Installation | null>;
  /**
   * A client whose tokens reach one repository, with the permissions of ours that the installation grants and no others. A token is
   * asked for when it is needed, and again before it ends.
   */
  repositoryClient(repository: { readonly installation: number; readonly owner: string; readonly name: string }): Promise<RepositoryClient>;
  /** Webhook deliveries, newest first. `cursor` comes from the page before. */
  deliveries(cursor: string | null): Promise<{ readonly deliveries: readonly Delivery[]; readonly next: string | null }>;
  /** What a delivery held. */
  deliveredPayload(id: string): Promise<unknown>;
}

export interface AppFacts {
  readonly id: number;
  readonly slug: string;
  readonly events: readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
}
export interface Installation {
  readonly id: number;
  readonly account: string;
  readonly suspended: boolean;
  readonly permissions: Readonly<Record<string, string>>;
}
export interface RepositoryClient {
  readonly octokit: Octokit;
  /** Of ours that the installation does not grant. */
  readonly missing: readonly AppPermission[];
}
export interface Delivery {
  readonly id: string;
  /** The same for a delivery and its redeliveries. */
  readonly guid: string;
  readonly event: string;
  readonly statusCode: number;
  readonly deliveredAt: string;
}

const appSchema = z.object({
  id: z.number(),
  slug: z.string(),
  events: z.array(z.string()).default([]),
  permissions: z.record(z.string(), z.string()).default({}),
});
const installationSchema = z.object({
  id: z.number(),
  account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullish(),
  suspended_at: z.string().nullish(),
  permissions: z.record(z.string(), z.string()).default({}),
});
const repositoriesSchema = z.object({
  repositories: z.array(z.object({ name: z.string(), owner: z.object({ login: z.string() }), archived: z.boolean().default(false) })),
});
const tokenSchema = z.object({ token: z.string().min(1), expires_at: z.string() });
// Ids of deliveries outgrow what a JSON number keeps: they are kept as the text that addresses them.
const deliverySchema = z.object({
  id: z.union([z.number(), z.string()]).transform(String),
  guid: z.string(),
  event: z.string(),
  status_code: z.number(),
  delivered_at: z.string(),
});
const payloadSchema = z.object({ request: z.object({ payload: z.unknown() }) });

/** So long before its end a token is not used any more: a request may wait, and clocks differ. */
const margin = 5 * 60_000;

export function connectApp({
  appId,
  privateKey,
  now = Date.now,
  ...options
}: ClientOptions & { readonly appId: number; readonly privateKey: string; readonly now?: () => number }): AppConnection {
  const Client = octokitDefaults(options);
  const { octokit } = new App({ appId, privateKey, Octokit: Client, log: { debug() {}, info() {}, warn() {}, error() {} } });

  const ask = async <Shape>(route: string, parameters: Record<string, unknown>, schema: z.ZodType<Shape>, client = octokit) => {
    const { data, headers } = await answerOf(route, client.request(route, parameters));
    const parsed = schema.safeParse(data);
    if (!parsed.success) throw forgeAnswered(route, z.prettifyError(parsed.error));
    return { data: parsed.data, next: nextPage(headers.link) };
  };

  const mint = async (installation: number, name: string | null, permissions: Readonly<Record<string, string>>) => {
    const { data } = await ask(
      'POST /app/installations/{installation_id}/access_tokens',
      { installation_id: installation, ...(name !== null && { repositories: [name] }), permissions },
      tokenSchema,
    );
    return { token: data.token, until: Date.parse(data.expires_at) - margin };
  };

  /** One token at a time, minted again when it nears its end or GitHub does not take it any more. */
  const withTokens = (mintOne: () => Promise<{ readonly token: string; readonly until: number }>) => {
    const client = new Client();
    let current: ReturnType<typeof mintOne> | null = null;
    const token = async () => {
      const before = current;
      const known = await before?.catch(() => null);
      if (known && known.until > now()) return known.token;
      // Whoever waited as well finds the new one.
      if (current === before) current = mintOne();
      return (await (current ?? mintOne())).token;
    };
    client.hook.wrap('request', async (request, parameters) => {
      const send = async () => {
        parameters.headers['authorization'] = `token ${await token()}`;
        return request(parameters);
      };
      try {
        return await send();
      } catch (error) {
        if (describeFailure(error).status !== 401) throw error;
        current = null;
        return send();
      }
    });
    return client;
  };

  const everyPage = async <Shape>(route: string, schema: z.ZodType<Shape>, client = octokit): Promise<Shape[]> => {
    const pages: Shape[] = [];
    for (let page = 1; ; page++) {
      const { data, next } = await ask(route, { per_page: 100, page }, schema, client);
      pages.push(data);
      if (!next) return pages;
    }
  };

  return {
    async identify() {
      return (await ask('GET /app', {}, appSchema)).data;
    },

    async installations() {
      return (await everyPage('GET /app/installations', z.array(installationSchema))).flat().map(installationFacts);
    },

    async repositories(installation) {
      const client = withTokens(() => mint(installation, null, { metadata: 'read' }));
      const pages = await everyPage('GET /installation/repositories', repositoriesSchema, client);
      return pages.flatMap(({ repositories }) =>
        // Nothing can be written to an archived one, so there is nothing to look after.
        repositories.filter(({ archived }) => !archived).map(({ name, owner }) => ({ owner: owner.login, name })),
      );
    },

    async installationOf(owner, name) {
      try {
        const { data } = await ask('GET /repos/{owner}/{repo}/installation', { owner, repo: name }, installationSchema);
        return installationFacts(data);
      } catch (error) {
        if (describeFailure(error instanceof Error ? error.cause : error).status === 404) return null;
        throw error;
      }
    },

    async repositoryClient({ installation, name }) {
      const route = 'GET /app/installations/{installation_id}';
      const granted = async () =>
        permissionsToAsk((await ask(route, { installation_id: installation }, installationSchema)).data.permissions);
      let first: Awaited<ReturnType<typeof granted>> | null = await granted();
      const { missing } = first;
      const client = withTokens(async () => {
        // Asked again with each later token: an owner may have granted more since, or less.
        const { ask: permissions } = first ?? (await granted());
        first = null;
        return mint(installation, name, permissions);
      });
      return { octokit: client, missing };
    },

    async deliveries(cursor) {
      const parameters = { per_page: 100, ...(cursor !== null && { cursor }) };
      const { data, next } = await ask('GET /app/hook/deliveries', parameters, z.array(deliverySchema));
      return {
        deliveries: data.map(({ id, guid, event, status_code, delivered_at }) => ({
          id,
          guid,
          event,
          statusCode: status_code,
          deliveredAt: delivered_at,
        })),
        next: next ? new URL(next).searchParams.get('cursor') : null,
      };
    },

    async deliveredPayload(id) {
      return (await ask('GET /app/hook/deliveries/{delivery_id}', { delivery_id: id }, payloadSchema)).data.request.payload;
    },
  };
}

const installationFacts = ({ id, account, suspended_at, permissions }: z.output<typeof installationSchema>): Installation => ({
  id,
  account: account?.login ?? account?.slug ?? '',
  suspended: typeof suspended_at === 'string',
  permissions,
});

/** Octokit's errors in the words that the bot's queue understands; `cause` keeps the answer. */
async function answerOf<Answer>(route: string, request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (cause) {
    const failure = describeFailure(cause);
    const limit = limitOf(failure);
    const error =
      limit !== null
        ? forgeLimited(route, limit)
        : failure.status === null || failure.status >= 500
          ? forgeUnreachable(route, failure)
          : forgeRefused(route, failure);
    error.cause = cause;
    throw error;
  }
}

const nextPage = (link: string | undefined) => /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1] ?? null;
