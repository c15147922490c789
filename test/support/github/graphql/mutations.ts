import { noOid } from '../git/bare-repository.ts';
import { signatureOf, writeSignedCommit } from '../operations/commits.ts';
import { dequeue, enqueue } from '../operations/merge-queue.ts';
import { branchAt, moveRefs, refAt } from '../operations/refs.ts';
import { checkRefRules, checkWorkflowFiles } from '../operations/rules.ts';
import { nodeId } from '../payloads/account.ts';
import { Refusal } from '../refusal.ts';
import type { Pull, Repository } from '../state.ts';
import { objectNode, refNode } from './git.ts';
import { type Arguments, GraphRefusal, mustReach, type Node, type Viewer } from './node.ts';
import { queueEntryNode } from './pull.ts';

const noNode = (id: unknown) => new GraphRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);

/** A ruleset's refusal, and others of REST, in GraphQL's words. */
function inGraphQL<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) throw new GraphRefusal('UNPROCESSABLE', error.message);
    throw error;
  }
}

function repositoryOf(viewer: Viewer, find: (repository: Repository) => boolean, named: unknown): Repository {
  const found = viewer.world.repositories.find(find);
  if (!found) throw noNode(named);
  mustReach(viewer, found, { contents: 'write' });
  return found;
}

function pullOf(viewer: Viewer, id: unknown): { readonly repository: Repository; readonly pull: Pull } {
  for (const repository of viewer.world.repositories) {
    const pull = [...repository.pulls.values()].find((one) => nodeId('PR', one.id) === id);
    if (!pull) continue;
    mustReach(viewer, repository, { pull_requests: 'write', contents: 'write' });
    return { repository, pull };
  }
  throw noNode(id);
}

export function mutations(viewer: Viewer): Node {
  const { world, token } = viewer;
  const by = token.doer;
  return {
    createCommitOnBranch: ({ input }: Arguments) => {
      const given = input as {
        readonly branch: { readonly id?: string; readonly repositoryNameWithOwner?: string; readonly branchName?: string };
        readonly expectedHeadOid: string;
        readonly message: { readonly headline: string; readonly body?: string };
        readonly fileChanges?: {
          readonly additions?: readonly { path: string; contents: string }[];
          readonly deletions?: readonly { path: string }[];
        };
        readonly clientMutationId?: string;
      };
      const [, id = '', ref = ''] = /^REF_(\d+):(.+)$/.exec(given.branch.id ?? '') ?? [];
      const repository = repositoryOf(
        viewer,
        (one) => (id === '' ? `${one.owner.login}/${one.name}` === given.branch.repositoryNameWithOwner : one.id === Number(id)),
        given.branch.repositoryNameWithOwner ?? given.branch.id,
      );
      const branch = id === '' ? String(given.branch.branchName).replace(/^refs\/heads\//, '') : ref.replace(/^refs\/heads\//, '');
      const head = branchAt(repository, branch);
      if (head === null) throw new GraphRefusal('NOT_FOUND', `No ref found for branch "${branch}"`);
      const stale = () =>
        new GraphRefusal('STALE_DATA', `Expected branch to point to "${given.expectedHeadOid}" but it did not.  Pull and try again.`);
      inGraphQL(() => checkRefRules(world, repository, `refs/heads/${branch}`, 'update', by));
      if (head !== given.expectedHeadOid) throw stale();
      const { additions = [], deletions = [] } = given.fileChanges ?? {};
      const tree = repository.git.commit(head)?.tree ?? '';
      for (const { path } of deletions)
        if (!repository.git.entryAt(tree, path))
          throw new GraphRefusal('UNPROCESSABLE', `A path was requested for deletion which does not exist: ${path}`);
      const body = given.message.body ?? '';
      const files = new Map<string, Buffer | null>([
        ...deletions.map(({ path }) => [path, null] as const),
        ...additions.map(({ path, contents }) => [path, Buffer.from(contents, 'base64')] as const),
      ]);
      const message = body === '' ? given.message.headline : `${given.message.headline}\n\n${body}`;
      const oid = writeSignedCommit(world, repository, { parents: [head], files, message, author: signatureOf(world, by) }, by);
      inGraphQL(() => checkWorkflowFiles(repository, head, oid, by));
      if (!moveRefs(world, repository, [{ ref: `refs/heads/${branch}`, to: oid, from: given.expectedHeadOid }], by, true)) throw stale();
      return {
        clientMutationId: given.clientMutationId ?? null,
        commit: objectNode(viewer, repository, oid),
        ref: refNode(viewer, repository, branch),
      };
    },
    updateRefs: ({ input }: Arguments) => {
      const given = input as {
        readonly repositoryId: string;
        readonly refUpdates: readonly {
          readonly name: string;
          readonly afterOid: string;
          readonly beforeOid?: string;
          readonly force?: boolean;
        }[];
        readonly clientMutationId?: string;
      };
      const repository = repositoryOf(viewer, ({ id }) => nodeId('R', id) === given.repositoryId, given.repositoryId);
      for (const { name, afterOid, beforeOid, force = false } of given.refUpdates) {
        if (!/^refs\/(?:heads|tags)\/./.test(name))
          throw new GraphRefusal('UNPROCESSABLE', `Ref name "${name}" must start with refs/heads/ or refs/tags/`);
        if (afterOid !== noOid && !repository.git.object(afterOid))
          throw new GraphRefusal('UNPROCESSABLE', `Object ${afterOid} does not exist`);
        const at = refAt(repository, name);
        if (beforeOid != null && beforeOid !== (at ?? noOid))
          throw new GraphRefusal('STALE_DATA', `Reference ${name} does not point to ${beforeOid}`);
        if (afterOid === noOid && at === null) throw new GraphRefusal('UNPROCESSABLE', `Reference ${name} does not exist`);
        if (!force && at !== null && afterOid !== noOid && !repository.git.isAncestor(at, afterOid))
          throw new GraphRefusal('UNPROCESSABLE', `Update of ${name} is not a fast-forward`);
      }
      const moves = given.refUpdates.map(({ name, afterOid, beforeOid }) => ({
        ref: name,
        to: afterOid,
        ...(beforeOid == null ? {} : { from: beforeOid }),
      }));
      if (!inGraphQL(() => moveRefs(world, repository, moves, by))) throw new GraphRefusal('STALE_DATA', 'References could not be updated');
      return { clientMutationId: given.clientMutationId ?? null };
    },
    enqueuePullRequest: ({ input }: Arguments) => {
      const given = input as { readonly pullRequestId: string; readonly expectedHeadOid?: string; readonly clientMutationId?: string };
      const { repository, pull } = pullOf(viewer, given.pullRequestId);
      if (given.expectedHeadOid != null && given.expectedHeadOid !== pull.headSha)
        throw new GraphRefusal('UNPROCESSABLE', 'Head sha was out of date. Review and try the merge again.');
      const entry = inGraphQL(() => enqueue(world, repository, pull, by));
      return { clientMutationId: given.clientMutationId ?? null, mergeQueueEntry: queueEntryNode(viewer, repository, entry) };
    },
    dequeuePullRequest: ({ input }: Arguments) => {
      const given = input as { readonly id: string; readonly clientMutationId?: string };
      const { repository, pull } = pullOf(viewer, given.id);
      const entry = inGraphQL(() => dequeue(world, repository, pull, by));
      return { clientMutationId: given.clientMutationId ?? null, mergeQueueEntry: queueEntryNode(viewer, repository, entry) };
    },
  };
}
