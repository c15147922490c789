import type { FetchObjects } from '../shared/source/fetch-objects.ts';

export interface ObjectFetcher {
  readonly fetch: FetchObjects;
  /** Removes what was fetched. */
  close(): Promise<void>;
}

/** Brings `s3://` objects to a temporary folder, for commands that need no project. Nothing is loaded until one is asked for. */
export function openObjectFetcher(env: Readonly<Record<string, string | undefined>>): ObjectFetcher {
  let folder: string | undefined;
  return {
    async fetch(address) {
      const [{ mkdtemp }, { tmpdir }, { join }, { fetchS3Objects }] = await Promise.all([
        import('node:fs/promises'),
        import('node:os'),
        import('node:path'),
        import('../shared/adapters/s3-store/fetch-s3-objects.ts'),
      ]);
      folder ??= await mkdtemp(join(tmpdir(), 'weighin-'));
      return fetchS3Objects(address, folder, env);
    },
    async close() {
      if (folder === undefined) return;
      const { rm } = await import('node:fs/promises');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
