import { assertObjectKey, assertObjectPrefix } from '../../registry/object-key.ts';
import type { ObjectStore } from '../../registry/object-store.ts';
import { connectS3, pauseAfterConflict, type S3Connection, type S3Environment } from './connect-s3.ts';
import { type ListedObject, listObjects } from './list-objects.ts';
import { parseS3Address } from './parse-s3-address.ts';
import { describeFailure, s3Error } from './s3-error.ts';

/** So many writers of one key in a row would have to meet this one before it gives up. */
const conflictTries = 10;

/** A store under `s3://bucket/prefix`, on Amazon's or any server that honours `If-None-Match: *`. Nothing is asked before the first use. */
export function createS3Store(address: string, env: S3Environment, random: () => number = Math.random): ObjectStore {
  const { bucket, prefix } = parseS3Address(address);
  const location = `s3://${bucket}${prefix && `/${prefix.slice(0, -1)}`}`;
  let connection: Promise<S3Connection> | undefined;
  const connect = () => (connection ??= connectS3(env));

  return {
    location,

    async read(key) {
      assertObjectKey(key);
      try {
        const { sdk, client } = await connect();
        const found = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: prefix + key, ChecksumMode: 'ENABLED' }));
        return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (cause) {
        if (describeFailure(cause).name === 'NoSuchKey') return undefined;
        throw s3Error(location, `reading ${key}`, false, cause);
      }
    },

    async create(key, bytes) {
      assertObjectKey(key);
      for (let attempt = 0; ; attempt++) {
        try {
          const { sdk, client } = await connect();
          await client.send(
            new sdk.PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: bytes, IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256' }),
          );
          return true;
        } catch (cause) {
          const { name, status } = describeFailure(cause);
          if (status === 412) return false;
          // Another write of this key is under way and may yet fail: only a new try tells who won.
          if (name !== 'ConditionalRequestConflict' || attempt >= conflictTries) throw s3Error(location, `writing ${key}`, true, cause);
          await pauseAfterConflict(attempt, random);
        }
      }
    },

    async *list(wanted) {
      assertObjectPrefix(wanted);
      let found: readonly ListedObject[];
      try {
        found = await listObjects(await connect(), bucket, prefix + wanted);
      } catch (cause) {
        throw s3Error(location, `listing ${wanted}`, false, cause);
      }
      for (const { key } of found) yield key.slice(prefix.length);
    },
  };
}
