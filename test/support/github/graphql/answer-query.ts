import { readFileSync } from 'node:fs';
import { buildSchema, execute, type GraphQLError, type GraphQLFieldResolver, type GraphQLSchema, parse, validate } from 'graphql';
import { simpleUser } from '../payloads/account.ts';
import { mutations } from './mutations.ts';
import { type Arguments, GraphRefusal, mustReach, type Node, type Viewer } from './node.ts';
import { nodeById } from './node-by-id.ts';
import { organizationNode, unknownLogin, userOf } from './people.ts';
import { repositoryNode } from './repository.ts';

let schema: GraphQLSchema | undefined;
/** GitHub's own, read once a process. */
function gitHubSchema(): GraphQLSchema {
  // By its path: the package's own entry parses the same once more as JSON, which takes longer than all the rest.
  const file = new URL('../../../../node_modules/@octokit/graphql-schema/schema.graphql', import.meta.url);
  schema ??= buildSchema(readFileSync(file, 'utf8'), { assumeValid: true });
  return schema;
}

/** The answer's JSON: what does not fit GitHub's schema is refused as GitHub refuses it, and told to the test by `unknown`. */
export async function answerQuery(
  viewer: Viewer,
  query: string,
  variables: Record<string, unknown>,
  operation: string | undefined,
): Promise<unknown> {
  const { world } = viewer;
  const here = gitHubSchema();
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query);
  } catch (error) {
    world.unknown.push(`GraphQL: ${error instanceof Error ? error.message : error}\n${query}`);
    return { errors: [{ message: error instanceof Error ? error.message : String(error), locations: [] }] };
  }
  const invalid = validate(here, document);
  if (invalid.length > 0) {
    world.unknown.push(...invalid.map(({ message }) => `GraphQL: ${message}\n${query}`));
    return {
      errors: invalid.map(({ message, locations }) => ({
        path: ['query'],
        extensions: { code: 'invalid' },
        locations,
        message: inGitHubsWords(message),
      })),
    };
  }
  const result = await execute({
    schema: here,
    document,
    rootValue: { ...root(viewer), ...mutations(viewer) },
    variableValues: variables,
    ...(operation === undefined ? {} : { operationName: operation }),
    fieldResolver: loud,
  });
  const { errors, data } = result;
  if (!errors) return { data };
  return { ...(data === undefined ? {} : { data }), errors: errors.map((error) => shown(viewer, error)) };
}

const inGitHubsWords = (message: string): string =>
  message.replace(/^Cannot query field "(\w+)" on type "(\w+)".*$/s, "Field '$1' doesn't exist on type '$2'");

/** A field that the double does not answer is no null: it is an error that names it. */
const loud: GraphQLFieldResolver<Node, unknown> = (source, args, _context, info) => {
  if (!Object.hasOwn(source, info.fieldName))
    throw new Error(`Field '${info.fieldName}' doesn't exist on type '${info.parentType.name}' (of the double)`);
  const value = source[info.fieldName];
  return typeof value === 'function' ? (value as (args: Arguments) => unknown)(args) : value;
};

function shown({ world }: Viewer, error: GraphQLError) {
  const cause = error.originalError;
  if (cause instanceof GraphRefusal)
    return { type: cause.type, path: error.path ?? [], locations: error.locations, message: cause.message };
  world.unknown.push(`GraphQL: ${cause?.stack ?? error.message}`);
  return { path: error.path ?? [], locations: error.locations, message: error.message };
}

function root(viewer: Viewer): Node {
  const { world, token } = viewer;
  const repository = ({ owner, name }: Arguments): Node => {
    const found = world.repositories.find((one) => one.owner.login.toLowerCase() === String(owner).toLowerCase() && one.name === name);
    if (!found) throw new GraphRefusal('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    mustReach(viewer, found);
    return repositoryNode(viewer, found);
  };
  const node = ({ id }: Arguments): Node => {
    const found = nodeById(viewer, String(id));
    if (!found) throw new GraphRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`);
    return found;
  };
  return {
    viewer: () => ({ ...userOf(world, token.doer.account), isViewer: true }),
    repository,
    node,
    // Each for itself: what is missing is null, with an error, and leaves the others there.
    nodes: ({ ids }: Arguments) =>
      (ids as readonly string[]).map((id) => {
        try {
          return node({ id });
        } catch (error) {
          return error;
        }
      }),
    organization: ({ login }: Arguments) => {
      if (world.owner.type !== 'Organization' || world.owner.login.toLowerCase() !== String(login).toLowerCase())
        throw unknownLogin('Organization', String(login));
      return organizationNode(viewer, world.owner);
    },
    user: ({ login }: Arguments) => {
      const found = world.accounts.get(String(login).toLowerCase());
      if (found?.type !== 'User') throw unknownLogin('User', String(login));
      return { ...userOf(world, found), url: simpleUser(world, found).html_url };
    },
    rateLimit: () => ({
      cost: 1,
      limit: world.rate.graphql.limit,
      used: world.rate.graphql.used,
      remaining: world.rate.graphql.limit - world.rate.graphql.used,
      resetAt: new Date(world.rate.graphql.reset * 1000).toISOString(),
      nodeCount: 1,
    }),
  };
}
