import { literal } from '../query/sql-text.ts';
import type { SourceFile } from './table-source.ts';

/** Paths as a SQL list. The engine takes `*`, `?` and `[` for a pattern even in a list, so each stands in a class of its own. */
export const fileList = (files: readonly SourceFile[]) =>
  `[${files.map(({ file }) => literal(file.replace(/[*?[]/g, (character) => `[${character}]`))).join(', ')}]`;

/** Folders of the path that the engine would turn into columns although they are not the source's. */
export function foreignPartitions(files: readonly SourceFile[], partitions: readonly string[]): readonly string[] {
  const found = files.flatMap(({ file }) => file.split(/[\\/]/).flatMap((folder) => /^([^=]+)=/.exec(folder)?.[1] ?? []));
  return [...new Set(found)].filter((key) => !partitions.includes(key));
}

/** By the names that the user knows: a fetched copy may have lost its ending. */
export function compressionOf(files: readonly SourceFile[]): 'gzip' | 'none' | 'auto' {
  const zipped = files.filter(({ path }) => /\.gz$/i.test(path)).length;
  return zipped === files.length ? 'gzip' : zipped === 0 ? 'none' : 'auto';
}
