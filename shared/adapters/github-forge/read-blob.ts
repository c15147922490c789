import { UserError } from '../../errors.ts';
import { forgeAnswered } from './forge-error.ts';
import { readStream } from './read-stream.ts';
import { repeatLost } from './repeat-lost.ts';
import type { Transport } from './transport.ts';

/** An object's bytes, kept by its id. @throws UserError FILE_TOO_LARGE */
export async function readBlob(transport: Transport, oid: string, limit: number): Promise<Uint8Array> {
  const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
  const kept = transport.memory.objects.get(`blob ${oid}`);
  if (kept instanceof Uint8Array) {
    if (kept.length > limit) throw fileTooLarge(oid, limit);
    return kept;
  }
  const bytes = await repeatLost(transport, async () => {
    const parameters = { file_sha: oid, headers: { accept: 'application/vnd.github.raw+json' } };
    const answer = await transport.send(route, parameters, { again: false, request: { parseSuccessResponseBody: false } });
    if (answer.data === null || answer.data === '') return new Uint8Array();
    if (!(answer.data instanceof ReadableStream)) throw forgeAnswered('a file', 'no bytes came');
    return readStream(answer.data, limit, () => fileTooLarge(oid, limit), route);
  });
  transport.memory.objects.set(`blob ${oid}`, bytes, bytes.length);
  return bytes;
}

export const fileTooLarge = (what: string, limit: number): UserError =>
  new UserError('FILE_TOO_LARGE', `${what} is larger than ${limit} bytes.`, 'Keep large files out of Git: the store is made for them.');
