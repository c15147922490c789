import { artifactRefused } from './artifact-refused.ts';

/** One file as the zip's directory declares it; nothing of it is believed before it is unpacked within limits. */
export interface ZipEntry {
  readonly path: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly packedBytes: number;
  readonly declaredBytes: number;
  readonly crc: number;
  /** Of its packed bytes in the archive. */
  readonly start: number;
}

const signatures = { end: 0x06054b50, entry: 0x02014b50, local: 0x04034b50 };
const endBytes = 22;

/**
 * Reads the directory at the end of a zip: names, sizes, places. Refuses whatever no artifact of Weighin has: links, encryption, zip64,
 * paths that leave the folder, a name twice, a directory that its local headers contradict, entries that share bytes.
 * @throws UserError ARTIFACT_REFUSED
 */
export function readZipDirectory(zip: Uint8Array, maxFiles: number): readonly ZipEntry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) throw artifactRefused('is a zip in several parts');
  if (count > maxFiles) throw artifactRefused(`holds ${count} files; at most ${maxFiles} are read`);
  let at = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let index = 0; index < count; index++) {
    const { entry, next } = readEntry(view, at, end);
    at = next;
    if (entry === null) continue;
    // Disks that know no upper case would give both the same place.
    const name = entry.path.toLowerCase();
    if (names.has(name)) throw artifactRefused('names a file twice');
    names.add(name);
    entries.push(entry);
  }
  if (at !== end) throw artifactRefused('has a directory of another size than it says');
  refuseOverlaps(entries);
  return entries;
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - endBytes; at >= 0 && at >= view.byteLength - endBytes - 0xffff; at--)
    if (view.getUint32(at, true) === signatures.end && at + endBytes + view.getUint16(at + 20, true) === view.byteLength) return at;
  throw artifactRefused('is no zip');
}

/** `entry` is null for a folder, which holds nothing. */
function readEntry(view: DataView, at: number, limit: number): { readonly entry: ZipEntry | null; readonly next: number } {
  if (at + 46 > limit || view.getUint32(at, true) !== signatures.entry) throw artifactRefused('has a broken directory');
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [crc, packedBytes, declaredBytes] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const [nameLength, extraLength, noteLength] = [
    view.getUint16(at + 28, true),
    view.getUint16(at + 30, true),
    view.getUint16(at + 32, true),
  ];
  const [attributes, header] = [view.getUint32(at + 38, true), view.getUint32(at + 42, true)];
  const next = at + 46 + nameLength + extraLength + noteLength;
  if (next > limit) throw artifactRefused('has a broken directory');
  const path = readName(view, at + 46, nameLength);
  if (flags & 1) throw artifactRefused('is encrypted');
  if ([packedBytes, declaredBytes, header].includes(0xffffffff)) throw artifactRefused('is larger than one can be here');
  // The upper half of the attributes is a Unix mode: only plain files and folders have a place here.
  const type = (attributes >>> 16) & 0xf000;
  if (type !== 0 && type !== 0x8000 && type !== 0x4000) throw artifactRefused('holds a link or a device');
  if (path.endsWith('/')) {
    if (declaredBytes !== 0) throw artifactRefused('has a folder with content');
    return { entry: null, next };
  }
  if (type === 0x4000) throw artifactRefused('has a folder that is named as a file');
  if (method !== 0 && method !== 8) throw artifactRefused('is packed by a method that is not read here');
  const start = startOf(view, header, path, limit);
  if (start + packedBytes > limit) throw artifactRefused('ends before its files do');
  return { entry: { path, method, packedBytes, declaredBytes, crc, start }, next };
}

/** The local header says the name again: two readers of one zip must not see two different files. */
function startOf(view: DataView, header: number, path: string, limit: number): number {
  if (header + 30 > limit || view.getUint32(header, true) !== signatures.local) throw artifactRefused('has a broken file header');
  const nameLength = view.getUint16(header + 26, true);
  const start = header + 30 + nameLength + view.getUint16(header + 28, true);
  if (start > limit || readName(view, header + 30, nameLength) !== path) throw artifactRefused('names a file in two ways');
  return start;
}

function readName(view: DataView, at: number, length: number): string {
  let path: string;
  try {
    path = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
  } catch {
    throw artifactRefused('has a file name that is no text');
  }
  const parts = path.replace(/\/$/, '').split('/');
  const wrong = path.length > 300 || /[\\:\p{Cc}]/u.test(path) || parts.some((part) => ['', '.', '..', '__proto__'].includes(part));
  if (wrong) throw artifactRefused('has a file whose path leaves its folder');
  return path;
}

/** Files that share packed bytes make small zips unfold to enormous ones. */
function refuseOverlaps(entries: readonly ZipEntry[]) {
  let last = 0;
  for (const { start, packedBytes } of [...entries].sort((a, b) => a.start - b.start)) {
    if (start < last) throw artifactRefused('has files that overlap');
    last = start + packedBytes;
  }
}
