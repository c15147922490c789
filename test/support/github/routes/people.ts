import { nodeId, organization, simpleUser } from '../payloads/account.ts';
import { notAccessible, notFound, Refusal } from '../refusal.ts';
import type { Repository } from '../state.ts';
import { granted } from '../tokens.ts';
import { atLeast, isCollaborator, roleOf, type Team, type World } from '../world.ts';
import { type Asked, list, ok, type Route, route } from './route.ts';

export const peopleRoutes: readonly Route[] = [
  route('GET /user', null, ({ world, token }) => {
    if (token === null) throw new Refusal(401, 'Requires authentication');
    if (token.kind !== 'user') throw new Refusal(403, 'Resource not accessible by integration');
    return ok(simpleUser(world, token.doer.account));
  }),
  route('GET /users/:login', null, ({ world, params }) => {
    const found = world.accounts.get((params['login'] ?? '').toLowerCase());
    if (!found) throw notFound();
    return ok({
      ...simpleUser(world, found),
      name: found.name,
      company: null,
      blog: '',
      email: null,
      bio: null,
      created_at: '2020-01-01T00:00:00Z',
    });
  }),
  route('GET /orgs/:org', null, ({ world }) => ok(organization(world, world.owner))),
  route('GET /repos/:owner/:repo/collaborators', { metadata: 'read' }, ({ world, repository, query }) => {
    const least = query.get('permission');
    const names: Record<string, Parameters<typeof atLeast>[1]> = {
      pull: 'read',
      triage: 'triage',
      push: 'write',
      maintain: 'maintain',
      admin: 'admin',
    };
    const found = [...world.accounts.values()]
      .filter((account) => account.type === 'User' && isCollaborator(world, repository, account))
      .filter((account) => least === null || atLeast(roleOf(world, repository, account).base, names[least] ?? 'read'));
    return list(found.map((account) => ({ ...simpleUser(world, account), ...rights(world, repository, account) })));
  }),
  route('GET /repos/:owner/:repo/collaborators/:login/permission', { metadata: 'read' }, ({ world, repository, params }) => {
    const account = world.accounts.get((params['login'] ?? '').toLowerCase());
    if (!account) throw new Refusal(404, `${params['login']} is not a user`);
    const { base } = roleOf(world, repository, account);
    // The old word knows four; only role_name tells maintain from write, and triage from read.
    const permission = base === 'maintain' ? 'write' : base === 'triage' ? 'read' : base;
    const { role_name, permissions } = rights(world, repository, account);
    return ok({ permission, role_name, user: { ...simpleUser(world, account), permissions, role_name } });
  }),
  route('GET /repos/:owner/:repo/collaborators/:login', { metadata: 'read' }, ({ world, repository, params }) => {
    const account = world.accounts.get((params['login'] ?? '').toLowerCase());
    if (!account || !isCollaborator(world, repository, account)) throw notFound();
    return { status: 204 };
  }),
  route('GET /orgs/:org/teams', null, (asked) => {
    readsMembers(asked);
    return list([...asked.world.teams.values()].map((team) => teamJson(asked.world, team)));
  }),
  route('GET /orgs/:org/teams/:slug', null, (asked) => ok(teamJson(asked.world, teamOf(asked)))),
  route('GET /orgs/:org/teams/:slug/members', null, (asked) => {
    const { world } = asked;
    const members = [...teamOf(asked).members].flatMap((login) => world.accounts.get(login) ?? []);
    return list(members.map((account) => simpleUser(world, account)));
  }),
  route('GET /orgs/:org/teams/:slug/memberships/:login', null, (asked) => {
    if (!teamOf(asked).members.has((asked.params['login'] ?? '').toLowerCase())) throw notFound();
    return ok({ url: `${asked.world.addresses.api}/`, role: 'member', state: 'active' });
  }),
];

/** A workflow's own token never reads teams: it can't be given `members`. */
function readsMembers({ world, token, params }: Pick<Asked, 'world' | 'token' | 'params'>): void {
  if (token === null) throw new Refusal(401, 'Requires authentication');
  if (token.kind === 'workflow') throw notAccessible('members=read');
  if (token.kind === 'installation' && !granted(token.permissions, 'members', 'read')) throw notAccessible('members=read');
  if (world.owner.type !== 'Organization' || (params['org'] ?? world.owner.login).toLowerCase() !== world.owner.login.toLowerCase())
    throw notFound();
}

function teamOf(asked: Asked): Team {
  readsMembers(asked);
  const team = asked.world.teams.get(asked.params['slug'] ?? '');
  if (!team) throw notFound();
  return team;
}

function teamJson(world: World, team: Team) {
  const url = `${world.addresses.api}/organizations/${world.owner.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId('T', team.id),
    name: team.slug,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    url,
    html_url: `${world.addresses.html}/orgs/${world.owner.login}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: null,
  };
}

function rights(world: World, repository: Repository, account: Parameters<typeof roleOf>[2]) {
  const { name, base } = roleOf(world, repository, account);
  return {
    permissions: {
      pull: atLeast(base, 'read'),
      triage: atLeast(base, 'triage'),
      push: atLeast(base, 'write'),
      maintain: atLeast(base, 'maintain'),
      admin: atLeast(base, 'admin'),
    },
    role_name: name,
  };
}
