import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import type { Notice } from '../verdict/notice.ts';

export interface OpenStoreOptions {
  /** The folder of weighin.yaml: a folder store's path is relative to it. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly inActions: boolean;
  /** Told what went wrong beside a write that stands. */
  readonly warn?: (line: string) => void;
}

export interface OpenedStore {
  readonly store: ObjectStore;
  /** Whether what is written outlives this run. */
  readonly durable: boolean;
  readonly notices: readonly Notice[];
}

/**
 * The store that `store:` names. Where it is not set: a folder beside the configuration; in Actions the repository itself, if the step was
 * given `GITHUB_TOKEN` for it. The token that every action has by default is not taken for that: it most often may not write.
 * Nothing is asked of the store yet.
 */
export async function openStore(setting: string | undefined, { root, env, inActions, warn }: OpenStoreOptions): Promise<OpenedStore> {
  if (
    setting === 'github' ||
    (setting === undefined && inActions && (env['GITHUB_TOKEN'] || env['GH_TOKEN']) && env['GITHUB_REPOSITORY'])
  ) {
    const { createGithubStore } = await import('./github-store/create-github-store.ts');
    const repository = env['GITHUB_REPOSITORY'] || (await repositoryOf(root));
    return { store: createGithubStore(repository, env, warn ? { warn } : {}), durable: true, notices: [] };
  }
  if (setting?.startsWith('s3://')) {
    const { createS3Store } = await import('./s3-store/create-s3-store.ts');
    return { store: createS3Store(setting, env), durable: true, notices: [] };
  }
  const scheme = setting && /^([a-z][a-z0-9+.-]+):\/\//i.exec(setting)?.[1];
  if (scheme)
    throw new UserError(
      'STORE_ADDRESS_INVALID',
      `\`store:\` names a ${scheme}:// address, which is no store that Weighin knows.`,
      'Write github, s3://bucket/prefix, or a folder.',
    );
  const { createFolderStore } = await import('./folder-store/create-folder-store.ts');
  const folder = setting ?? '.weighin/store';
  const store = createFolderStore(folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : resolve(root, folder));
  if (!inActions) return { store, durable: true, notices: [] };
  const message = `The store is the folder ${folder} of this runner and is gone after the job: versions and baselines do not outlive it. Set \`store: github\` (with \`contents: write\` where versions are registered) or \`store: s3://bucket/prefix\`.`;
  return { store, durable: false, notices: [{ code: 'STORE_NOT_DURABLE', message }] };
}

/** By the remote `origin`; asked of Git alone, and not where GitHub says it. */
async function repositoryOf(root: string): Promise<string | null> {
  const { readGit } = await import('./git/read-git.ts');
  return (await readGit(root))?.repository ?? null;
}
