import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

export type ObjectKind = 'blob' | 'tree' | 'commit' | 'tag';
export interface GitObject {
  readonly kind: ObjectKind;
  readonly content: Buffer;
}
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

/**
 * Git's objects, written and read loose in this process: a process for each would take most of a test's time. What a push packed is
 * read by Git.
 */
export function createObjectStore(folder: string) {
  const known = new Map<string, GitObject>();
  const fileOf = (oid: string) => join(folder, 'objects', oid.slice(0, 2), oid.slice(2));

  function write(kind: ObjectKind, content: Uint8Array): string {
    const whole = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
    const oid = createHash('sha1').update(whole).digest('hex');
    if (known.has(oid)) return oid;
    const file = fileOf(oid);
    if (!existsSync(file)) {
      mkdirSync(join(folder, 'objects', oid.slice(0, 2)), { recursive: true });
      writeFileSync(`${file}.part`, deflateSync(whole, { level: 1 }));
      renameSync(`${file}.part`, file);
    }
    known.set(oid, { kind, content: Buffer.from(content) });
    return oid;
  }

  function read(oid: string): GitObject | null {
    const kept = known.get(oid);
    if (kept) return kept;
    if (!/^[0-9a-f]{40}$/.test(oid)) return null;
    const found = existsSync(fileOf(oid)) ? readLoose(fileOf(oid)) : readPacked(folder, oid);
    if (found) known.set(oid, found);
    return found;
  }

  return { write, read };
}

function readLoose(file: string): GitObject {
  const whole = inflateSync(readFileSync(file));
  const end = whole.indexOf(0);
  return { kind: whole.subarray(0, end).toString().split(' ')[0] as ObjectKind, content: whole.subarray(end + 1) };
}

function readPacked(folder: string, oid: string): GitObject | null {
  const { stdout } = spawnSync('git', ['-C', folder, 'cat-file', '--batch'], { input: `${oid}\n`, maxBuffer: 1 << 28 });
  const end = stdout.indexOf(10);
  const [, kind, size] = stdout.subarray(0, end).toString().split(' ');
  if (size === undefined) return null;
  return { kind: kind as ObjectKind, content: stdout.subarray(end + 1, end + 1 + Number(size)) };
}

export function parseTree(content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString('latin1', at, space).padStart(6, '0'),
      name: content.toString('utf8', space + 1, end),
      oid: content.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** In Git's own order, where a folder sorts as if its name ended in a slash. */
export function renderTree(entries: readonly TreeEntry[]): Buffer {
  const key = (entry: TreeEntry) => Buffer.from(entry.mode === '040000' ? `${entry.name}/` : entry.name);
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(oid, 'hex')]),
  );
}
