import { unzipSync } from 'fflate';
import { UserError } from '../errors.ts';

/** What an archive may be at most. A zip says small and unpacks large: both sides are bounded. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Of one file, unpacked. */
  readonly fileBytes: number;
  /** Of all files, unpacked. */
  readonly totalBytes: number;
}

/**
 * The files of a zip that somebody else made (an artifact is an attacker's data), in memory and by name; nothing is written to a disk,
 * so that a link in it is a file that holds a path. `wanted` leaves out what need not be unpacked; its name is judged all the same.
 * @throws UserError ARCHIVE_REFUSED for a bomb, a name that leaves its folder, a name that stands twice, or bytes that are no zip
 */
export function readArchive(
  zip: Uint8Array,
  { entries, fileBytes, totalBytes }: ArchiveLimits,
  wanted: (name: string) => boolean = () => true,
): ReadonlyMap<string, Uint8Array> {
  const names = new Set<string>();
  let total = 0;
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        if (names.size >= entries) throw refused(`it holds more than ${entries} files`);
        if (isDangerous(name)) throw refused('a name in it leaves its folder, or is none');
        if (names.has(name)) throw refused('a name stands in it twice');
        names.add(name);
        if (name.endsWith('/') || !wanted(name)) return false;
        total += originalSize;
        if (originalSize > fileBytes || total > totalBytes)
          throw refused(`it unpacks to more than ${Math.min(fileBytes, totalBytes)} bytes`);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw refused('it is no zip that can be read');
  }
  return new Map(Object.entries(files));
}

/** fflate gives a plain object by name, in which `__proto__` is no entry. */
const isDangerous = (name: string) =>
  name === '' ||
  name.length > 1_000 ||
  name.startsWith('/') ||
  /[\\\0]|^[A-Za-z]:/.test(name) ||
  name
    .split('/')
    .some((part, index, parts) => part === '..' || part === '.' || part === '__proto__' || (part === '' && index < parts.length - 1));

const refused = (why: string) =>
  new UserError(
    'ARCHIVE_REFUSED',
    `An artifact's archive is refused: ${why}.`,
    'Run the workflow again; if it stays so, look at who made the artifact.',
  );
