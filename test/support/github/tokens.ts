import { createPublicKey, verify } from 'node:crypto';
import { type AppFacts, appKeys } from './accounts.ts';
import { notAccessible, notFound, Refusal } from './refusal.ts';
import type { Doer, Repository, Role } from './state.ts';
import { asUser, atLeast, roleOf, type World } from './world.ts';

export type Level = 'read' | 'write';
/** What a route needs of a token, each of them; `issues|pull_requests` is either. */
export type Needs = Readonly<Partial<Record<string, Level>>>;

export type Token =
  | {
      readonly kind: 'installation' | 'workflow';
      readonly doer: Doer;
      readonly permissions: Readonly<Record<string, string>>;
      readonly repositories: readonly number[] | null;
    }
  | { readonly kind: 'user'; readonly doer: Doer }
  | { readonly kind: 'app'; readonly app: AppFacts; readonly doer: Doer };

/** Who a request comes from; null without a token. @throws Refusal 401 for a token that nobody gave out */
export function tokenOf(world: World, header: string | undefined): Token | null {
  if (header === undefined || header === '') return null;
  const [scheme = '', value = ''] = header.split(' ');
  if (/^(?:token|bearer)$/i.test(scheme)) {
    const known = world.tokens.get(value);
    if (known) return known;
    if (value.split('.').length === 3) {
      checkJwt(world, value);
      return { kind: 'app', app: world.app, doer: asUser(world.app.bot) };
    }
  }
  throw new Refusal(401, 'Bad credentials');
}

/** Signed by the App's key, for at most ten minutes. Whether it is over is not asked: tests move GitHub's clock, not the machine's. */
function checkJwt(world: World, jwt: string): void {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss?: string | number; iat?: number; exp?: number };
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    createPublicKey(appKeys().publicKey),
    Buffer.from(signature, 'base64url'),
  );
  const mine = String(claims.iss) === String(world.app.id) || claims.iss === world.app.clientId;
  if (!signed || !mine) throw new Refusal(401, 'A JSON web token could not be decoded');
  if ((claims.exp ?? 0) - (claims.iat ?? 0) > 660) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
}

/** Roles that a person's own token needs for what an App's needs a permission for. */
const roleFor = (permission: string, level: Level): Role => {
  if (level === 'read') return 'read';
  if (permission === 'issues' || permission === 'pull_requests') return 'read';
  return permission === 'administration' ? 'admin' : 'write';
};

/**
 * @throws Refusal 404 for a repository that the token does not see, 403 with the permission that it lacks
 *
 * Stricter than GitHub in one thing: an App's token needs the permission on a public repository too, since what it lacks there it
 * lacks on a private one.
 */
export function demand(world: World, token: Token | null, needs: Needs, repository: Repository | null): void {
  if (token?.kind === 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
  const wanted = Object.entries(needs) as [string, Level][];
  if (token === null) {
    if (repository?.private !== false) throw repository ? notFound() : new Refusal(401, 'Requires authentication');
    if (wanted.some(([, level]) => level === 'write')) throw new Refusal(401, 'Requires authentication');
    return;
  }
  if (token.kind === 'user') {
    if (!repository) return;
    const { base } = roleOf(world, repository, token.doer.account);
    if (base === 'none') throw notFound();
    for (const [permission, level] of wanted)
      if (!atLeast(base, roleFor(permission, level)))
        throw level === 'write' && permission === 'contents' ? notFound() : new Refusal(403, 'Must have push access to repository.');
    return;
  }
  // A fork is its owner's: the App was never installed there.
  const visible =
    repository === null || (repository.parent === null && (token.repositories === null || token.repositories.includes(repository.id)));
  if (!visible) {
    if (repository?.private) throw notFound();
    if (wanted.some(([, level]) => level === 'write')) throw notAccessible(wanted.map(([name, level]) => `${name}=${level}`).join(','));
    return;
  }
  for (const [permission, level] of wanted)
    if (!granted(token.permissions, permission, level)) throw notAccessible(wanted.map(([name, level]) => `${name}=${level}`).join(','));
}

export function granted(permissions: Readonly<Record<string, string>>, permission: string, level: Level): boolean {
  return permission
    .split('|')
    .some((name) => name === 'metadata' || permissions[name] === 'write' || (level === 'read' && permissions[name] === 'read'));
}
