import { randomBytes, randomUUID } from 'node:crypto';
import { appKeys } from '../accounts.ts';
import { isoSeconds } from '../clock.ts';
import { integration, simpleUser } from '../payloads/account.ts';
import { fullRepository, minimalRepository } from '../payloads/repository.ts';
import { notFound, Refusal } from '../refusal.ts';
import { asApp, findRepository, type World } from '../world.ts';
import { type Asked, counted, created, list, ok, type Route, route } from './route.ts';

/** Only for a JSON web token of the App. */
const asTheApp =
  (answer: Route['answer']): Route['answer'] =>
  (asked) => {
    if (asked.token?.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
    return answer(asked);
  };

export const appRoutes: readonly Route[] = [
  route(
    'GET /app',
    null,
    asTheApp(({ world }) => ok({ ...integration(world, world.app), installations_count: 1 })),
  ),
  route(
    'GET /app/installations',
    null,
    asTheApp(({ world }) => list([installationJson(world)])),
  ),
  route(
    'GET /app/installations/:id',
    null,
    asTheApp(({ world, params }) => {
      if (Number(params['id']) !== world.installationId) throw notFound();
      return ok(installationJson(world));
    }),
  ),
  route('POST /app/installations/:id/access_tokens', null, asTheApp(accessToken)),
  route(
    'GET /repos/:owner/:repo/installation',
    null,
    asTheApp(({ world, params }) => {
      if (findRepository(world, params['owner'] ?? '', params['repo'] ?? '').parent !== null) throw notFound();
      return ok(installationJson(world));
    }),
  ),
  route(
    'GET /orgs/:org/installation',
    null,
    asTheApp(({ world }) => ok(installationJson(world))),
  ),
  route(
    'GET /users/:login/installation',
    null,
    asTheApp(({ world }) => ok(installationJson(world))),
  ),
  route('GET /installation/repositories', null, ({ world, token }) => {
    if (token?.kind !== 'installation') throw new Refusal(403, 'Resource not accessible by integration');
    const seen = world.repositories.filter((one) => one.parent === null && (token.repositories?.includes(one.id) ?? true));
    return counted(
      'repositories',
      seen.map((one) => fullRepository(world, one)),
    );
  }),
  route('POST /app-manifests/:code/conversions', null, ({ world, params }) => {
    const manifest = world.manifests.get(params['code'] ?? '');
    if (!manifest) throw notFound();
    world.manifests.delete(params['code'] ?? '');
    return created({
      ...integration(world, world.app),
      name: manifest['name'] ?? world.app.name,
      client_secret: randomBytes(20).toString('hex'),
      webhook_secret: world.webhookSecret,
      pem: appKeys().privateKey,
    });
  }),
];

export function installationJson(world: World) {
  return {
    id: world.installationId,
    account: simpleUser(world, world.owner),
    access_tokens_url: `${world.addresses.api}/app/installations/${world.installationId}/access_tokens`,
    repositories_url: `${world.addresses.api}/installation/repositories`,
    html_url: `${world.addresses.html}/organizations/${world.owner.login}/settings/installations/${world.installationId}`,
    app_id: world.app.id,
    app_slug: world.app.slug,
    client_id: world.app.clientId,
    target_id: world.owner.id,
    target_type: world.owner.type,
    permissions: world.app.permissions,
    events: [...world.app.events],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    single_file_name: null,
    repository_selection: 'selected',
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

function accessToken({ world, params, body }: Asked) {
  if (Number(params['id']) !== world.installationId) throw notFound();
  const wanted = (body['permissions'] ?? world.app.permissions) as Record<string, string>;
  for (const [name, level] of Object.entries(wanted)) {
    const has = world.app.permissions[name];
    if (has === undefined || (level === 'write' && has !== 'write'))
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
  }
  const named = [
    ...((body['repositories'] as string[] | undefined) ?? []).map((name) => findRepository(world, world.owner.login, name)),
    ...((body['repository_ids'] as number[] | undefined) ?? []).map((id) => world.repositories.find((one) => one.id === id)),
  ];
  if (named.some((one) => one === undefined || one.parent !== null))
    throw new Refusal(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
  const repositories = named.flatMap((one) => one ?? []);
  const value = `ghs_${randomUUID().replaceAll('-', '')}`;
  const permissions = { metadata: 'read', ...wanted };
  world.tokens.set(value, {
    kind: 'installation',
    doer: asApp(world.app),
    permissions,
    repositories: repositories.length > 0 ? repositories.map(({ id }) => id) : null,
  });
  return created({
    token: value,
    expires_at: isoSeconds(new Date(world.clock.now().getTime() + 3_600_000)),
    permissions,
    repository_selection: repositories.length > 0 ? 'selected' : 'all',
    ...(repositories.length > 0 ? { repositories: repositories.map((one) => minimalRepository(world, one)) } : {}),
  });
}
