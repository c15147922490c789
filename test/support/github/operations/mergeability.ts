import type { Pull, Repository } from '../state.ts';
import { asUser, type World } from '../world.ts';
import { mergeObstacle } from './rules.ts';

/** What GitHub says of a pull request's merge: whether Git can, and whether the rules let it. */
export function mergeabilityOf(
  world: World,
  repository: Repository,
  pull: Pull,
): { readonly mergeable: boolean | null; readonly state: string } {
  if (pull.issue.state === 'closed' || pull.mergeable === 'unknown') return { mergeable: null, state: 'unknown' };
  const base = repository.git.ref(`${repository.refs}heads/${pull.base}`);
  if (base === null) return { mergeable: null, state: 'unknown' };
  if (pull.mergeable === 'conflict' || repository.git.mergeTree(base, pull.headSha) === null) return { mergeable: false, state: 'dirty' };
  if (pull.draft) return { mergeable: true, state: 'draft' };
  return { mergeable: true, state: mergeObstacle(world, repository, pull, asUser(pull.issue.author)) === null ? 'clean' : 'blocked' };
}
