import { describeFailure, forgeUnreachable } from './forge-error.ts';

/** Bytes as they come, never more than `limit` of them in memory. @throws what `tooLarge` makes, and InfrastructureError FORGE_UNREACHABLE */
export async function readStream(
  stream: ReadableStream<unknown>,
  limit: number,
  tooLarge: () => Error,
  route: string,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await nextOf(reader, route);
    if (done) break;
    if (!(value instanceof Uint8Array)) continue;
    total += value.length;
    if (total > limit) {
      // Not waited for: the connection may be slow to close, and nothing of it is wanted any more.
      reader.cancel().catch(() => {});
      throw tooLarge();
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function nextOf(reader: ReadableStreamDefaultReader<unknown>, route: string) {
  try {
    return await reader.read();
  } catch (error) {
    throw forgeUnreachable(route, describeFailure(error));
  }
}
