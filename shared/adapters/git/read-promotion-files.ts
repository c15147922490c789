import { realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { UserError } from '../../errors.ts';
import type { StageCommit, StageFiles } from '../../promotion/stage-files.ts';
import { stateBranch } from '../../promotion/state-paths.ts';
import { checkedName } from '../../registry/version-name.ts';
import { stagePath } from '../../registry/work-tree-paths.ts';
import { findTop } from './read-git.ts';
import { askGit, askGitOrNull, runGit, splitNul } from './run-git.ts';

/** What a clone holds about promotions: the default branch and the state branch, as they were fetched last. */
export interface PromotionFiles {
  /** `origin/main`, or `HEAD` where the clone knows no default branch. */
  readonly mainRef: string;
  readonly mainCommit: string;
  /** null where the clone has no such branch: nothing was promoted by the bot yet, or it was not fetched. */
  readonly stateRef: string | null;
  /** A shallow clone holds only the end of the history. */
  readonly shallow: boolean;
  /** Stages that the registry or the state branch names, by model; for models that weighin.yaml has forgotten too. */
  stagesOf(model: string): readonly string[];
  stage(model: string, stage: string): Promise<StageFiles>;
  /** A file of the configuration's folder at a commit; null where it is not there. */
  textAt(commit: string, path: string): Promise<string | null>;
  /** Paths below the configuration's folder at a commit. */
  listAt(commit: string): Promise<readonly string[]>;
}

const readsAtOnce = 16;

/**
 * Reads registry/ and `weighin/state` of the clone that holds `root` (the folder of weighin.yaml). Asks no network.
 * @throws UserError NOT_A_REPOSITORY, NO_COMMIT
 */
export async function readPromotionFiles(root: string, models: readonly string[]): Promise<PromotionFiles> {
  const top = await findTop(root);
  if (top === null)
    throw new UserError(
      'NOT_A_REPOSITORY',
      `${root} lies in no Git repository.`,
      'Run it in a clone: registry/ and its history are in Git.',
    );
  const under = posix.relative(slashes(top), slashes(await realpath(root)));
  const prefix = under === '' ? '' : `${under}/`;

  const remote = await askGitOrNull(root, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  const mainRef = remote && (await commitOf(root, remote)) ? remote : 'HEAD';
  const mainCommit = await commitOf(root, mainRef);
  if (!mainCommit) throw new UserError('NO_COMMIT', 'This repository has no commit yet.', 'Commit weighin.yaml first.');
  const stateRefs = [`refs/remotes/origin/${stateBranch}`, `refs/heads/${stateBranch}`];
  let state: { readonly ref: string; readonly commit: string } | null = null;
  for (const ref of stateRefs) {
    if (state) break;
    const commit: string | null = await commitOf(root, ref);
    if (commit) state = { ref: ref.replace(/^refs\/(?:heads|remotes)\//, ''), commit };
  }

  const own = models.map((model) => checkedName(model, 'model'));
  const registry = await readFolders(
    top,
    mainCommit,
    own.map((model) => `${prefix}registry/${model}/`),
    prefix,
  );
  const states = state
    ? await readFolders(
        top,
        state.commit,
        own.flatMap((model) => [`live/${model}/`, `events/${model}/`, `versions/${model}/`]),
        '',
      )
    : new Map<string, string>();

  return {
    mainRef,
    mainCommit,
    stateRef: state?.ref ?? null,
    shallow: (await askGitOrNull(root, ['rev-parse', '--is-shallow-repository'])) === 'true',
    stagesOf: (model) => {
      const patterns = [
        new RegExp(`^registry/${model}/stages/([^/]+)\\.json$`),
        new RegExp(`^live/${model}/([^/]+)\\.json$`),
        new RegExp(`^events/${model}/([^/]+)/`),
      ];
      const paths = [...registry.keys(), ...states.keys()];
      const names = paths.flatMap((path) => patterns.flatMap((pattern) => pattern.exec(path)?.[1] ?? []));
      return [...new Set(names)].filter((name) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(name)).sort();
    },
    async stage(model, stage) {
      const path = `${prefix}${stagePath(checkedName(model, 'model'), checkedName(stage, 'stage'))}`;
      return { model, stage, commits: await readCommits(top, mainCommit, path), registry, state: states };
    },
    textAt: (commit, path) => readBlob(top, commit, `${prefix}${path}`),
    async listAt(commit) {
      const listed = splitNul(
        await askGit(top, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, '--', ...(prefix ? [prefix] : [])]),
      );
      return listed.map((path) => path.slice(prefix.length));
    },
  };
}

const slashes = (path: string) => path.replaceAll('\\', '/');
const commitOf = (root: string, ref: string) =>
  askGitOrNull(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);

/** Along the first parents: what the branch held, not what branches that were merged into it held meanwhile. */
async function readCommits(top: string, head: string, path: string): Promise<readonly StageCommit[]> {
  const log = await askGit(top, ['log', '--first-parent', '--reverse', '--format=%H %cI', head, '--', `:(top,literal)${path}`]);
  const lines = log.split('\n').filter((line) => line !== '');
  return inTurns(lines, async (line) => {
    const [oid = '', at = ''] = line.split(' ');
    return { oid, at: new Date(at).toISOString(), text: await readBlob(top, oid, path) };
  });
}

/** To the byte, its last line break too. */
async function readBlob(top: string, commit: string, path: string): Promise<string | null> {
  const { status, stdout } = await runGit(top, ['cat-file', 'blob', `${commit}:${path}`]);
  return status === 0 ? stdout.toString('utf8') : null;
}

/** Ordinary files below some folders; a link is no document. */
async function readFolders(top: string, commit: string, folders: readonly string[], prefix: string): Promise<Map<string, string>> {
  if (folders.length === 0) return new Map();
  const listed = splitNul(await askGit(top, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...folders]));
  const blobs = listed.flatMap((entry) => {
    const [, oid, path] = /^100(?:644|755) blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
    return oid && path && /\.jsonl?$/.test(path) ? [{ oid, path: join(path).replaceAll('\\', '/').slice(prefix.length) }] : [];
  });
  return new Map(await inTurns(blobs, async ({ oid, path }) => [path, await askGit(top, ['cat-file', 'blob', oid])] as const));
}

async function inTurns<In, Out>(items: readonly In[], read: (item: In) => Promise<Out>): Promise<Out[]> {
  const found: Out[] = [];
  for (let from = 0; from < items.length; from += readsAtOnce)
    found.push(...(await Promise.all(items.slice(from, from + readsAtOnce).map(read))));
  return found;
}
