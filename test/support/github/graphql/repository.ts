import { resolveRevision } from '../operations/refs.ts';
import { hasQueue } from '../operations/rules.ts';
import { nodeId } from '../payloads/account.ts';
import { htmlOf } from '../payloads/repository.ts';
import type { Repository } from '../state.ts';
import { deploymentNode } from './deployment.ts';
import { objectAt, objectNode, refNode } from './git.ts';
import { type Arguments, connection, GraphRefusal, mustHave, type Node, type Viewer } from './node.ts';
import { actor, collaborators } from './people.ts';
import { issueNode, pullNode, queueEntryNode } from './pull.ts';

const missing = (kind: string, number: unknown) =>
  new GraphRefusal('NOT_FOUND', `Could not resolve to ${kind} with the number of ${number}.`);

export function repositoryNode(viewer: Viewer, repository: Repository): Node {
  const { world } = viewer;
  const contents = () => mustHave(viewer, 'contents', 'read');
  return {
    __typename: 'Repository',
    id: nodeId('R', repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: `${repository.owner.login}/${repository.name}`,
    owner: actor(world, repository.owner),
    url: htmlOf(world, repository),
    isPrivate: repository.private,
    isFork: repository.parent !== null,
    isArchived: false,
    parent: () => (repository.parent ? repositoryNode(viewer, repository.parent) : null),
    squashMergeAllowed: repository.mergeMethods.has('squash'),
    mergeCommitAllowed: repository.mergeMethods.has('merge'),
    rebaseMergeAllowed: repository.mergeMethods.has('rebase'),
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    defaultBranchRef: () => {
      contents();
      return refNode(viewer, repository, repository.defaultBranch);
    },
    ref: ({ qualifiedName }: Arguments) => {
      contents();
      return refNode(viewer, repository, String(qualifiedName));
    },
    refs: (args: Arguments) => {
      contents();
      const prefix = String(args['refPrefix']);
      const found = repository.git
        .refsUnder(`${repository.refs}${prefix.replace(/^refs\//, '')}`)
        .map(({ ref }) => ref.replace(repository.refs, 'refs/'));
      const wanted = found.filter((ref) => args['query'] == null || ref.includes(String(args['query'])));
      return connection('refs', wanted, args, (ref) => refNode(viewer, repository, ref));
    },
    object: ({ expression, oid }: Arguments) => {
      contents();
      if (typeof expression === 'string') return objectAt(viewer, repository, expression);
      return typeof oid === 'string' ? objectNode(viewer, repository, resolveRevision(repository, oid) ?? '') : null;
    },
    pullRequest: ({ number }: Arguments) => {
      mustHave(viewer, 'pull_requests', 'read');
      const pull = repository.pulls.get(Number(number));
      if (!pull) throw missing('a PullRequest', number);
      return pullNode(viewer, repository, pull);
    },
    pullRequests: (args: Arguments) => {
      mustHave(viewer, 'pull_requests', 'read');
      const states = args['states'] as readonly string[] | null | undefined;
      const order = args['orderBy'] as { readonly field: string; readonly direction: string } | null | undefined;
      const found = [...repository.pulls.values()]
        .filter((pull) => states == null || states.includes(pull.merged ? 'MERGED' : pull.issue.state.toUpperCase()))
        .filter((pull) => args['headRefName'] == null || pull.headBranch === args['headRefName'])
        .filter((pull) => args['baseRefName'] == null || pull.base === args['baseRefName']);
      if (order?.field === 'UPDATED_AT') found.sort((a, b) => a.issue.updatedAt.localeCompare(b.issue.updatedAt));
      if (order?.direction === 'DESC') found.reverse();
      return connection('pullRequests', found, args, (pull) => pullNode(viewer, repository, pull));
    },
    issue: ({ number }: Arguments) => {
      mustHave(viewer, 'issues', 'read');
      const issue = repository.issues.get(Number(number));
      if (!issue || issue.pull) throw missing('an Issue', number);
      return issueNode(viewer, repository, issue);
    },
    issueOrPullRequest: ({ number }: Arguments) => {
      mustHave(viewer, 'issues|pull_requests', 'read');
      const issue = repository.issues.get(Number(number));
      if (!issue) throw missing('an issue or pull request', number);
      const pull = repository.pulls.get(issue.number);
      return pull ? pullNode(viewer, repository, pull) : issueNode(viewer, repository, issue);
    },
    issues: (args: Arguments) => {
      mustHave(viewer, 'issues', 'read');
      const states = args['states'] as readonly string[] | null | undefined;
      const found = [...repository.issues.values()].filter(
        (issue) => !issue.pull && (states == null || states.includes(issue.state.toUpperCase())),
      );
      return connection('issues', found, args, (issue) => issueNode(viewer, repository, issue));
    },
    deployments: (args: Arguments) => {
      const environments = args['environments'] as readonly string[] | null | undefined;
      const found = repository.deployments.filter(({ environment }) => environments == null || environments.includes(environment));
      const order = args['orderBy'] as { readonly direction: string } | null | undefined;
      const sorted = order?.direction === 'DESC' ? found.toReversed() : found;
      return connection('deployments', sorted, args, (one) => deploymentNode(viewer, repository, one));
    },
    collaborators: (args: Arguments) => collaborators(viewer, repository, args),
    mergeQueue: ({ branch }: Arguments) => {
      const base = String(branch ?? repository.defaultBranch);
      if (!hasQueue(repository, base)) return null;
      mustHave(viewer, 'merge_queues', 'read');
      return {
        id: nodeId('MQ', repository.id),
        url: `${htmlOf(world, repository)}/queue/${base}`,
        entries: (args: Arguments) =>
          connection('entries', repository.queues.get(base) ?? [], args, (entry) => queueEntryNode(viewer, repository, entry)),
      };
    },
  };
}
