import { webFlow } from '../accounts.ts';
import type { Signature } from '../git/commit.ts';
import type { Doer, Repository } from '../state.ts';
import type { World } from '../world.ts';

export interface CommitDraft {
  readonly parents: readonly string[];
  /** null removes. */
  readonly files: ReadonlyMap<string, Uint8Array | string | null>;
  readonly message: string;
  readonly author?: Signature;
  readonly committer?: Signature;
}

export const signatureOf = (world: World, by: Doer): Signature => ({
  name: by.account.name,
  email: by.account.email,
  date: world.clock.iso(),
});
export const gitHubsSignature = (world: World): Signature => ({ name: webFlow.name, email: webFlow.email, date: world.clock.iso() });

/** A commit that nothing points at yet, on top of its first parent's tree. */
export function writeCommit(world: World, repository: Repository, draft: CommitDraft, by: Doer): string {
  const { git } = repository;
  const base = draft.parents[0] === undefined ? null : (git.commit(draft.parents[0])?.tree ?? null);
  const edits = new Map(
    [...draft.files].map(([path, content]) => {
      if (content === null) return [path, null] as const;
      const mode = (base === null ? null : git.entryAt(base, path))?.mode ?? '100644';
      return [path, { oid: git.writeBlob(content), mode: mode === '040000' ? '100644' : mode }] as const;
    }),
  );
  const author = draft.author ?? signatureOf(world, by);
  return git.writeCommit({
    tree: git.editTree(base, edits),
    parents: draft.parents,
    author,
    committer: draft.committer ?? author,
    message: draft.message,
  });
}

/** Through GitHub's own API: committed by GitHub, and signed. */
export function writeSignedCommit(world: World, repository: Repository, draft: CommitDraft, by: Doer): string {
  const oid = writeCommit(world, repository, { ...draft, committer: gitHubsSignature(world) }, by);
  repository.verified.add(oid);
  return oid;
}
