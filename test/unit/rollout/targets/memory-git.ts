import { InfrastructureError } from '../../../../shared/errors.ts';
import type { BranchCommit, FileText, Forge, ForgeGit } from '../../../../shared/promotion/forge.ts';

/** A repository in memory whose branches are written by compare-and-swap, as GitHub's are. */
export function openMemoryGit(main: Readonly<Record<string, string>>) {
  const branches = new Map<string, { commit: string; files: ReadonlyMap<string, string> }>();
  const commits = new Map<string, ReadonlyMap<string, string>>();
  const messages: string[] = [];
  let count = 0;
  let writesLeft = Number.POSITIVE_INFINITY;
  let before: (() => void) | null = null;

  function put(branch: string, files: ReadonlyMap<string, string>): string {
    const commit = (++count).toString(16).padStart(40, '0');
    commits.set(commit, files);
    branches.set(branch, { commit, files });
    return commit;
  }
  put('main', new Map(Object.entries(main)));
  const at = (ref: string) => {
    const branch = branches.get(ref);
    if (branch) return branch;
    const files = commits.get(ref);
    return files ? { commit: ref, files } : null;
  };
  const away = () => new InfrastructureError('FORGE_UNREACHABLE', 'api.github.example did not answer.');
  const refuse = () => Promise.reject(new Error('not asked of by a target'));
  function spend() {
    if (writesLeft <= 0) throw away();
    writesLeft -= 1;
  }

  const git: ForgeGit = {
    async read(wanted) {
      if (writesLeft <= 0) throw away();
      return wanted.map(({ ref, paths }) => {
        const found = at(ref);
        return { ref, commit: found?.commit ?? null, files: new Map(paths.map((path) => [path, found?.files.get(path) ?? null])) };
      });
    },
    async list(ref, folder) {
      if (writesLeft <= 0) throw away();
      return [...(at(ref)?.files ?? [])]
        .filter(([path]) => folder === '' || path.startsWith(`${folder}/`))
        .map(([path, text]) => ({ path, oid: '', bytes: text.length, mode: 'file' as const }));
    },
    async head(branch) {
      if (writesLeft <= 0) throw away();
      return at(branch)?.commit ?? null;
    },
    async commit({ branch, expectedHead, message, write, remove = [] }: BranchCommit) {
      spend();
      const meanwhile = before;
      before = null;
      meanwhile?.();
      const found = branches.get(branch);
      if (!found || found.commit !== expectedHead) return { committed: false };
      const files = new Map(found.files);
      for (const { path, text } of write) files.set(path, text);
      for (const path of remove) files.delete(path);
      messages.push(message);
      return { committed: true, oid: put(branch, files) };
    },
    async createOrphanBranch(name: string, message: string, files: readonly FileText[]) {
      spend();
      const meanwhile = before;
      before = null;
      meanwhile?.();
      if (branches.has(name)) return 'taken';
      messages.push(message);
      put(name, new Map(files.map(({ path, text }) => [path, text])));
      return 'created';
    },
    readBytes: refuse,
    history: refuse,
    createBranch: refuse,
    deleteBranch: refuse,
    createTag: refuse,
  };
  const forge: Pick<Forge, 'git' | 'repository'> = {
    git,
    repository: { id: 1, owner: 'acme', name: 'churn', defaultBranch: 'main', private: true, url: 'https://github.example/acme/churn' },
  };
  return {
    forge,
    messages,
    text: (branch: string, path: string) => branches.get(branch)?.files.get(path) ?? null,
    paths: (branch: string) => [...(branches.get(branch)?.files.keys() ?? [])],
    /** As somebody else, past every check. */
    put: (branch: string, files: Readonly<Record<string, string>>) =>
      put(branch, new Map([...(branches.get(branch)?.files ?? []), ...Object.entries(files)])),
    /** Done once, just before the next write arrives. */
    beforeWrite(work: () => void) {
      before = work;
    },
    /** Nobody answers, once so many more writes were made. */
    breakOff(after: number) {
      writesLeft = after;
    },
    mend() {
      writesLeft = Number.POSITIVE_INFINITY;
    },
  };
}
