import { UserError } from '../../errors.ts';
import { describeFailure, forgeAnswered, forgeUnreachable } from './forge-error.ts';
import { readStream } from './read-stream.ts';
import { repeatLost } from './repeat-lost.ts';
import type { Transport } from './transport.ts';

const route = 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}';
const timeout = 120_000;

/**
 * The zip lies with another host: GitHub answers with a signed address, which is fetched without our token. @throws UserError
 * ARTIFACT_TOO_LARGE, ARTIFACT_GONE
 */
export async function downloadArtifact(transport: Transport, fetchFile: typeof fetch, id: number, limit: number): Promise<Uint8Array> {
  // An address is good for a minute: each try asks for a new one.
  return repeatLost(transport, async () => {
    const answer = await fetchOnce(fetchFile, await addressOf(transport, id));
    if (answer.status === 200 && answer.body) {
      if (Number(answer.headers.get('content-length') ?? 0) <= limit) {
        return readStream(answer.body, limit, () => tooLarge(id, limit), 'an artifact');
      }
      answer.body.cancel().catch(() => {});
      throw tooLarge(id, limit);
    }
    await answer.body?.cancel();
    if (answer.status === 404 || answer.status === 410) throw gone(id);
    throw forgeUnreachable('an artifact', { status: answer.status, headers: {}, data: null, message: 'the storage failed' });
  });
}

async function addressOf(transport: Transport, id: number): Promise<URL> {
  const answer = await transport.send(
    route,
    { artifact_id: id, archive_format: 'zip' },
    { expect: [404, 410], again: false, request: { redirect: 'manual', parseSuccessResponseBody: false } },
  );
  if (answer.status === 404 || answer.status === 410) throw gone(id);
  if (answer.data instanceof ReadableStream) answer.data.cancel().catch(() => {});
  const location = answer.headers['location'];
  if (answer.status !== 302 || location === undefined) throw forgeAnswered(`artifact ${id}`, `${answer.status} instead of an address`);
  const address = new URL(String(location), transport.baseUrl);
  const plain = address.protocol === 'http:' && transport.baseUrl.startsWith('http:');
  if (address.protocol !== 'https:' && !plain) throw forgeAnswered(`artifact ${id}`, 'an address that is not encrypted');
  return address;
}

async function fetchOnce(fetchFile: typeof fetch, address: URL): Promise<Response> {
  try {
    return await fetchFile(address, { headers: { accept: '*/*' }, redirect: 'error', signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
    // Not the address itself: who has it may read the artifact.
    throw forgeUnreachable(`an artifact at ${address.host}`, { ...describeFailure(reason), status: null });
  }
}

const tooLarge = (id: number, limit: number): UserError =>
  new UserError(
    'ARTIFACT_TOO_LARGE',
    `Artifact ${id} is larger than ${limit} bytes.`,
    'Upload what the bot reads by itself, and keep it small.',
  );
const gone = (id: number): UserError =>
  new UserError('ARTIFACT_GONE', `Artifact ${id} is not there any more.`, 'Artifacts expire: run the workflow again.');
