import { z } from 'zod';
import type { AppKey } from './connect-forge.ts';

/** Everything that the bot ever asks for (docs/install.md gives each its reason), and nothing that the App may have beyond it. */
const wantedPermissions = {
  actions: 'read',
  attestations: 'read',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  members: 'read',
  merge_queues: 'read',
  metadata: 'read',
  pull_requests: 'write',
} as const;

/** Permissions for one token: what is wanted, as far as the installation was given it; GitHub refuses a token that asks for more. */
function narrowPermissions(granted: Readonly<Record<string, string>>): Record<string, 'read' | 'write'> {
  const narrowed: Record<string, 'read' | 'write'> = {};
  for (const [name, level] of Object.entries(wantedPermissions)) {
    const given = new Map(Object.entries(granted)).get(name);
    if (given === 'write' || given === 'admin') narrowed[name] = level;
    else if (given === 'read') narrowed[name] = 'read';
  }
  return narrowed;
}

interface MintOptions {
  readonly app: AppKey;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly owner: string;
  readonly repo: string;
}
/** Octokit's request, as an authentication strategy meets it. */
interface HookedRequest {
  (endpoint: object): Promise<unknown>;
  readonly endpoint: { readonly merge: (route: string | object, parameters?: object) => { headers: Record<string, unknown> } };
}
interface Token {
  readonly token: string;
  /** On this process's own clock, which nobody sets. */
  readonly ends: number;
}

const installationSchema = z.object({ id: z.number(), permissions: z.record(z.string(), z.string()) });
const tokenSchema = z.object({ token: z.string(), expires_at: z.string() });
/** Renewed this long before it ends, so that none ends under way. */
const spareMilliseconds = 5 * 60_000;

/** An authentication strategy of Octokit's: tokens of an App for one repository alone, narrowed, made anew before they end. */
export function mintTokens(options: MintOptions) {
  let kept: Promise<Token> | null = null;
  const token = async (): Promise<string> => {
    const held = await kept;
    if (held && held.ends - performance.now() > spareMilliseconds) return held.token;
    const asked = mint(options);
    kept = asked;
    // A failure is not kept: the next request tries again.
    asked.catch(() => {
      if (kept === asked) kept = null;
    });
    return (await asked).token;
  };
  return Object.assign(async () => ({ type: 'token', token: await token() }), {
    hook: async (request: HookedRequest, route: string | object, parameters?: object) => {
      const endpoint = request.endpoint.merge(route, parameters);
      endpoint.headers['authorization'] = `token ${await token()}`;
      return request(endpoint);
    },
  });
}

async function mint({ app: key, settings, owner, repo }: MintOptions): Promise<Token> {
  const { App, Octokit } = await import('octokit');
  const { octokit } = new App({ appId: key.id, privateKey: key.privateKey, Octokit: Octokit.defaults(settings) });
  const found =
    key.installationId === undefined
      ? await octokit.request('GET /repos/{owner}/{repo}/installation', { owner, repo })
      : await octokit.request('GET /app/installations/{installation_id}', { installation_id: key.installationId });
  const { id, permissions } = installationSchema.parse(found.data);
  const made = await octokit.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: id,
    repositories: [repo],
    permissions: narrowPermissions(permissions),
  });
  const { token, expires_at: expires } = tokenSchema.parse(made.data);
  // How long it lives is told by GitHub's clock alone: a runner's may be wrong.
  const lives = Date.parse(expires) - Date.parse(String(made.headers.date ?? ''));
  return { token, ends: performance.now() + (Number.isFinite(lives) ? lives : 0) };
}
