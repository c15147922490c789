import { Refusal } from '../refusal.ts';
import type { Doer, Pull, Repository, Ruleset, RulesetRule } from '../state.ts';
import { atLeast, roleOf, type World } from '../world.ts';

export interface ActiveRule {
  readonly ruleset: Ruleset;
  readonly rule: RulesetRule;
}

/** `refs/heads/weighin/**` as GitHub matches it: a star stays in its folder, two do not. */
function matches(repository: Repository, pattern: string, ref: string): boolean {
  if (pattern === '~ALL') return true;
  if (pattern === '~DEFAULT_BRANCH') return ref === `refs/heads/${repository.defaultBranch}`;
  const expression = pattern
    .split(/(\*\*\/?|\*|\?)/)
    .map((part) =>
      part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.startsWith('**') ? '.*' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${expression}$`).test(ref);
}

export function rulesOf(repository: Repository, ref: string): readonly ActiveRule[] {
  return repository.rulesets
    .filter(({ enforcement }) => enforcement === 'active')
    .filter(
      ({ include, exclude }) =>
        include.some((one) => matches(repository, one, ref)) && !exclude.some((one) => matches(repository, one, ref)),
    )
    .flatMap((ruleset) => ruleset.rules.map((rule) => ({ ruleset, rule })));
}
const branchRules = (repository: Repository, branch: string) => rulesOf(repository, `refs/heads/${branch}`);
export const hasQueue = (repository: Repository, branch: string): boolean =>
  branchRules(repository, branch).some(({ rule }) => rule.type === 'merge_queue');

function bypasses(world: World, repository: Repository, ruleset: Ruleset, by: Doer): boolean {
  return ruleset.bypass.some(({ actorId, actorType }) => {
    if (actorType === 'Integration') return by.app?.id === actorId;
    if (actorType === 'RepositoryRole')
      return by.app === null && atLeast(roleOf(world, repository, by.account).base, actorId >= 5 ? 'admin' : 'maintain');
    return [...world.teams.values()].some(({ id, members }) => id === actorId && members.has(by.account.login.toLowerCase()));
  });
}

/** @throws Refusal 422 where a ruleset keeps this writer from this ref */
export function checkRefRules(
  world: World,
  repository: Repository,
  ref: string,
  change: 'creation' | 'update' | 'deletion',
  by: Doer,
): void {
  const inTheWay = rulesOf(repository, ref)
    .filter(({ ruleset }) => !bypasses(world, repository, ruleset, by))
    .filter(({ rule }) => {
      if (rule.type === change) return true;
      return change === 'update' && ['pull_request', 'required_status_checks', 'merge_queue'].includes(rule.type);
    });
  const [first] = inTheWay;
  if (!first) return;
  const why: Record<string, string> = {
    creation: 'Cannot create ref due to creations being restricted.',
    update: 'Cannot update this protected ref.',
    deletion: 'Cannot delete this protected ref.',
    pull_request: 'Changes must be made through a pull request.',
    required_status_checks: 'Required status checks are expected.',
    merge_queue: 'Changes must be made through the merge queue',
  };
  throw new Refusal(422, `Repository rule violations found\n\n${why[first.rule.type]}\n\n`);
}

/** Names of required checks that did not succeed at a commit. A check of that name from another source than the pinned one is none. */
export function missingChecks(repository: Repository, branch: string, sha: string): readonly string[] {
  return branchRules(repository, branch)
    .flatMap(({ rule }) => (rule.type === 'required_status_checks' ? (rule.parameters?.required_status_checks ?? []) : []))
    .filter(({ context, integration_id: source }) => {
      const newest = repository.checkRuns
        .filter((run) => run.sha === sha && run.name === context && (source === undefined || run.app.id === source))
        .at(-1);
      return newest?.status !== 'completed' || !['success', 'neutral', 'skipped'].includes(newest.conclusion ?? '');
    })
    .map(({ context }) => context);
}

/** The latest review of each person who may push, counting only those that say yes or no. */
export function standingReviews(world: World, repository: Repository, pull: Pull) {
  const latest = new Map<number, Pull['reviews'][number]>();
  for (const review of pull.reviews)
    if (review.state !== 'COMMENTED' && review.state !== 'PENDING' && atLeast(roleOf(world, repository, review.author).base, 'write'))
      latest.set(review.author.id, review);
  return [...latest.values()];
}

/** Why a pull request can't be merged by these rules; null where nothing is in the way. */
export function mergeObstacle(world: World, repository: Repository, pull: Pull, by: Doer): string | null {
  const rules = branchRules(repository, pull.base).filter(({ ruleset }) => !bypasses(world, repository, ruleset, by));
  const has = (type: RulesetRule['type']) => rules.find(({ rule }) => rule.type === type)?.rule;
  if (has('merge_queue')) return 'Changes must be made through the merge queue';
  return unmetBeforeQueue(world, repository, pull, has('pull_request'), has('required_status_checks') !== undefined);
}

export function unmetBeforeQueue(
  world: World,
  repository: Repository,
  pull: Pull,
  reviews: RulesetRule | undefined,
  checks: boolean,
): string | null {
  const missing = checks ? missingChecks(repository, pull.base, pull.headSha) : [];
  if (missing.length > 0)
    return missing.length === 1
      ? `Required status check "${missing[0]}" is expected.`
      : `${missing.length} of ${missing.length} required status checks are expected.`;
  const wanted = reviews?.parameters?.required_approving_review_count ?? 0;
  const standing = standingReviews(world, repository, pull);
  if (standing.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'Changes have been requested by reviewers with write access.';
  if (standing.filter(({ state }) => state === 'APPROVED').length < wanted)
    return `At least ${wanted} approving review${wanted === 1 ? ' is' : 's are'} required by reviewers with write access.`;
  return null;
}
export const ruleOf = (repository: Repository, branch: string, type: RulesetRule['type']): RulesetRule | undefined =>
  branchRules(repository, branch).find(({ rule }) => rule.type === type)?.rule;

/** @throws Refusal 403: no App without `workflows`, hence no workflow's token ever, brings in a change to a workflow file */
export function checkWorkflowFiles(repository: Repository, before: string | null, after: string, by: Doer): void {
  if (by.app === null || by.app.permissions['workflows'] === 'write') return;
  const { git } = repository;
  if (!git.commit(after)) return;
  const main = git.ref(`${repository.refs}heads/${repository.defaultBranch}`);
  const from = before ?? (main === null ? null : git.mergeBase(main, after));
  const changed = git.differences(from, after).find(({ path }) => path.startsWith('.github/workflows/'));
  if (changed)
    throw new Refusal(
      403,
      `refusing to allow a GitHub App to create or update workflow \`${changed.path}\` without \`workflows\` permission`,
    );
}
