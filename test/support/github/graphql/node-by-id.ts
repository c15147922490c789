import { nodeId } from '../payloads/account.ts';
import { deploymentNode } from './deployment.ts';
import { mustHave, type Node, type Viewer } from './node.ts';
import { commentNode, issueNode, pullNode } from './pull.ts';
import { repositoryNode } from './repository.ts';

/** What REST's `node_id` stands for; null where the double has nothing of that name. */
export function nodeById(viewer: Viewer, id: string): Node | null {
  const [kind = '', number = ''] = id.split('_');
  for (const repository of viewer.world.repositories) {
    if (nodeId('R', repository.id) === id) return repositoryNode(viewer, repository);
    const is = (one: { readonly id: number }): boolean => one.id === Number(number);
    if (kind === 'PR') {
      const pull = [...repository.pulls.values()].find(is);
      if (pull) {
        mustHave(viewer, 'pull_requests', 'read');
        return pullNode(viewer, repository, pull);
      }
    }
    const issue = kind === 'I' ? [...repository.issues.values()].find(is) : undefined;
    if (issue) return issueNode(viewer, repository, issue);
    const comment = kind === 'IC' ? repository.comments.find(is) : undefined;
    if (comment) return commentNode(viewer, repository, comment);
    const deployment = kind === 'DE' ? repository.deployments.find(is) : undefined;
    if (deployment) return deploymentNode(viewer, repository, deployment);
  }
  return null;
}
