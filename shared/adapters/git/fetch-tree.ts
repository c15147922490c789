import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfrastructureError, UserError } from '../../errors.ts';
import { firstLine, runGit } from './run-git.ts';

export interface TreeRequest {
  /** Of the repository: `https://github.com/acme/churn.git`. */
  readonly url: string;
  readonly token: string | undefined;
  /** Full commit id; also of a fork's pull request, which GitHub keeps in the base repository. */
  readonly commit: string;
  /** Absolute; made, and filled with the commit's files. */
  readonly folder: string;
  readonly limits?: { readonly files: number; readonly bytes: number };
}

const usual = { files: 100_000, bytes: 4_000_000_000 };

/**
 * Lays the files of a commit into a folder as data, and gives the tree's id. It is no checkout of somebody's work: no hook and no filter
 * runs, a link is a file that holds its target, a submodule is left out, and Git itself refuses names that leave the folder.
 * @throws UserError COMMIT_TOO_LARGE, InfrastructureError COMMIT_UNREADABLE
 */
export async function fetchTree({ url, token, commit, folder, limits = usual }: TreeRequest): Promise<string> {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new RangeError(`Not a commit: ${JSON.stringify(commit)}`);
  const repository = await mkdtemp(join(tmpdir(), 'weighin-tree-'));
  const ask = async (...words: string[]) => {
    const { status, stdout, stderr } = await runGit(repository, words, environment(url, token, join(repository, 'weighin-index')));
    if (status === 0) return stdout;
    throw new InfrastructureError(
      'COMMIT_UNREADABLE',
      `The commit ${commit.slice(0, 12)} could not be read from ${url}: ${firstLine(stderr)}`,
    );
  };
  try {
    await ask('init', '--quiet', '--bare');
    await ask('fetch', '--quiet', '--no-tags', '--depth=1', '--no-recurse-submodules', url, commit);
    await refuseLarge((await ask('ls-tree', '-r', '-l', '-z', '--full-tree', commit)).toString('utf8'), limits);
    await mkdir(folder, { recursive: true });
    const at = ['-c', 'core.symlinks=false', '-c', 'core.bare=false', `--work-tree=${folder}`];
    await ask(...at, 'read-tree', commit);
    await ask(...at, 'checkout-index', '--all', '--force', '--quiet', `--prefix=${folder}/`);
    return (await ask('rev-parse', `${commit}^{tree}`)).toString('utf8').trim();
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
}

async function refuseLarge(listing: string, limits: { readonly files: number; readonly bytes: number }): Promise<void> {
  const entries = listing.split('\0').filter(Boolean);
  const bytes = entries.reduce((sum, entry) => sum + (Number(entry.split(/\s+/, 4)[3]) || 0), 0);
  if (entries.length > limits.files || bytes > limits.bytes)
    throw new UserError(
      'COMMIT_TOO_LARGE',
      `The commit holds ${entries.length} files of ${bytes} bytes; a weigh run takes ${limits.files} files and ${limits.bytes} bytes.`,
      'Keep large data outside Git: data.source: s3://bucket/key.',
    );
}

/** The token goes through the environment: an argument would stand in the list of processes, and a URL in messages. */
function environment(url: string, token: string | undefined, index: string): Record<string, string> {
  // Links to large files stay links: no program is started for them.
  const env: Record<string, string> = { GIT_INDEX_FILE: index, GIT_LFS_SKIP_SMUDGE: '1' };
  if (!token || !url.startsWith('http')) return env;
  const at = Number(process.env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  return {
    ...env,
    GIT_CONFIG_COUNT: String(at + 1),
    [`GIT_CONFIG_KEY_${at}`]: `http.${new URL(url).origin}/.extraheader`,
    [`GIT_CONFIG_VALUE_${at}`]: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
  };
}
