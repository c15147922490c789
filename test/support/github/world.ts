import { type Account, type AppFacts, account, actionsApp, webFlow } from './accounts.ts';
import type { Clock } from './clock.ts';
import { notFound } from './refusal.ts';
import type { RateLimit } from './server.ts';
import type { Doer, Repository, Role } from './state.ts';
import { roleOrder } from './state.ts';
import type { Token } from './tokens.ts';
import type { Deliveries } from './webhooks.ts';

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly members: Set<string>;
}

/** Everything that the double knows, and where its events go. */
export interface World {
  readonly clock: Clock;
  readonly addresses: { html: string; api: string; uploads: string; blobs: string };
  readonly owner: Account;
  readonly app: AppFacts;
  readonly apps: Map<number, AppFacts>;
  readonly accounts: Map<string, Account>;
  readonly teams: Map<string, Team>;
  readonly repositories: Repository[];
  readonly tokens: Map<string, Token>;
  readonly installationId: number;
  readonly webhookSecret: string;
  readonly blobs: Map<string, Uint8Array>;
  readonly dispatches: RepositoryDispatch[];
  readonly workflowDispatches: {
    readonly workflow: string;
    readonly ref: string;
    readonly inputs: Record<string, unknown>;
    readonly by: string;
  }[];
  /** App manifests waiting for their code. */
  readonly manifests: Map<string, Record<string, unknown>>;
  readonly deliveries: Deliveries;
  readonly unknown: string[];
  readonly rate: { core: RateLimit; graphql: RateLimit };
  nextId(): number;
  emit(repository: Repository, event: string, action: string | null, body: Record<string, unknown>, by: Doer): void;
}
export interface RepositoryDispatch {
  readonly eventType: string;
  readonly payload: Record<string, unknown>;
  readonly by: string;
  readonly at: string;
}

export function findAccount(world: Pick<World, 'accounts'>, login: string): Account {
  const found = world.accounts.get(login.toLowerCase());
  if (!found) throw new Error(`the double knows no ${login}: add it by github.users.add({ login })`);
  return found;
}
export const asUser = (account: Account): Doer => ({ account, app: null, workflow: false });
export const asApp = (app: AppFacts): Doer => ({ account: app.bot, app, workflow: app.id === actionsApp.id });

export function findRepository(world: World, owner: string, name: string): Repository {
  const found = world.repositories.find(
    (repository) => repository.owner.login.toLowerCase() === owner.toLowerCase() && repository.name.toLowerCase() === name.toLowerCase(),
  );
  if (!found) throw notFound();
  return found;
}

/** The greatest of what a person has by name, by team and by owning it; `read` of what is public. */
export function roleOf(world: World, repository: Repository, account: Account): { readonly name: string; readonly base: Role } {
  const held: { readonly name: string; readonly base: Role }[] = [];
  const own = repository.roles.get(account.login.toLowerCase());
  if (own) held.push(own);
  for (const team of world.teams.values()) {
    const role = repository.teamRoles.get(team.slug);
    if (role && team.members.has(account.login.toLowerCase())) held.push({ name: role, base: role });
  }
  if (repository.owner.id === account.id) held.push({ name: 'admin', base: 'admin' });
  if (!repository.private) held.push({ name: 'read', base: 'read' });
  held.sort((a, b) => roleOrder.indexOf(b.base) - roleOrder.indexOf(a.base));
  return held[0] ?? { name: 'none', base: 'none' };
}
/** By name or by a team; who reads what is public is none. */
export function isCollaborator(world: World, repository: Repository, { login, id }: Account): boolean {
  if (repository.owner.id === id) return true;
  const own = repository.roles.get(login.toLowerCase());
  if (own && own.base !== 'none') return true;
  return [...world.teams.values()].some((team) => team.members.has(login.toLowerCase()) && repository.teamRoles.has(team.slug));
}
export const atLeast = (role: Role, least: Role): boolean => roleOrder.indexOf(role) >= roleOrder.indexOf(least);

/** The account behind a commit's address, as GitHub maps it. */
export function accountOfEmail(world: World, email: string): Account | null {
  if (email === webFlow.email) return webFlow;
  const wanted = email.toLowerCase();
  for (const known of world.accounts.values()) if (known.email.toLowerCase() === wanted) return known;
  return null;
}

export function addAccount(world: World, login: string, type: Account['type'] = 'User', id?: number): Account {
  const made = account(id ?? world.nextId(), login, type);
  world.accounts.set(login.toLowerCase(), made);
  return made;
}
