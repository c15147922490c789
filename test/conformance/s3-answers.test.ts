import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createS3Store } from '../../shared/adapters/s3-store/create-s3-store.ts';

/** Answers that a healthy server gives too seldom to test with: each request takes the next of `script`. */
interface Answer {
  readonly status: number;
  readonly code?: string;
}
const script: Answer[] = [];
const asked: { method: string; url: string; ifNoneMatch: string | undefined; checksum: string | undefined }[] = [];
let server: Server;
let env: Record<string, string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    const header = (name: string) => request.headers[name]?.toString();
    asked.push({
      method: request.method ?? '',
      url: request.url ?? '',
      ifNoneMatch: header('if-none-match'),
      checksum: header('x-amz-checksum-sha256'),
    });
    request.resume().on('end', () => {
      const { status, code } = script.shift() ?? { status: 500, code: 'ScriptOver' };
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(code && `<Error><Code>${code}</Code><Message>for AKIDEXAMPLE, signed deadbeef</Message></Error>`);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a-secret',
  };
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => {
  script.length = 0;
  asked.length = 0;
});

const bytes = new TextEncoder().encode('x');
const open = (address = 's3://bucket/some/prefix') => createS3Store(address, env, () => 0);

it('writes on condition, with a checksum, in path style where an endpoint is set', async () => {
  script.push({ status: 200 });
  expect(await open().create('a/b', bytes)).toBe(true);
  expect(asked).toMatchObject([{ method: 'PUT', ifNoneMatch: '*', url: expect.stringMatching(/^\/bucket\/some\/prefix\/a\/b\?/) }]);
  expect(asked[0]?.checksum).toBe(createHash('sha256').update(bytes).digest('base64'));
});

it('asks again after a conflict with a write that is under way: only the next answer says who won', async () => {
  script.push({ status: 409, code: 'ConditionalRequestConflict' }, { status: 409, code: 'ConditionalRequestConflict' }, { status: 200 });
  expect(await open().create('a', bytes)).toBe(true);
  script.push({ status: 409, code: 'ConditionalRequestConflict' }, { status: 412, code: 'PreconditionFailed' });
  expect(await open().create('a', bytes)).toBe(false);
  expect(asked).toHaveLength(5);
});

it('calls any other conflict a failure: a key that is the folder of another is not taken', async () => {
  script.push({ status: 409, code: 'ObjectParentIsFile' });
  await expect(open().create('a', bytes)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(asked).toHaveLength(1);
});

it('tells a store that may only be read from one that is closed', async () => {
  script.push({ status: 403, code: 'AccessDenied' });
  await expect(open().create('a', bytes)).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  script.push({ status: 403, code: 'AccessDenied' });
  await expect(open().read('a')).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
  script.push({ status: 403, code: 'ExpiredToken' });
  await expect(open().create('a', bytes)).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
});

it('does not mistake a failing server for a missing object', async () => {
  script.push({ status: 404, code: 'NoSuchKey' });
  expect(await open().read('a')).toBeUndefined();
  script.push({ status: 404, code: 'NoSuchBucket' });
  await expect(open().read('a')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  script.push({ status: 404, code: 'SomethingElse' });
  await expect(open().read('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});

it('repeats nothing of what a server says, for it may name keys', async () => {
  script.push({ status: 403, code: 'SignatureDoesNotMatch' });
  const error = await open()
    .read('a')
    .catch((cause: unknown) => cause as Error);
  expect(String(error)).not.toMatch(/AKIDEXAMPLE|deadbeef|a-secret/);
});

it.each(['s3://', 's3://B', 's3://bucket/../x', 's3://bucket//x', 's3://key:secret@bucket/x', 's3://bucket/a?versionId=1'])(
  'refuses an address that is none: %s',
  (address) => {
    expect(() => open(address)).toThrow(expect.objectContaining({ code: 'STORE_ADDRESS_INVALID' }));
    expect(() => open(address)).not.toThrow(/secret/);
  },
);

it('takes a slash at the end of an address for none', () => {
  expect(open('s3://bucket/').location).toBe('s3://bucket');
  expect(open('s3://bucket/a/b/').location).toBe('s3://bucket/a/b');
});
