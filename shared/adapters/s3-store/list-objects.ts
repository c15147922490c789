import type { S3Connection } from './connect-s3.ts';

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Changes with the content. */
  readonly tag: string;
}

/** All objects whose keys begin with `prefix`, page by page, in byte order of their keys. */
export async function listObjects({ sdk, client }: S3Connection, bucket: string, prefix: string): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) }),
    );
    for (const { Key, Size, ETag } of page.Contents ?? [])
      if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0, tag: ETag ?? '' });
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  // Servers whose keys are files walk folder by folder, which is not the order of bytes.
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}
