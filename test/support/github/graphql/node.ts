import { Refusal } from '../refusal.ts';
import type { Repository } from '../state.ts';
import { demand, granted, type Level, type Needs, type Token } from '../tokens.ts';
import type { World } from '../world.ts';

/** What an answer of GraphQL is made of: fields by name, values or functions of a field's arguments. */
export type Node = Readonly<Record<string, unknown>>;
export type Arguments = Readonly<Record<string, unknown>>;

/** Who asks. */
export interface Viewer {
  readonly world: World;
  readonly token: Token;
}

/** An error as GitHub's GraphQL writes it: with a `type`, in an answer 200. */
export class GraphRefusal extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}
export const forbidden = (): GraphRefusal => new GraphRefusal('FORBIDDEN', 'Resource not accessible by integration');

/** @throws GraphRefusal FORBIDDEN */
export function mustHave(viewer: Viewer, permission: string, level: Level): void {
  const { token } = viewer;
  if (token.kind === 'app') throw forbidden();
  if (token.kind !== 'user' && !granted(token.permissions, permission, level)) throw forbidden();
}

/** Whether the token sees a repository and may do this there. @throws GraphRefusal NOT_FOUND, FORBIDDEN */
export function mustReach(viewer: Viewer, repository: Repository, needs: Needs = {}): void {
  try {
    demand(viewer.world, viewer.token, needs, repository);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 404)
      throw new GraphRefusal(
        'NOT_FOUND',
        `Could not resolve to a Repository with the name '${repository.owner.login}/${repository.name}'.`,
      );
    throw forbidden();
  }
}

/** A page of a list, as connections give it. GitHub refuses to guess how many are wanted. */
export function connection<T>(
  name: string,
  items: readonly T[],
  args: Arguments,
  node: (item: T) => unknown,
  edge: (item: T) => Node = () => ({}),
): Node {
  const [first, last, after, before] = [args['first'], args['last'], args['after'], args['before']];
  if (typeof first !== 'number' && typeof last !== 'number')
    throw new GraphRefusal(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  for (const count of [first, last])
    if (typeof count === 'number' && count > 100)
      throw new GraphRefusal(
        'EXCESSIVE_PAGINATION',
        `Requesting ${count} records on the \`${name}\` connection exceeds the \`first\` limit of 100 records.`,
      );
  const index = (cursor: unknown) => Number(Buffer.from(String(cursor), 'base64').toString().slice('cursor:'.length));
  let [from, to] = [typeof after === 'string' ? index(after) + 1 : 0, typeof before === 'string' ? index(before) : items.length];
  if (typeof first === 'number') to = Math.min(to, from + first);
  if (typeof last === 'number') from = Math.max(from, to - last);
  const page = items.slice(from, to);
  const cursor = (at: number) => Buffer.from(`cursor:${at}`).toString('base64');
  return {
    totalCount: items.length,
    nodes: () => page.map(node),
    edges: () => page.map((item, at) => ({ cursor: cursor(from + at), node: node(item), ...edge(item) })),
    pageInfo: {
      hasNextPage: to < items.length,
      hasPreviousPage: from > 0,
      startCursor: page.length > 0 ? cursor(from) : null,
      endCursor: page.length > 0 ? cursor(to - 1) : null,
    },
  };
}
