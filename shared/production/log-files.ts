import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { FetchObjects } from '../source/fetch-objects.ts';
import { findFiles } from '../source/find-files.ts';
import type { SourceFile } from '../source/table-source.ts';

export interface LogRequest {
  /** A file, a folder of rotated pieces, a glob, or `s3://…`. */
  readonly source: string;
  /** What relative paths are relative to. */
  readonly root: string;
  /** Brings `s3://` objects; without it such a source is a UserError. */
  readonly fetch?: FetchObjects;
}

export interface LogFiles {
  readonly format: 'json' | 'parquet';
  /** In byte order of their paths: rotated pieces named by time are in the order of time. Empty pieces are left out. */
  readonly files: readonly SourceFile[];
}

/** @throws UserError `DATA_NOT_FOUND`, `SOURCE_NOT_YET_SUPPORTED`, `LOG_FORMAT`, `LOG_EMPTY` */
export async function findLogFiles({ source, root, fetch }: LogRequest): Promise<LogFiles> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme !== undefined && (scheme !== 's3' || !fetch)) {
    throw new UserError(
      'SOURCE_NOT_YET_SUPPORTED',
      `A prediction log can't be read from ${scheme}:// here.`,
      scheme === 's3' ? 'Name it in a project with a store, or copy the pieces here first.' : 'Export it to JSON lines or Parquet first.',
    );
  }
  const found =
    scheme === 's3' && fetch
      ? await Promise.all(
          (await fetch(source)).map(async ({ address, file }) => ({
            path: address,
            file: resolve(file),
            bytes: (await stat(file)).size,
          })),
        )
      : (await findFiles(source, root)).files;
  const formats = new Set(found.map(formatOf));
  const [format] = formats;
  if (format === undefined || formats.size > 1) {
    throw new UserError(
      'LOG_FORMAT',
      `${source} holds both JSON lines and Parquet.`,
      'Name one of them with a glob, such as logs/*.jsonl.gz.',
    );
  }
  // A piece that was rotated before anyone asked has no bytes.
  const files = found.filter(({ bytes }) => bytes > 0);
  if (files.length === 0) throw emptyLog(source);
  return { format, files };
}

export const emptyLog = (source: string) =>
  new UserError('LOG_EMPTY', `${source} has no answers in it.`, 'Let the server answer first, or name another log.', { file: source });

function formatOf({ path }: SourceFile): 'json' | 'parquet' {
  const name = path.toLowerCase();
  if (/\.(?:jsonl|ndjson|json)(?:\.gz)?$/.test(name)) return 'json';
  if (/\.parquet$/.test(name)) return 'parquet';
  throw new UserError(
    'LOG_FORMAT',
    `${path} is neither JSON lines nor Parquet by its name.`,
    'A prediction log ends in .jsonl, .ndjson, .jsonl.gz or .parquet.',
    { file: path },
  );
}
