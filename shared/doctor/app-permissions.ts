/** What an App of ours may do, nothing else: tokens are asked for with these, app.yml asks for these, `weighin doctor` wants these. */
export interface AppPermission {
  /** As GitHub's API and the App's manifest call it. */
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly reason: string;
  /** Without it the App works, and says what it can't do. */
  readonly optional?: true;
}

export const appPermissions: readonly AppPermission[] = [
  {
    name: 'metadata',
    access: 'read',
    reason: 'find the repository, its default branch and who may do what in it; GitHub gives it to every App',
  },
  {
    name: 'contents',
    access: 'write',
    reason: 'promotion branches, weighin/state and weighin/live, merges, version tags, repository_dispatch',
  },
  { name: 'pull_requests', access: 'write', reason: 'open, edit, merge and close promotion pull requests, and read reviews' },
  { name: 'issues', access: 'write', reason: 'the one comment, replies and reactions to commands, issues about drift and rollbacks' },
  { name: 'checks', access: 'write', reason: 'the gate checks and weighin/promotion, which the ruleset pins to this App' },
  { name: 'actions', access: 'read', reason: 'see that a weigh run is what it says, and read the reports that it left' },
  { name: 'deployments', access: 'write', reason: 'show on GitHub what a stage is doing' },
  { name: 'attestations', access: 'read', reason: 'verify who signed the evidence', optional: true },
  { name: 'merge_queues', access: 'read', reason: 'see whether a promotion waits in a merge queue', optional: true },
  { name: 'members', access: 'read', reason: 'read the teams that a policy names as approvers; organizations only', optional: true },
];

/** Webhooks that the App subscribes to. GitHub sends `installation` and `installation_repositories` to every App. */
export const appEvents: readonly { readonly name: string; readonly reason: string }[] = [
  { name: 'issue_comment', reason: 'commands' },
  { name: 'pull_request', reason: 'checks and the comment on each head; promotions that are closed, merged or changed' },
  { name: 'pull_request_review', reason: 'approvals of a plan' },
  { name: 'workflow_run', reason: 'a report is there' },
  { name: 'push', reason: 'the policy on the default branch changed; somebody wrote to a branch of the bot' },
  { name: 'merge_group', reason: 'weighin/promotion on the commit of a merge queue' },
  { name: 'check_run', reason: 'somebody pressed "Re-run"' },
];

/** What a token is asked for: of ours, what the installation has been granted. GitHub refuses a request for more. */
export function permissionsToAsk(granted: Readonly<Record<string, string | undefined>>): {
  readonly ask: Readonly<Record<string, 'read' | 'write'>>;
  readonly missing: readonly AppPermission[];
} {
  const has = ({ name, access }: AppPermission) => granted[name] === access || granted[name] === 'write' || granted[name] === 'admin';
  return {
    ask: Object.fromEntries(appPermissions.filter(has).map(({ name, access }) => [name, access])),
    missing: appPermissions.filter((permission) => !has(permission)),
  };
}
