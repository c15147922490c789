import { createHash } from 'node:crypto';
import type { Forge } from '../../../shared/promotion/forge.ts';
import { stateBranch } from '../../../shared/promotion/state-paths.ts';

type Git = Pick<Forge['git'], 'head' | 'list' | 'read' | 'commit' | 'createOrphanBranch'>;

/** As much of a forge as a guard touches: one branch, compare-and-swap, every commit kept. */
export interface StateBranch {
  readonly files: () => ReadonlyMap<string, string>;
  readonly commits: readonly { readonly oid: string; readonly message: string; readonly files: ReadonlyMap<string, string> }[];
  /** What somebody else writes. */
  readonly write: (files: Readonly<Record<string, string>>, message?: string) => void;
  readonly git: Git;
}

export function createStateBranch(first: Readonly<Record<string, string>>): StateBranch {
  const commits: { oid: string; message: string; files: ReadonlyMap<string, string> }[] = [];
  const write = (files: Readonly<Record<string, string>>, message = 'somebody else') => {
    const next = new Map([...(commits.at(-1)?.files ?? []), ...Object.entries(files)]);
    const oid = createHash('sha1')
      .update(`${commits.length}${JSON.stringify([...next])}`)
      .digest('hex');
    commits.push({ oid, message, files: next });
    return oid;
  };
  write(first);
  const at = (ref: string) => (ref === stateBranch ? commits.at(-1) : commits.find(({ oid }) => oid === ref));
  return {
    commits,
    write: (files, message) => void write(files, message),
    files: () => commits.at(-1)!.files,
    git: {
      head: async () => commits.at(-1)!.oid,
      list: async (ref, folder) =>
        [...at(ref)!.files.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => ({ path, oid: '0'.repeat(40), bytes: 1, mode: 'file' as const })),
      read: async (wanted) =>
        wanted.map(({ ref, paths }) => ({
          ref,
          commit: at(ref)?.oid ?? null,
          files: new Map(paths.map((path) => [path, at(ref)?.files.get(path) ?? null])),
        })),
      commit: async ({ expectedHead, message, write: files }) =>
        expectedHead === commits.at(-1)!.oid
          ? { committed: true, oid: write(Object.fromEntries(files.map(({ path, text }) => [path, text])), message) }
          : { committed: false },
      createOrphanBranch: async () => 'taken',
    },
  };
}
