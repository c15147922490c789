import { randomUUID } from 'node:crypto';
import { account, actionsApp } from './accounts.ts';
import { noOid } from './git/bare-repository.ts';
import { addRepository } from './open-repository.ts';
import { fillCheckRun, startCheckRun, tellCheckRun } from './operations/check-runs.ts';
import { addComment, editComment, react } from './operations/comments.ts';
import { type CommitDraft, writeCommit } from './operations/commits.ts';
import { turnQueue } from './operations/merge-queue.ts';
import { addIssue, addReview, mergePull, openPull, tell, tellReview } from './operations/pulls.ts';
import { branchAt, closePull, moveRefs, noticePushes, resolveRevision } from './operations/refs.ts';
import { finishRun, type PlayedRun, playRun } from './operations/workflow-runs.ts';
import { notFound } from './refusal.ts';
import type { Doer, Environment, Issue, IssueComment, Pull, Repository, Review, Role, Ruleset, RulesetRule } from './state.ts';
import { addAccount, asApp, asUser, findAccount, type World } from './world.ts';

export interface NewUser {
  readonly login: string;
  /** In the repository; a custom role has a name of its own and the role that it builds on. */
  readonly role?: Role | { readonly name: string; readonly base: Role };
  readonly type?: 'User' | 'Bot';
  readonly id?: number;
  readonly teams?: readonly string[];
}
export interface NewCommit {
  readonly branch: string;
  /** null removes a file. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
  readonly message?: string;
  /** A login. */
  readonly by?: string;
  /** Where a new branch starts: a branch or commit; without it a new branch has no history. */
  readonly base?: string;
  /** Another name and address than those of `by`. */
  readonly author?: { readonly name: string; readonly email: string };
  /** Into `by`'s fork. */
  readonly fork?: boolean;
}

/** What a test does on GitHub's own side. */
export function createDesk(world: World, repository: Repository) {
  const doer = (login: string | undefined): Doer => {
    if (login === undefined) return asUser(findAccount(world, 'octocat'));
    if (login === world.app.bot.login) return asApp(world.app);
    if (login === actionsApp.bot.login) return asApp(actionsApp);
    return asUser(findAccount(world, login));
  };
  addAccount(world, 'octocat');
  repository.roles.set('octocat', { name: 'admin', base: 'admin' });
  const need = <T>(found: T | undefined): T => {
    if (found === undefined) throw notFound();
    return found;
  };

  function forkOf(login: string): Repository {
    const owner = findAccount(world, login);
    const there = world.repositories.find((one) => one.owner === owner && one.parent === repository);
    return (
      there ?? addRepository(world, { owner, name: repository.name, private: repository.private, git: repository.git, parent: repository })
    );
  }

  const users = {
    add({ login, role = 'none', type = 'User', id, teams = [] }: NewUser) {
      const made = addAccount(world, login, type, id);
      users.setRole(login, role);
      for (const team of teams) teamsDesk.add(team, [login]);
      return made;
    },
    setRole(login: string, role: NonNullable<NewUser['role']>) {
      repository.roles.set(login.toLowerCase(), typeof role === 'string' ? { name: role, base: role } : role);
    },
    get: (login: string) => findAccount(world, login),
  };

  const teamsDesk = {
    /** Makes it where it is new; `role` is the team's in the repository. */
    add(slug: string, members: readonly string[] = [], role?: Role) {
      const team = world.teams.get(slug) ?? { id: world.nextId(), slug, members: new Set<string>() };
      world.teams.set(slug, team);
      for (const login of members) team.members.add(login.toLowerCase());
      if (role) repository.teamRoles.set(slug, role);
      return team;
    },
    remove(slug: string, login: string) {
      world.teams.get(slug)?.members.delete(login.toLowerCase());
    },
  };

  const git = {
    /** The bare repository's folder: it can be cloned and pushed to. */
    path: repository.git.path,
    commit({ branch, files, message = 'Change files', by, base, author, fork = false }: NewCommit): string {
      const who = doer(by);
      const where = fork ? forkOf(who.account.login) : repository;
      const head = branchAt(where, branch);
      const start = head ?? (base === undefined ? null : resolveRevision(repository, base));
      const date = world.clock.iso();
      const draft: CommitDraft = {
        parents: start === null ? [] : [start],
        files: new Map(Object.entries(files)),
        message,
        ...(author ? { author: { ...author, date } } : {}),
      };
      const oid = writeCommit(world, where, draft, who);
      moveRefs(world, where, [{ ref: `refs/heads/${branch}`, to: oid, from: head ?? noOid }], who, true);
      return oid;
    },
    /** Moves a branch anywhere, as a forced push does. */
    push(branch: string, sha: string, by?: string) {
      moveRefs(world, repository, [{ ref: `refs/heads/${branch}`, to: sha }], doer(by), true);
    },
    deleteBranch(branch: string, by?: string) {
      moveRefs(world, repository, [{ ref: `refs/heads/${branch}`, to: noOid }], doer(by), true);
    },
    head: (branch: string): string | null => branchAt(repository, branch),
    /** A file's text at a branch, tag or commit; null where there is none. */
    file(revision: string, path: string): string | null {
      const commit = repository.git.commitOf(resolveRevision(repository, revision) ?? '');
      const entry = commit ? repository.git.entryAt(commit.tree, path) : null;
      return entry && entry.mode !== '040000' ? (repository.git.object(entry.oid)?.content.toString('utf8') ?? null) : null;
    },
    files(revision: string): readonly string[] {
      const commit = repository.git.commitOf(resolveRevision(repository, revision) ?? '');
      return commit ? repository.git.files(commit.tree).map(({ path }) => path) : [];
    },
    /** Newest first. */
    log: (revision: string) =>
      repository.git.history(resolveRevision(repository, revision) ?? '').flatMap((oid) => repository.git.commit(oid) ?? []),
    /** After a push over the folder's path: makes its events. */
    pushed: (by?: string) => noticePushes(world, repository, doer(by)),
  };

  return {
    users,
    teams: teamsDesk,
    git,
    forkOf,
    token: tokensDesk(world, doer),
    openPull({
      branch,
      title,
      body = '',
      by,
      base = repository.defaultBranch,
      fork = false,
      draft = false,
    }: {
      readonly branch: string;
      readonly title: string;
      readonly body?: string;
      readonly by: string;
      readonly base?: string;
      /** From `by`'s fork. */
      readonly fork?: boolean;
      readonly draft?: boolean;
    }): { readonly number: number; readonly pull: Pull } {
      const headRepository = fork ? forkOf(by) : repository;
      const pull = openPull(world, repository, { title, body, base, headRepository, headBranch: branch, draft }, doer(by));
      return { number: pull.issue.number, pull };
    },
    pull: (number: number): Pull => need(repository.pulls.get(number)),
    closePull: (number: number, by?: string) => closePull(world, repository, need(repository.pulls.get(number)), doer(by)),
    reopenPull(number: number, by?: string) {
      const pull = need(repository.pulls.get(number));
      Object.assign(pull.issue, { state: 'open', closedAt: null, closedBy: null });
      tell(world, repository, pull, 'reopened', doer(by));
    },
    /** As a person does in the browser; `force`: with an administrator's bypass. */
    mergePull: (number: number, by?: string, options: { readonly force?: boolean; readonly method?: string } = {}): string =>
      mergePull(
        world,
        repository,
        need(repository.pulls.get(number)),
        options.method === undefined ? {} : { method: options.method },
        doer(by),
        options.force,
      ),
    review(
      number: number,
      by: string,
      state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED',
      options: { readonly body?: string; readonly commit?: string } = {},
    ): Review {
      const draft = { state, body: options.body ?? '', ...(options.commit === undefined ? {} : { commit: options.commit }) };
      return addReview(world, repository, need(repository.pulls.get(number)), draft, doer(by));
    },
    dismissReview(number: number, id: number, by?: string) {
      const pull = need(repository.pulls.get(number));
      const review = need(pull.reviews.find((one) => one.id === id));
      review.state = 'DISMISSED';
      tellReview(world, repository, pull, review, 'dismissed', doer(by));
    },
    openIssue: ({ title, body = '', by, labels = [] }: { title: string; body?: string; by: string; labels?: readonly string[] }): Issue =>
      addIssue(world, repository, { title, body, labels, pull: false }, doer(by)),
    issue: (number: number): Issue => need(repository.issues.get(number)),
    comment: (number: number, body: string, by: string): IssueComment =>
      addComment(world, repository, need(repository.issues.get(number)), body, doer(by)),
    editComment(id: number, body: string, by?: string) {
      const comment = need(repository.comments.find((one) => one.id === id));
      editComment(world, repository, comment, body, by === undefined ? asUser(comment.author) : doer(by));
    },
    comments: (number?: number): readonly IssueComment[] =>
      repository.comments.filter((one) => number === undefined || one.number === number),
    react: (comment: number, content: string, by: string) =>
      react(world, need(repository.comments.find(({ id }) => id === comment)).reactions, content, doer(by).account),
    /** Newest of each name and source at a commit. */
    checks: (sha: string) =>
      repository.checkRuns.filter(
        (run, _, all) => run.sha === sha && all.findLast((one) => one.name === run.name && one.app === run.app && one.sha === sha) === run,
      ),
    /** By `weighin`, by `github-actions`, or by another App of that slug, which is made. */
    postCheck({
      sha,
      name,
      conclusion = 'success',
      app = 'github-actions',
    }: {
      sha: string;
      name: string;
      conclusion?: string;
      app?: string;
    }) {
      const source = [...world.apps.values()].find(({ slug }) => slug === app) ?? makeApp(world, app);
      const run = startCheckRun(world, repository, sha, name, source);
      fillCheckRun(world, run, { conclusion });
      repository.checkRuns.push(run);
      tellCheckRun(world, repository, run, 'completed', asApp(source));
      return run;
    },
    /** As if a runner had done it. @see PlayedRun */
    playRun: (run: PlayedRun) => playRun(world, repository, run),
    finishRun: (id: number, conclusion = 'success') =>
      finishRun(world, repository, need(repository.runs.find((run) => run.id === id)), conclusion),
    run: (id: number) => need(repository.runs.find((one) => one.id === id)),
    /** A person asks for it once more: another attempt of the same run. */
    rerun(id: number, conclusion = 'success') {
      const run = need(repository.runs.find((one) => one.id === id));
      run.attempt += 1;
      finishRun(world, repository, run, conclusion);
    },
    mergeQueue: {
      /** Numbers, in order. */
      waiting: (base = repository.defaultBranch): readonly number[] =>
        (repository.queues.get(base) ?? []).map(({ pull }) => pull.issue.number),
      /** The merged heads that are being checked. */
      groups: (base = repository.defaultBranch) =>
        (repository.queues.get(base) ?? []).map(({ pull, groupSha, groupRef }) => ({
          number: pull.issue.number,
          sha: groupSha,
          ref: groupRef,
        })),
      /** Merges what has its required checks, in order; puts out what failed one. */
      turn: (base = repository.defaultBranch) => turnQueue(world, repository, base),
    },
    /** Keeps a Sigstore bundle for `sha256:<hex>`. */
    attest(digest: string, bundle: unknown) {
      repository.attestations.set(digest, [...(repository.attestations.get(digest) ?? []), bundle]);
    },
    addEnvironment(name: string, { branches = 'all', reviewers = false }: Partial<Omit<Environment, 'id'>> = {}) {
      repository.environments.set(name, { id: world.nextId(), branches, reviewers });
    },
    deployments: (environment?: string) =>
      repository.deployments.filter((one) => environment === undefined || one.environment === environment),
    releases: () => repository.releases,
    /** A manifest's code, as the browser brings it back. */
    acceptManifest(manifest: Record<string, unknown> = {}): string {
      const code = randomUUID();
      world.manifests.set(code, manifest);
      return code;
    },
    /** A ruleset. Required checks: `{ type: 'required_status_checks', parameters: { required_status_checks: [{ context, integration_id }] } }`. */
    protect({
      refs,
      rules,
      bypass = [],
      name = 'rules',
    }: {
      /** `~DEFAULT_BRANCH`, `refs/heads/weighin/**`. */
      readonly refs: readonly string[];
      readonly rules: readonly RulesetRule[];
      readonly bypass?: readonly (Ruleset['bypass'][number] | 'app')[];
      readonly name?: string;
    }): Ruleset {
      const ruleset: Ruleset = {
        id: world.nextId(),
        name,
        enforcement: 'active',
        include: refs,
        exclude: [],
        bypass: bypass.map((one) => (one === 'app' ? { actorId: world.app.id, actorType: 'Integration' as const } : one)),
        rules,
      };
      repository.rulesets.push(ruleset);
      return ruleset;
    },
  };
}

function tokensDesk(world: World, doer: (login: string | undefined) => Doer) {
  const add = (prefix: string, token: Parameters<World['tokens']['set']>[1]): string => {
    const value = `${prefix}_${randomUUID().replaceAll('-', '')}`;
    world.tokens.set(value, token);
    return value;
  };
  return {
    /** The App's, with all that it was granted or less. */
    installation: (permissions: Readonly<Record<string, string>> = world.app.permissions): string =>
      add('ghs', { kind: 'installation', doer: asApp(world.app), permissions, repositories: null }),
    /** A job's GITHUB_TOKEN with these `permissions:`. */
    workflow: (permissions: Readonly<Record<string, string>> = { contents: 'read' }): string =>
      add('ghs', { kind: 'workflow', doer: asApp(actionsApp), permissions, repositories: [world.repositories[0]?.id ?? 0] }),
    /** A person's own: it may what the person may. */
    user: (login: string): string => add('ghp', { kind: 'user', doer: doer(login) }),
    revoke: (value: string): boolean => world.tokens.delete(value),
  };
}

function makeApp(world: World, slug: string) {
  const id = world.nextId();
  const made = { ...actionsApp, id, slug, name: slug, bot: account(id + 200_000, `${slug}[bot]`, 'Bot') };
  world.apps.set(id, made);
  world.accounts.set(made.bot.login, made.bot);
  return made;
}
