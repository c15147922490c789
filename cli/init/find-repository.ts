import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { findTop } from '../../shared/adapters/git/read-git.ts';
import { askGitOrNull } from '../../shared/adapters/git/run-git.ts';

export interface Repository {
  /** Absolute; the folder itself outside Git. */
  readonly top: string;
  /** The folder as seen from `top`, with `/`; '' where they are the same. */
  readonly within: string;
  readonly defaultBranch: string;
  readonly isGit: boolean;
}

/** Where a workflow has to lie, and which branch it watches: what origin calls its default, else main or master, whichever is there. */
export async function findRepository(folder: string): Promise<Repository> {
  const top = await findTop(folder);
  if (top === null) return { top: folder, within: '', defaultBranch: 'main', isGit: false };
  const within = relative(await realpath(top), await realpath(folder)).replaceAll('\\', '/');
  const head = await askGitOrNull(folder, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  const current = await askGitOrNull(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const known = await Promise.all(
    ['main', 'master'].map(async (name) =>
      (await askGitOrNull(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])) ? name : undefined,
    ),
  );
  const unborn = current === 'main' || current === 'master' ? current : undefined;
  return { top, within, defaultBranch: head?.replace(/^origin\//, '') ?? known.find(Boolean) ?? unborn ?? 'main', isGit: true };
}
