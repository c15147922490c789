import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, parseCommit, renderCommit, type Signature } from './commit.ts';
import { createObjectStore, parseTree, renderTree, type TreeEntry } from './object-store.ts';

export const noOid = '0'.repeat(40);
export interface RefChange {
  readonly ref: string;
  /** `noOid` deletes. */
  readonly to: string;
  /** Where it must stand now; `noOid`: it must not be there. Without it: wherever it stands. */
  readonly from?: string;
}
export interface FileFacts {
  readonly path: string;
  readonly oid: string;
  readonly mode: string;
}
export interface Difference {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed';
  readonly previous?: string;
  readonly additions: number;
  readonly deletions: number;
}

/** A bare Git repository on disk: refs are compare-and-swap by `git update-ref`, merges, histories and differences are Git's. */
export function createBareRepository(folder: string) {
  const environment = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
  const run = (args: readonly string[], input?: string) =>
    spawnSync('git', ['--git-dir', folder, ...args], {
      env: environment,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      ...(input === undefined ? {} : { input }),
    });
  const git = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = run(args);
    if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  };
  // What is asked of commits by their ids never changes: each question is put to Git once.
  const answers = new Map<string, { readonly status: number | null; readonly stdout: string; readonly stderr: string }>();
  const ask = (...args: readonly string[]) => {
    const key = args.join(' ');
    const known = answers.get(key) ?? run(args);
    answers.set(key, known);
    return known;
  };
  const tell = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = ask(...args);
    if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  };
  const made = spawnSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', folder], {
    env: environment,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`git init failed: ${made.stderr}`);
  const objects = createObjectStore(folder);

  /** Where a ref stands, by its full name. */
  function ref(name: string): string | null {
    const file = join(folder, name);
    if (/^refs\/[^\0]+$/.test(name) && !name.includes('..') && existsSync(file)) {
      try {
        return readFileSync(file, 'utf8').trim();
      } catch {
        return null;
      }
    }
    if (!existsSync(join(folder, 'packed-refs'))) return null;
    const line = readFileSync(join(folder, 'packed-refs'), 'utf8')
      .split('\n')
      .find((line) => line.slice(41) === name);
    return line ? line.slice(0, 40) : null;
  }

  /** All or nothing. False where one did not stand where it had to, or its name is not allowed. */
  function changeRefs(changes: readonly RefChange[]): boolean {
    const lines = changes.map(
      ({ ref, to, from }) => `${to === noOid ? `delete ${ref}` : `update ${ref} ${to}`}${from === undefined ? '' : ` ${from}`}\n`,
    );
    return run(['update-ref', '--stdin'], `start\n${lines.join('')}prepare\ncommit\n`).status === 0;
  }

  function commit(oid: string): Commit | null {
    const object = objects.read(oid);
    return object?.kind === 'commit' ? parseCommit(oid, object.content) : null;
  }
  const tree = (oid: string): readonly TreeEntry[] | null => {
    const object = objects.read(oid);
    return object?.kind === 'tree' ? parseTree(object.content) : null;
  };

  /** What a path of a tree is; '' is the tree itself. */
  function entryAt(root: string, path: string): TreeEntry | null {
    let at: TreeEntry = { mode: '040000', name: '', oid: root };
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = at.mode === '040000' ? tree(at.oid)?.find((entry) => entry.name === name) : undefined;
      if (!next) return null;
      at = next;
    }
    return at;
  }

  /** Every file below a tree, with paths from its top; folders too when asked. */
  function files(root: string, folders = false, above = ''): readonly FileFacts[] {
    return (tree(root) ?? []).flatMap(({ mode, name, oid }) => {
      const path = `${above}${name}`;
      if (mode !== '040000') return [{ path, oid, mode }];
      return [...(folders ? [{ path, oid, mode }] : []), ...files(oid, folders, `${path}/`)];
    });
  }

  /** A tree with some files written (`oid`) or removed (null). */
  function editTree(root: string | null, edits: ReadonlyMap<string, { readonly oid: string; readonly mode: string } | null>): string {
    const entries = new Map((root ? (tree(root) ?? []) : []).map((entry) => [entry.name, entry]));
    const below = new Map<string, Map<string, { readonly oid: string; readonly mode: string } | null>>();
    for (const [path, edit] of edits) {
      const slash = path.indexOf('/');
      if (slash < 0) {
        if (edit) entries.set(path, { ...edit, name: path });
        else entries.delete(path);
        continue;
      }
      const top = path.slice(0, slash);
      if (!below.has(top)) below.set(top, new Map());
      below.get(top)?.set(path.slice(slash + 1), edit);
    }
    for (const [name, inner] of below) {
      const there = entries.get(name);
      const oid = editTree(there?.mode === '040000' ? there.oid : null, inner);
      if (tree(oid)?.length === 0) entries.delete(name);
      else entries.set(name, { mode: '040000', name, oid });
    }
    return objects.write('tree', renderTree([...entries.values()]));
  }

  return {
    path: folder,
    git,
    ref,
    changeRefs,
    commit,
    tree,
    entryAt,
    files,
    editTree,
    object: objects.read,
    writeBlob: (content: Uint8Array | string) => objects.write('blob', typeof content === 'string' ? Buffer.from(content) : content),
    writeTree: (entries: readonly TreeEntry[]) => objects.write('tree', renderTree(entries)),
    writeCommit: (draft: { tree: string; parents: readonly string[]; author: Signature; committer: Signature; message: string }) =>
      objects.write('commit', renderCommit(draft)),
    writeTag: (draft: { target: string; kind: string; name: string; tagger: Signature; message: string }) =>
      objects.write('tag', renderTag(draft)),

    /** A tag's or commit's commit. */
    commitOf(oid: string): Commit | null {
      const object = objects.read(oid);
      if (object?.kind !== 'tag') return commit(oid);
      return this.commitOf(/^object ([0-9a-f]{40})$/m.exec(object.content.toString())?.[1] ?? '');
    },
    refsUnder: (prefix: string) =>
      git('for-each-ref', '--format=%(refname) %(objectname)', ...(prefix === '' ? [] : [prefix]))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ ref: line.split(' ')[0] as string, oid: line.split(' ')[1] as string })),
    isAncestor: (older: string, newer: string) => older === newer || ask('merge-base', '--is-ancestor', older, newer).status === 0,
    mergeBase: (a: string, b: string): string | null => {
      const { status, stdout } = ask('merge-base', a, b);
      return status === 0 ? stdout.trim() : null;
    },
    /** Of `to`, newest first, without those of `not`; both are commits' ids. */
    history: (to: string, options: { readonly not?: string; readonly path?: string; readonly limit?: number } = {}): readonly string[] =>
      tell(
        'rev-list',
        ...(options.limit === undefined ? [] : [`--max-count=${options.limit}`]),
        to,
        ...(options.not === undefined ? [] : [`^${options.not}`]),
        ...(options.path === undefined ? [] : ['--', options.path]),
      )
        .split('\n')
        .filter((line) => line !== ''),
    /** The merged tree, or null on a conflict. */
    mergeTree: (ours: string, theirs: string): string | null => {
      const { status, stdout, stderr } = ask('merge-tree', '--write-tree', '--no-messages', ours, theirs);
      if (status === 0) return stdout.trim();
      if (status === 1) return null;
      throw new Error(`git merge-tree failed: ${stderr}`);
    },
    differences: (from: string | null, to: string): readonly Difference[] => differences(tell, from ?? emptyTree, to),
    patch: (from: string | null, to: string): string => tell('diff', '--no-color', from ?? emptyTree, to),
  };
}
export type BareRepository = ReturnType<typeof createBareRepository>;

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function differences(git: (...args: readonly string[]) => string, from: string, to: string): readonly Difference[] {
  if (from === to) return [];
  const names = git('diff', '--raw', '--numstat', '-z', '-M', '--no-abbrev', from, to).split('\0');
  const found = new Map<string, Difference>();
  for (let at = 0; at < names.length; at++) {
    const part = names[at] ?? '';
    const raw = /^:\d+ \d+ [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(part);
    if (raw) {
      const moved = raw[1] === 'R';
      const previous = moved ? names[++at] : undefined;
      const path = names[++at] ?? '';
      const status = raw[1] === 'A' ? 'added' : raw[1] === 'D' ? 'removed' : moved ? 'renamed' : 'modified';
      found.set(path, { path, status, additions: 0, deletions: 0, ...(previous === undefined ? {} : { previous }) });
      continue;
    }
    const counted = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(part);
    if (!counted) continue;
    let path = counted[3] ?? '';
    if (path === '') {
      at += 2;
      path = names[at] ?? '';
    }
    const entry = found.get(path);
    if (entry) found.set(path, { ...entry, additions: Number(counted[1]) || 0, deletions: Number(counted[2]) || 0 });
  }
  return [...found.values()];
}

function renderTag({
  target,
  kind,
  name,
  tagger,
  message,
}: {
  target: string;
  kind: string;
  name: string;
  tagger: Signature;
  message: string;
}): Buffer {
  const seconds = Math.floor(new Date(tagger.date).getTime() / 1000);
  return Buffer.from(
    `object ${target}\ntype ${kind}\ntag ${name}\ntagger ${tagger.name} <${tagger.email}> ${seconds} +0000\n\n${message}\n`,
  );
}
