import { InfrastructureError } from '../../errors.ts';
import { repositoryName } from './repository-name.ts';
import { askGit, askGitOrNull, firstLine, runGit } from './run-git.ts';

/** What Git says about a work tree. */
export interface GitState {
  /** The work tree's uppermost folder. */
  readonly top: string;
  /** Full object ids; null before the first commit. */
  readonly commit: string | null;
  readonly tree: string | null;
  /** null where HEAD is detached. */
  readonly branch: string | null;
  /** Whether the work tree differs from the commit; what Weighin itself leaves under `.weighin` does not count, nor do ignored files. */
  readonly dirty: boolean;
  /** `owner/name` by the remote `origin`. */
  readonly repository: string | null;
}

/** Weighin's own output. */
export const withoutOwnOutput = [':/', ':(top,exclude,glob)**/.weighin/**'] as const;

/** The state of the work tree that holds `root`; null outside Git. Anything else that keeps git from answering is an error. */
export async function readGit(root: string): Promise<GitState | null> {
  const top = await findTop(root);
  if (top === null) return null;
  const [commit, tree, branch, changes, remote] = await Promise.all([
    askGitOrNull(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    askGitOrNull(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{tree}']),
    askGitOrNull(root, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    askGit(root, ['status', '--porcelain=v1', '-z', '--untracked-files=normal', '--', ...withoutOwnOutput]),
    askGitOrNull(root, ['config', '--get', 'remote.origin.url']),
  ]);
  return { top, commit, tree, branch, dirty: changes !== '', repository: remote === null ? null : repositoryName(remote) };
}

export async function findTop(root: string): Promise<string | null> {
  const { status, stdout, stderr } = await runGit(root, ['rev-parse', '--show-toplevel']);
  if (status === 0) return stdout.toString('utf8').replace(/\n$/, '');
  if (/not a git repository/.test(stderr)) return null;
  if (/dubious ownership/.test(stderr))
    throw new InfrastructureError(
      'GIT_FAILED',
      `git does not trust ${root}, because another user owns it. Run: git config --global --add safe.directory ${root}`,
    );
  throw new InfrastructureError('GIT_FAILED', `git could not read ${root}: ${firstLine(stderr)}`);
}
