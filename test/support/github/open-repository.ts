import type { Account } from './accounts.ts';
import type { BareRepository } from './git/bare-repository.ts';
import type { Repository } from './state.ts';
import type { World } from './world.ts';

export function addRepository(
  world: World,
  facts: {
    readonly owner: Account;
    readonly name: string;
    readonly private: boolean;
    readonly git: BareRepository;
    readonly parent?: Repository;
  },
): Repository {
  const repository: Repository = {
    id: world.nextId(),
    owner: facts.owner,
    name: facts.name,
    private: facts.private,
    defaultBranch: 'main',
    createdAt: world.clock.iso(),
    mergeMethods: new Set(['merge', 'squash', 'rebase']),
    actionsMayOpenPulls: true,
    git: facts.git,
    refs: facts.parent ? `refs/forks/${facts.owner.login}/` : 'refs/',
    parent: facts.parent ?? null,
    roles: new Map(),
    teamRoles: new Map(),
    issues: new Map(),
    pulls: new Map(),
    comments: [],
    checkRuns: [],
    runs: [],
    artifacts: [],
    deployments: [],
    releases: [],
    rulesets: [],
    environments: new Map(),
    attestations: new Map(),
    queues: new Map(),
    verified: new Set(),
    knownRefs: new Map(),
  };
  world.repositories.push(repository);
  return repository;
}
