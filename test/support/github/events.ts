import { nodeId, organization, simpleUser } from './payloads/account.ts';
import { fullRepository, pushedRepository } from './payloads/repository.ts';
import type { Doer, Repository } from './state.ts';
import type { Deliveries } from './webhooks.ts';
import type { World } from './world.ts';

export interface GitHubEvent {
  readonly event: string;
  readonly action: string | null;
  readonly repository: string;
  readonly payload: Record<string, unknown>;
  readonly by: string;
  /**
   * `yes`; `approval`: its runs wait for a person (a pull request that a workflow's token opened); `no`: a workflow's token did it
   * (dispatches aside), or the commit says [skip ci].
   */
  readonly startsWorkflows: 'yes' | 'approval' | 'no';
}

/** What happened, in order: the App's deliveries are made of it, and a test that plays workflows listens to it. */
export function createEvents(world: () => World, deliveries: Deliveries, subscribed: () => readonly string[]) {
  const all: GitHubEvent[] = [];
  const listeners: ((event: GitHubEvent) => void)[] = [];

  function emit(repository: Repository, event: string, action: string | null, body: Record<string, unknown>, by: Doer): void {
    // A fork is not the App's.
    if (repository.parent !== null) return;
    const here = world();
    const payload = {
      ...(action === null ? {} : { action }),
      ...body,
      repository: event === 'push' ? pushedRepository(here, repository) : fullRepository(here, repository),
      ...(repository.owner.type === 'Organization' ? { organization: organization(here, repository.owner) } : {}),
      sender: simpleUser(here, by.account),
    };
    const dispatched = event === 'repository_dispatch' || event === 'workflow_dispatch';
    const quiet = by.workflow && !dispatched && event !== 'workflow_run';
    const told: GitHubEvent = {
      event,
      action,
      repository: `${repository.owner.login}/${repository.name}`,
      payload,
      by: by.account.login,
      startsWorkflows: event === 'pull_request' && opened(body) ? 'approval' : quiet || skipsWorkflows(event, body) ? 'no' : 'yes',
    };
    all.push(told);
    const installation = { id: here.installationId, node_id: nodeId('MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u', here.installationId) };
    if (!quiet && subscribed().includes(event)) deliveries.add(event, action, { ...payload, installation });
    for (const listener of listeners) listener(told);
  }

  /** Opened by a workflow's token, whoever acts on it now. */
  const opened = (body: Record<string, unknown>): boolean => {
    const pull = body['pull_request'] as { user?: { login?: string } } | undefined;
    return pull?.user?.login === 'github-actions[bot]';
  };

  return {
    emit,
    list: all as readonly GitHubEvent[],
    find: (event: string, action?: string): readonly GitHubEvent[] =>
      all.filter((one) => one.event === event && (action === undefined || one.action === action)),
    on: (listener: (event: GitHubEvent) => void) => void listeners.push(listener),
  };
}
export type Events = ReturnType<typeof createEvents>;

function skipsWorkflows(event: string, body: Record<string, unknown>): boolean {
  if (event !== 'push') return false;
  const head = body['head_commit'] as { message?: string } | null | undefined;
  return /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]/.test(head?.message ?? '');
}
