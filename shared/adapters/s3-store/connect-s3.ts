import { setTimeout as wait } from 'node:timers/promises';

/** What of the environment decides how S3 is reached; credentials that are not here come from the SDK's own chain. */
export type S3Environment = Readonly<Record<string, string | undefined>>;

/**
 * A client by the SDK's standard variables (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID …).
 * Servers of S3 other than Amazon's rarely have a host name for every bucket, so an endpoint means path style,
 * unless WEIGHIN_S3_PATH_STYLE says `false`; `true` asks for it without an endpoint.
 */
export async function connectS3(env: S3Environment) {
  // The SDK warns on standard error that releases after January 2027 need Node 22: ours is pinned, users can do nothing about it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'];
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (endpoint ? 'us-east-1' : undefined);
  const [accessKeyId, secretAccessKey, sessionToken] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']];
  const pathStyle = env['WEIGHIN_S3_PATH_STYLE'];
  const client = new sdk.S3Client({
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }),
    forcePathStyle: pathStyle ? /^(?:1|true)$/i.test(pathStyle) : Boolean(endpoint),
    followRegionRedirects: true,
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  });
  // Asked first: a job without credentials, by design, often has no region either, and that must not be the answer.
  await client.config.credentials();
  return { sdk, client };
}

export type S3Connection = Awaited<ReturnType<typeof connectS3>>;

/** Milliseconds between tries of a write that met another one of the same key: spread out, so that they do not meet again. */
export const pauseAfterConflict = (attempt: number, random: () => number) => wait(Math.min(2_000, 25 * 2 ** attempt) * (0.5 + random()));
