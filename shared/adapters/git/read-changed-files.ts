import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import { UserError } from '../../errors.ts';
import { findTop, withoutOwnOutput } from './read-git.ts';
import { askGit, askGitOrNull, splitNul } from './run-git.ts';

export interface ChangedFiles {
  /** The commit that the work tree was compared with: where it and the base ref part. */
  readonly base: string;
  /** Relative to the root, with slashes, in byte order; `../` leads to files of the repository outside it. */
  readonly files: readonly string[];
}

/**
 * The files in which the work tree differs from where it left `base`: by commits, by uncommitted changes, and new files that are
 * not ignored. A file that was renamed counts twice, by its old and its new name; a deleted one counts. Null outside Git.
 * @throws UserError BASE_NOT_FOUND where this clone has no such ref, or too little history to find the fork.
 */
export async function readChangedFiles(root: string, base: string): Promise<ChangedFiles | null> {
  const top = await findTop(root);
  if (top === null) return null;
  const commit = await askGitOrNull(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`]);
  if (!commit) throw notFound(`Git knows no ${JSON.stringify(base)} to compare with.`);
  const fork = await askGitOrNull(root, ['merge-base', commit, 'HEAD']);
  if (!fork) throw notFound(`Git finds no common history of this commit and ${JSON.stringify(base)}.`);
  const [changed, untracked] = await Promise.all([
    // From the fork to the files as they lie there: committed, staged and unstaged changes in one.
    askGit(top, ['diff', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv', '-z', fork, '--', ...withoutOwnOutput]),
    askGit(top, ['ls-files', '--others', '--exclude-standard', '-z', '--', ...withoutOwnOutput]),
  ]);
  const under = posix.relative(slashes(top), slashes(await realpath(root)));
  const files = [...new Set([...splitNul(changed), ...splitNul(untracked)])].map((file) => posix.relative(under, file));
  return { base: fork, files: files.sort(byBytes) };
}

const slashes = (path: string) => path.replaceAll('\\', '/');
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const notFound = (message: string) =>
  new UserError(
    'BASE_NOT_FOUND',
    message,
    'Fetch it: in Actions set `fetch-depth: 0` on actions/checkout, elsewhere `git fetch origin`; or name another base.',
  );
