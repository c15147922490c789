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

/** So many stages are no repository of anybody. */
const mostStages = 400;

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
  if (found.length === 0) return [];
  const stages = found.slice(0, mostStages);
  const [answer] = await git.read([{ ref: commit, paths: stages.map(({ path }) => path) }]);
  return stages.map(({ path, key }) => {
    try {
      const live = parseDocument(liveDocumentSchema, answer?.files.get(path) ?? null, path);
      return { path, key, live, broken: null };
    } catch (error) {
      if (error instanceof InfrastructureError && error.code === 'STATE_BROKEN') return { path, key, live: null, broken: error.message };
      throw error;
    }
  });
}
