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
}

export interface OpenedStore {
  readonly store: ObjectStore;
  /** Whether what is written outlives this run. */
  readonly durable: boolean;
  readonly notices: readonly Notice[];
}

/** The store that `store:` names; where it is not set, a folder beside the configuration. Nothing is asked of it yet. */
export async function openStore(setting: string | undefined, { root, env, inActions }: OpenStoreOptions): Promise<OpenedStore> {
  if (setting === 'github')
    throw new UserError(
      'STORE_NOT_YET_SUPPORTED',
      '`store: github` is not yet supported.',
      'Use s3://bucket/prefix, or a folder (on a laptop), until a later release brings it.',
    );
  if (setting?.startsWith('s3://')) {
    const { createS3Store } = await import('./s3-store/create-s3-store.ts');
    return { store: createS3Store(setting, env), durable: true, notices: [] };
  }
  const scheme = setting && /^([a-z][a-z0-9+.-]+):\/\//i.exec(setting)?.[1];
  if (scheme)
    throw new UserError(
      'STORE_ADDRESS_INVALID',
      `\`store:\` names a ${scheme}:// address, which is no store that Weighin knows.`,
      'Write s3://bucket/prefix, or a folder.',
    );
  const { createFolderStore } = await import('./folder-store/create-folder-store.ts');
  const folder = setting ?? '.weighin/store';
  const store = createFolderStore(folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : resolve(root, folder));
  if (!inActions) return { store, durable: true, notices: [] };
  const message = `The store is the folder ${folder} of this runner and is gone after the job: versions and baselines do not outlive it. Set \`store: s3://bucket/prefix\`.`;
  return { store, durable: false, notices: [{ code: 'STORE_NOT_DURABLE', message }] };
}
