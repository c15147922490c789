import { generateKeyPairSync } from 'node:crypto';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
  readonly name: string;
  readonly email: string;
}
export interface AppFacts {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  readonly name: string;
  readonly bot: Account;
  readonly owner: Account;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

/** The permissions that docs ask for the App, and nothing else. */
export const appPermissions: Readonly<Record<string, string>> = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  actions: 'read',
  deployments: 'write',
  attestations: 'read',
  merge_queues: 'read',
  members: 'read',
};
export const appEvents = ['issue_comment', 'pull_request', 'pull_request_review', 'workflow_run', 'push', 'merge_group', 'check_run'];

export function account(id: number, login: string, type: Account['type']): Account {
  return { id, login, type, name: login, email: `${id}+${login}@users.noreply.github.com` };
}

export const webFlow: Account = { id: 19864447, login: 'web-flow', type: 'User', name: 'GitHub', email: 'noreply@github.com' };
export const github = account(9919, 'github', 'Organization');

/** The App behind a workflow's own token. */
export const actionsApp: AppFacts = {
  id: 15368,
  slug: 'github-actions',
  clientId: 'Iv1.05c79e9ad1f6bdfa',
  name: 'GitHub Actions',
  bot: account(41898282, 'github-actions[bot]', 'Bot'),
  owner: github,
  permissions: {},
  events: [],
};

/** Made once a process, when it is first asked for, and short: a key of full length takes longer than the rest of the double's start. */
let pair: { readonly privateKey: string; readonly publicKey: string } | undefined;
export function appKeys() {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return pair;
}
