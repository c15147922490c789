import type { Account } from '../accounts.ts';
import { nodeId, simpleUser } from '../payloads/account.ts';
import { isCollaborator, roleOf, type Team, type World } from '../world.ts';
import { type Arguments, connection, forbidden, GraphRefusal, mustHave, type Node, type Viewer } from './node.ts';

/** GraphQL calls a bot by its App's slug, without the `[bot]` that REST puts behind it. */
export function actor(world: World, account: Account): Node {
  const { avatar_url: avatarUrl, html_url: url, node_id: id } = simpleUser(world, account);
  return {
    __typename: account.type,
    id,
    login: account.type === 'Bot' ? account.login.replace(/\[bot\]$/, '') : account.login,
    databaseId: account.id,
    avatarUrl,
    url,
    resourcePath: new URL(url).pathname,
    name: account.name,
    email: account.email,
  };
}

/** Where the schema says `User` and GitHub gives a bot all the same (the viewer): with its `[bot]`. */
export const userOf = (world: World, account: Account): Node => ({ ...actor(world, account), __typename: 'User', login: account.login });

export function organizationNode(viewer: Viewer, account: Account): Node {
  const { world } = viewer;
  return {
    ...actor(world, account),
    __typename: 'Organization',
    team: ({ slug }: Arguments) => {
      readsMembers(viewer);
      const team = world.teams.get(String(slug));
      return team ? teamNode(viewer, team) : null;
    },
    teams: (args: Arguments) => {
      readsMembers(viewer);
      return connection('teams', [...world.teams.values()], args, (team) => teamNode(viewer, team));
    },
  };
}

function readsMembers(viewer: Viewer): void {
  if (viewer.token.kind === 'workflow') throw forbidden();
  mustHave(viewer, 'members', 'read');
}

function teamNode({ world }: Viewer, team: Team): Node {
  const url = `${world.addresses.html}/orgs/${world.owner.login}/teams/${team.slug}`;
  return {
    id: nodeId('T', team.id),
    databaseId: team.id,
    slug: team.slug,
    name: team.slug,
    combinedSlug: `${world.owner.login}/${team.slug}`,
    url,
    members: (args: Arguments) => {
      const members = [...team.members].flatMap((login) => world.accounts.get(login) ?? []);
      return connection(
        'members',
        members,
        args,
        (one) => actor(world, one),
        () => ({ role: 'MEMBER' }),
      );
    },
  };
}

export function collaborators(viewer: Viewer, repository: Parameters<typeof roleOf>[1], args: Arguments): Node {
  const { world } = viewer;
  mustHave(viewer, 'metadata', 'read');
  const found = [...world.accounts.values()].filter((one) => one.type === 'User' && isCollaborator(world, repository, one));
  const wanted = found.filter(({ login }) => args['login'] == null || login === args['login']);
  return connection(
    'collaborators',
    wanted,
    args,
    (one) => actor(world, one),
    (one) => ({ permission: roleOf(world, repository, one).base.toUpperCase() }),
  );
}

export const unknownLogin = (kind: string, login: string): GraphRefusal =>
  new GraphRefusal('NOT_FOUND', `Could not resolve to ${kind === 'User' ? 'a User' : 'an Organization'} with the login of '${login}'.`);
