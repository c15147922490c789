import type { Repository } from '../state.ts';
import type { World } from '../world.ts';
import { nodeId, simpleUser } from './account.ts';

export const apiOf = (world: World, repository: Repository): string =>
  `${world.addresses.api}/repos/${repository.owner.login}/${repository.name}`;
export const htmlOf = (world: World, repository: Repository): string =>
  `${world.addresses.html}/${repository.owner.login}/${repository.name}`;

const templates = {
  forks: '/forks',
  keys: '/keys{/key_id}',
  collaborators: '/collaborators{/collaborator}',
  teams: '/teams',
  hooks: '/hooks',
  issue_events: '/issues/events{/number}',
  events: '/events',
  assignees: '/assignees{/user}',
  branches: '/branches{/branch}',
  tags: '/tags',
  blobs: '/git/blobs{/sha}',
  git_tags: '/git/tags{/sha}',
  git_refs: '/git/refs{/sha}',
  trees: '/git/trees{/sha}',
  statuses: '/statuses/{sha}',
  languages: '/languages',
  stargazers: '/stargazers',
  contributors: '/contributors',
  subscribers: '/subscribers',
  subscription: '/subscription',
  commits: '/commits{/sha}',
  git_commits: '/git/commits{/sha}',
  comments: '/comments{/number}',
  issue_comment: '/issues/comments{/number}',
  contents: '/contents/{+path}',
  compare: '/compare/{base}...{head}',
  merges: '/merges',
  archive: '/{archive_format}{/ref}',
  downloads: '/downloads',
  issues: '/issues{/number}',
  pulls: '/pulls{/number}',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  labels: '/labels{/name}',
  releases: '/releases{/id}',
  deployments: '/deployments',
} as const;
type Addresses = { [Name in keyof typeof templates as `${Name}_url`]: string };

/** `minimal-repository`: what other objects carry. */
export function minimalRepository(world: World, repository: Repository) {
  const url = apiOf(world, repository);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: `${repository.owner.login}/${repository.name}`,
    private: repository.private,
    owner: simpleUser(world, repository.owner),
    html_url: htmlOf(world, repository),
    description: null,
    fork: repository.parent !== null,
    url,
    ...(Object.fromEntries(Object.entries(templates).map(([name, path]) => [`${name}_url`, `${url}${path}`])) as Addresses),
  };
}

export function fullRepository(world: World, repository: Repository) {
  const html = htmlOf(world, repository);
  return {
    ...minimalRepository(world, repository),
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
    git_url: `git://${new URL(html).host}/${repository.owner.login}/${repository.name}.git`,
    ssh_url: `git@${new URL(html).host}:${repository.owner.login}/${repository.name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: 'Python',
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    network_count: 0,
    subscribers_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: [...repository.issues.values()].filter(({ state }) => state === 'open').length,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: [...repository.issues.values()].filter(({ state }) => state === 'open').length,
    watchers: 0,
    default_branch: repository.defaultBranch,
    custom_properties: {},
    allow_merge_commit: repository.mergeMethods.has('merge'),
    allow_squash_merge: repository.mergeMethods.has('squash'),
    allow_rebase_merge: repository.mergeMethods.has('rebase'),
  };
}

/** As `push` carries it: with instants as numbers, alone of all. */
export function pushedRepository(world: World, repository: Repository) {
  const seconds = Math.floor(Date.parse(repository.createdAt) / 1000);
  const full = fullRepository(world, repository);
  return {
    ...full,
    owner: { ...full.owner, name: repository.owner.login, email: repository.owner.email },
    created_at: seconds,
    pushed_at: seconds,
    stargazers: 0,
    master_branch: repository.defaultBranch,
  };
}
