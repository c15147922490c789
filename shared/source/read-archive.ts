import { UserError } from '../errors.ts';
import { artifactRefused } from './artifact-refused.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

export interface ArchiveLimits {
  /** Of all files that are read, unpacked. */
  readonly maxBytes: number;
  /** Of one file, unpacked; `maxBytes` where nothing is said. */
  readonly maxFileBytes?: number;
  /** In the zip, read or not. */
  readonly maxFiles: number;
  /** Which files are wanted; the others are never unpacked. */
  readonly allow: (path: string) => boolean;
}

/** JSON of thousands of equal gates packs 60-fold; a bomb packs a thousandfold. */
const mostRatio = 250;
/** Small files may be packed as tightly as they like. */
const ratioFrom = 1_000_000;
const piece = 16_384;

/**
 * Files of an artifact, path → bytes, in memory alone. A zip made by anybody: it is refused while it unpacks, piece by piece, as soon as it grows beyond
 * its limits, whatever it says of its own size.
 * @throws UserError ARTIFACT_REFUSED
 */
export async function readArchive(
  zip: Uint8Array,
  { maxBytes, maxFileBytes = maxBytes, maxFiles, allow }: ArchiveLimits,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { Inflate } = await import('fflate');
  const files = new Map<string, Uint8Array>();
  let room = maxBytes;
  for (const entry of readZipDirectory(zip, maxFiles)) {
    if (!allow(entry.path)) continue;
    if (entry.declaredBytes > maxFileBytes) throw artifactRefused(`unpacks to more than ${maxFileBytes} bytes`);
    if (entry.declaredBytes > room) throw artifactRefused(`unpacks to more than ${maxBytes} bytes`);
    const bytes = unpack(entry);
    room -= bytes.length;
    files.set(entry.path, bytes);
  }
  return files;

  function unpack({ method, packedBytes, declaredBytes, crc, start }: ZipEntry): Uint8Array {
    const packed = zip.subarray(start, start + packedBytes);
    const parts: Uint8Array[] = [];
    let size = 0;
    const take = (part: Uint8Array) => {
      size += part.length;
      // What it says is within the limits.
      if (size > declaredBytes) throw artifactRefused('unpacks to more than it says');
      if (size > ratioFrom && size > packedBytes * mostRatio) throw artifactRefused('is packed as tightly as only a bomb is');
      parts.push(part);
    };
    if (method === 0) take(packed.slice());
    else {
      const inflate = new Inflate((part) => take(part));
      try {
        for (let at = 0; at < packed.length; at += piece) inflate.push(packed.subarray(at, at + piece), at + piece >= packed.length);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw artifactRefused('is broken');
      }
    }
    const bytes = joined(parts, size);
    if (size !== declaredBytes || crc32(bytes) !== crc) throw artifactRefused('is broken');
    return bytes;
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
