import type { Account, AppFacts } from '../accounts.ts';
import type { World } from '../world.ts';

/** Of REST ids, as GitHub's GraphQL takes them back: what it is, then its number. */
export const nodeId = (kind: string, id: number): string => `${kind}_${id}`;

export function simpleUser(world: World, account: Account) {
  const { api, html } = world.addresses;
  const url = `${api}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'Bot' ? 'BOT' : account.type === 'Organization' ? 'O' : 'U', account.id),
    avatar_url: `${html}/avatars/u/${account.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: account.type === 'Bot' ? `${html}/apps/${account.login.replace(/\[bot\]$/, '')}` : `${html}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** An organization as webhooks carry it. */
export function organization(world: World, account: Account) {
  const url = `${world.addresses.api}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.addresses.html}/avatars/u/${account.id}?v=4`,
    description: '',
  };
}

export function integration(world: World, app: AppFacts) {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId('A', app.id),
    owner: simpleUser(world, app.owner),
    name: app.name,
    description: '',
    external_url: 'https://weighin.example',
    html_url: `${world.addresses.html}/apps/${app.slug}`,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    permissions: app.permissions,
    events: [...app.events],
  };
}
