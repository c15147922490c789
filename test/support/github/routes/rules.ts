import { rulesOf } from '../operations/rules.ts';
import { apiOf } from '../payloads/repository.ts';
import type { Repository, Ruleset } from '../state.ts';
import { atLeast, roleOf, type World } from '../world.ts';
import { byId, list, ok, type Route, route } from './route.ts';

export const ruleRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/rulesets', { metadata: 'read' }, ({ world, repository }) =>
    list(repository.rulesets.map((one) => summary(world, repository, one))),
  ),
  // Who may pass a ruleset is shown to administrators alone.
  route('GET /repos/:owner/:repo/rulesets/:id', { metadata: 'read' }, ({ world, repository, params, token }) => {
    const one = byId(repository.rulesets, params['id']);
    const administers =
      token !== null &&
      ('permissions' in token
        ? token.permissions['administration'] !== undefined
        : atLeast(roleOf(world, repository, token.doer.account).base, 'admin'));
    return ok({
      ...summary(world, repository, one),
      ...(administers
        ? {
            bypass_actors: one.bypass.map(({ actorId, actorType }) => ({
              actor_id: actorId,
              actor_type: actorType,
              bypass_mode: 'always',
            })),
          }
        : {}),
      conditions: { ref_name: { include: one.include, exclude: one.exclude } },
      rules: one.rules,
    });
  }),
  route('GET /repos/:owner/:repo/rules/branches/*branch', { metadata: 'read' }, ({ repository, params }) =>
    list(
      rulesOf(repository, `refs/heads/${params['branch']}`).map(({ rule, ruleset }) => ({
        ...rule,
        ruleset_source_type: 'Repository',
        ruleset_source: `${repository.owner.login}/${repository.name}`,
        ruleset_id: ruleset.id,
      })),
    ),
  ),
];

const summary = (world: World, repository: Repository, one: Ruleset) => ({
  id: one.id,
  name: one.name,
  target: 'branch',
  source_type: 'Repository',
  source: `${repository.owner.login}/${repository.name}`,
  enforcement: one.enforcement,
  node_id: `RRS_${one.id}`,
  _links: { self: { href: `${apiOf(world, repository)}/rulesets/${one.id}` } },
  created_at: repository.createdAt,
  updated_at: repository.createdAt,
});
