import { notFound, Refusal } from '../refusal.ts';
import type { Issue, Pull, Repository } from '../state.ts';
import { demand, type Needs, type Token } from '../tokens.ts';
import { findRepository, type World } from '../world.ts';

/** A request as a route sees it. */
export interface Asked {
  readonly world: World;
  readonly token: Token | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the route's `:owner` and `:repo`. */
  readonly repository: Repository;
  readonly by: import('../state.ts').Doer;
}
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole list: the server cuts the page that is asked for; `wrap` puts it into its object. */
  readonly list?: readonly unknown[];
  readonly wrap?: (page: readonly unknown[]) => unknown;
}
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly needs: Needs | null;
  readonly answer: (asked: Asked) => Answer | Promise<Answer>;
}

/**
 * `GET /repos/:owner/:repo/git/ref/*ref`: a colon takes one part, a star the rest. What it needs of a token is said beside it;
 * null: the route looks for itself.
 */
export function route(signature: string, needs: Needs | null, answer: Route['answer']): Route {
  const [method = '', path = ''] = signature.split(' ');
  const names: string[] = [];
  const pattern = path.replace(/[.]/g, '\\.').replace(/([:*])([a-z_]+)/g, (_, kind: string, name: string) => {
    names.push(name);
    return kind === ':' ? '([^/]+)' : '(.+)';
  });
  return { method, path, expression: new RegExp(`^${pattern}/?$`), names, needs, answer };
}

/** Whether the token may, and which repository it is about. */
export function admit(world: World, found: Route, params: Readonly<Record<string, string>>, token: Token | null): Repository {
  const { owner, repo } = params;
  const named = owner !== undefined && repo !== undefined && found.path.includes('/repos/:owner/:repo');
  const repository = named ? findRepository(world, owner, repo) : null;
  if (found.needs !== null) demand(world, token, found.needs, repository);
  return repository ?? (world.repositories[0] as Repository);
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const nothing: Answer = { status: 204 };
export const list = (items: readonly unknown[]): Answer => ({ list: items });
/** A list inside an object, with its count, as Actions and checks answer. */
export const counted = (name: string, items: readonly unknown[]): Answer => ({
  list: items,
  wrap: (page) => ({ total_count: items.length, [name]: page }),
});

export function text(asked: Asked, name: string, resource = 'Request'): string {
  const value = asked.body[name];
  if (typeof value !== 'string')
    throw new Refusal(422, `Invalid request.\n\n"${name}" wasn't supplied.`, {
      errors: [{ resource, field: name, code: 'missing_field' }],
    });
  return value;
}
export const optionalText = (asked: Asked, name: string): string | undefined => {
  const value = asked.body[name];
  return typeof value === 'string' ? value : undefined;
};
export const numberOf = (asked: Asked, name: string): number => Number(asked.params[name]);

export function issueOf(asked: Asked): Issue {
  const issue = asked.repository.issues.get(numberOf(asked, 'number'));
  if (!issue) throw notFound();
  return issue;
}
export function pullOf(asked: Asked): Pull {
  const pull = asked.repository.pulls.get(numberOf(asked, 'number'));
  if (!pull) throw notFound();
  return pull;
}
export function byId<T extends { readonly id: number }>(items: readonly T[], id: string | number | undefined): T {
  const found = items.find((item) => item.id === Number(id));
  if (!found) throw notFound();
  return found;
}
export const withApp = (asked: Asked): Asked['token'] & { kind: 'installation' | 'workflow' } => {
  if (asked.token?.kind === 'installation' || asked.token?.kind === 'workflow') return asked.token;
  throw new Refusal(403, 'You must authenticate via a GitHub App.');
};
