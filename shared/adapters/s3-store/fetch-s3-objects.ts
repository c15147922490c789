import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import picomatch from 'picomatch';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { FetchedFile } from '../../source/fetch-objects.ts';
import { connectS3, type S3Connection, type S3Environment } from './connect-s3.ts';
import { type ListedObject, listObjects } from './list-objects.ts';
import { s3Error } from './s3-error.ts';

const dataFile = /\.(?:csv|tsv|txt|parquet|json|jsonl|ndjson)(?:\.gz)?$/i;
const downloadsAtOnce = 4;

/**
 * Copies the objects of `s3://bucket/key` into `folder`: one object, all data files below a prefix, or a glob. What is there already
 * from the same run, by the object's tag, is not fetched again. Folders of the key are kept, for they may be partitions (`day=1/`).
 *
 * @throws UserError `DATA_NOT_FOUND`, or what a store says.
 */
export async function fetchS3Objects(address: string, folder: string, env: S3Environment): Promise<readonly FetchedFile[]> {
  const [, bucket = '', wanted = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(address) ?? [];
  if (bucket === '')
    throw new UserError('DATA_NOT_FOUND', 'The source is no address of an object.', 'Write s3://bucket/key; credentials come from AWS_….');
  const connection = await connectS3(env).catch((cause: unknown) => {
    throw s3Error(`s3://${bucket}`, 'connecting', false, cause);
  });
  try {
    const chosen = await chooseObjects(connection, bucket, wanted).catch((cause: unknown) => {
      throw s3Error(`s3://${bucket}`, `listing ${wanted}`, false, cause);
    });
    if (chosen.length === 0)
      throw new UserError(
        'DATA_NOT_FOUND',
        `No data at ${address}.`,
        'Correct the key; a folder is named by its key and a slash, several files by *.',
      );
    const fetched: FetchedFile[] = [];
    for (let from = 0; from < chosen.length; from += downloadsAtOnce)
      fetched.push(
        ...(await Promise.all(chosen.slice(from, from + downloadsAtOnce).map((object) => fetchObject(connection, bucket, object, folder)))),
      );
    return fetched;
  } finally {
    connection.client.destroy();
  }
}

/** As files on a disk are chosen: a key that exists is taken literally, whatever characters it has. */
async function chooseObjects(connection: S3Connection, bucket: string, wanted: string): Promise<readonly ListedObject[]> {
  const glob = picomatch.scan(wanted);
  const base = !glob.isGlob ? wanted : glob.base === '' ? '' : `${glob.base}/`;
  const found = await listObjects(connection, bucket, base);
  const same = found.filter(({ key }) => key === wanted && !key.endsWith('/'));
  if (same.length > 0) return same;
  const under = wanted === '' || wanted.endsWith('/') ? wanted : `${wanted}/`;
  const matches = glob.isGlob ? picomatch(wanted) : (key: string) => key.startsWith(under) && dataFile.test(key);
  const within = glob.isGlob ? base.length : under.length;
  return found.filter(({ key }) => matches(key) && !/(?:^|\/)[._]/.test(key.slice(within)));
}

async function fetchObject({ sdk, client }: S3Connection, bucket: string, object: ListedObject, folder: string): Promise<FetchedFile> {
  const { key, tag, bytes } = object;
  const address = `s3://${bucket}/${key}`;
  // Keys may hold what is a step out of the folder on a disk.
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..') || key.includes('\\') || key.includes('\0'))
    throw new UserError(
      'DATA_NOT_FOUND',
      `${address} has a key that cannot be a file here.`,
      'Copy the object to a key without "//", ".." and "\\".',
    );
  const version = createHash('sha256').update(`${bucket}\n${tag}`).digest('hex').slice(0, 16);
  const file = join(folder, version, ...key.split('/'));
  if ((await stat(file).catch(() => undefined))?.size === bytes) return { address, file };
  const draft = `${file}.${process.pid}.draft`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const { Body } = await client.send(
      new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED', ...(tag && { IfMatch: tag }) }),
    );
    if (!(Body instanceof Readable)) throw new TypeError('The SDK gave no stream.');
    await pipeline(Body, createWriteStream(draft));
    const written = (await stat(draft)).size;
    if (written !== bytes)
      throw new InfrastructureError('STORE_UNREACHABLE', `${address} has ${bytes} bytes, of which ${written} arrived. Try again.`);
    await rename(draft, file);
    return { address, file };
  } catch (cause) {
    if (cause instanceof InfrastructureError) throw cause;
    throw s3Error(`s3://${bucket}`, `reading ${key}`, false, cause);
  } finally {
    await rm(draft, { force: true });
  }
}
