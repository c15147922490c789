import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from '../errors.ts';
import type { FileText, Forge } from './forge.ts';
import { stateBranch } from './state-paths.ts';

/** The state branch at one commit, as far as it was read. */
export interface StateView {
  /** null before the branch exists. */
  readonly commit: string | null;
  /** @throws where the path was not asked for, so that "not read" is never taken for "not there" */
  text(path: string): string | null;
  /** Whether the path was asked for. */
  has(path: string): boolean;
}

export interface StateChange {
  /** Headline of the commit. */
  readonly message: string;
  readonly write: readonly FileText[];
}

/** Two bots that race lose to each other a few times at most; more says that something else writes. */
const attempts = 6;

export async function readState(forge: Pick<Forge, 'git'>, paths: readonly string[]): Promise<StateView> {
  const [found] = await forge.git.read([{ ref: stateBranch, paths }]);
  return stateView(found?.commit ?? null, found?.files ?? new Map());
}

export function stateView(commit: string | null, files: ReadonlyMap<string, string | null>): StateView {
  return {
    commit,
    has: (path) => files.has(path),
    text(path) {
      const text = files.get(path);
      if (text === undefined) throw new Error(`${path} of ${stateBranch} was not read`);
      return text;
    },
  };
}

/**
 * One transition, one commit, compare-and-swap: `decide` sees the files as they are and says what they become, and is asked anew when
 * somebody else was faster. It must be pure. null: nothing to do, because it is done already or no longer allowed.
 * `first` spares the first reading where the caller has just read these paths. `commit` is the state branch afterwards, where it is known.
 * @throws InfrastructureError STATE_CONTESTED
 */
export async function changeState(
  forge: Pick<Forge, 'git'>,
  paths: readonly string[],
  decide: (view: StateView) => StateChange | null,
  first?: StateView,
): Promise<{ readonly written: boolean; readonly commit: string | null }> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const view = attempt === 1 && first && paths.every(first.has) ? first : await readState(forge, paths);
    const change = decide(view);
    if (!change || change.write.length === 0) return { written: false, commit: view.commit };
    const message = `${change.message}\n\n[skip ci]`;
    if (view.commit === null) {
      if ((await forge.git.createOrphanBranch(stateBranch, message, change.write)) === 'created') return { written: true, commit: null };
    } else {
      const answer = await forge.git.commit({ branch: stateBranch, expectedHead: view.commit, message, write: change.write });
      if (answer.committed) return { written: true, commit: answer.oid };
    }
    await sleep(20 * attempt * (1 + Math.random()));
  }
  throw new InfrastructureError('STATE_CONTESTED', `${stateBranch} was changed by somebody else ${attempts} times in a row.`);
}
