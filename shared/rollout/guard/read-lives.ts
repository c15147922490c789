import { InfrastructureError } from '../../errors.ts';
import type { Forge } from '../../promotion/forge.ts';
import { type LiveDocument, liveDocumentSchema } from '../../promotion/live-document.ts';
import { parseDocument } from '../../promotion/parse-document.ts';
import { stateBranch } from '../../promotion/state-paths.ts';
import type { StageKey } from '../../registry/stage-key.ts';

export interface ReadLive {
  readonly key: StageKey;
  readonly path: string;
  /** null where the document can't be read: `broken` says why. */
  readonly live: LiveDocument | null;
  readonly broken: string | null;
}

export interface ReadLives {
  /** Every live document of the state branch, at one commit. @throws InfrastructureError as the forge does */
  read(): Promise<readonly ReadLive[]>;
  /** Forgets what was read: somebody wrote since. */
  forget(): void;
}

/** Files of one request. */
const atOnce = 200;

/** Asks for the branch's head first, which costs nothing while it stands still; lists and reads only where it moved. */
export function createReadLives(forge: Pick<Forge, 'git'>): ReadLives {
  let seen: { readonly commit: string | null; readonly lives: readonly ReadLive[] } | null = null;
  return {
    forget() {
      seen = null;
    },
    async read() {
      const commit = await forge.git.head(stateBranch);
      if (seen?.commit === commit) return seen.lives;
      seen = null;
      const lives = commit === null ? [] : await readAll(forge, commit);
      seen = { commit, lives };
      return lives;
    },
  };
}

async function readAll({ git }: Pick<Forge, 'git'>, commit: string): Promise<readonly ReadLive[]> {
  const found = (await git.list(commit, 'live')).flatMap(({ path }) => {
    const [, model, stage] = /^live\/([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9-]{0,62})\.json$/.exec(path) ?? [];
    return model && stage ? [{ path, key: { model, stage } }] : [];
  });
  const files = new Map<string, string | null>();
  for (let from = 0; from < found.length; from += atOnce) {
    const paths = found.slice(from, from + atOnce).map(({ path }) => path);
    const [answer] = await git.read([{ ref: commit, paths }]);
    for (const path of paths) files.set(path, answer?.files.get(path) ?? null);
  }
  return found.map(({ path, key }) => {
    try {
      const live = parseDocument(liveDocumentSchema, files.get(path) ?? null, path);
      return { path, key, live, broken: null };
    } catch (error) {
      if (error instanceof InfrastructureError && error.code === 'STATE_BROKEN') return { path, key, live: null, broken: error.message };
      throw error;
    }
  });
}
