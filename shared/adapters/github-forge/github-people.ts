import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { type ForgePeople, type Role, roles } from '../../promotion/forge.ts';
import { restAccount } from './accounts.ts';
import { forgeAnswered } from './forge-error.ts';
import type { ForgeStart } from './forge-memory.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';

const permissionRoute = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
const permissionSchema = z.object({ permission: z.string(), role_name: z.string().nullish() });
const flags = z.object({
  admin: z.boolean(),
  maintain: z.boolean().nullish(),
  push: z.boolean(),
  triage: z.boolean().nullish(),
  pull: z.boolean().nullish(),
});
const collaborator = z.object({
  id: z.number(),
  login: z.string(),
  type: z.string(),
  permissions: flags.nullish(),
  role_name: z.string().nullish(),
});
const membersRoute = 'GET /orgs/{org}/teams/{team_slug}/members';
const member = z.object({ id: z.number() });

export function createGitHubPeople(transport: Transport, { repository }: ForgeStart): ForgePeople {
  return {
    roleOf: async (login) => {
      // Not conditionally: an answer that is kept must not decide about authority.
      const answer = await transport.send(permissionRoute, { username: login }, { expect: [404] });
      if (answer.status === 404) return 'none';
      const { permission, role_name: name } = readAnswer(permissionSchema, answer.data, 'a permission');
      return roleNamed(name) ?? roleNamed(permission) ?? 'none';
    },
    teamMembers: async (slug) => {
      const [organization = '', team = ''] = slug.includes('/')
        ? slug.replace(/^@/, '').split('/')
        : [repository.owner, slug.replace(/^@/, '')];
      const members: number[] = [];
      for (let page = 1; ; page++) {
        const answer = await transport.send(
          membersRoute,
          { org: organization, team_slug: team, per_page: 100, page },
          { expect: [403, 404] },
        );
        if (answer.status !== 200) throw cannotRead(`${organization}/${team}`, answer.status);
        const listed = readAnswer(z.array(member), answer.data, 'a team');
        members.push(...listed.map(({ id }) => id));
        if (listed.length < 100) return members;
      }
    },
    writers: async () => {
      const listed = await readPages(transport, collaborator, 'GET /repos/{owner}/{repo}/collaborators', { affiliation: 'all' });
      if (listed === null) throw forgeAnswered('the writers', 'the repository lists none');
      return listed.flatMap(({ id, login, type, permissions, role_name: name }) => {
        const role = roleNamed(name) ?? roleOfFlags(permissions ?? null);
        if (roles.indexOf(role) < roles.indexOf('write')) return [];
        return {
          id,
          login,
          type: type === 'Bot' ? ('Bot' as const) : type === 'Organization' ? ('Organization' as const) : ('User' as const),
          role,
        };
      });
    },
    find: async (login) => {
      const answer = await transport.get('GET /users/{username}', { username: login });
      return answer === null ? null : readAnswer(restAccount, answer.data, 'an account');
    },
  };
}

/** A custom role has a name of its own; what it can do is in `permission`. */
const roleNamed = (name: string | null | undefined): Role | null => roles.find((role) => role === name) ?? null;

function roleOfFlags(permissions: z.output<typeof flags> | null): Role {
  if (!permissions) return 'none';
  if (permissions.admin) return 'admin';
  if (permissions.maintain) return 'maintain';
  if (permissions.push) return 'write';
  return permissions.triage ? 'triage' : permissions.pull ? 'read' : 'none';
}

const cannotRead = (team: string, status: number): UserError =>
  new UserError(
    'CANNOT_READ_TEAM',
    status === 404 ? `The team @${team} is not there, or the bot may not see it.` : `The bot may not read the team @${team}.`,
    "Write the team as organization/slug, and give the App the permission members: read; a workflow's own token reads no teams.",
  );
