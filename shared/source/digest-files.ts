import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { SourceFile } from './table-source.ts';

/** sha256 of each file as `sha256:<hex>`, read as a stream, so memory stays flat whatever the size. */
export async function digestFiles(
  files: readonly SourceFile[],
): Promise<readonly { readonly path: string; readonly bytes: number; readonly digest: string }[]> {
  const digested = [];
  for (const { path, file, bytes } of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
    digested.push({ path, bytes, digest: `sha256:${hash.digest('hex')}` });
  }
  return digested;
}
