import type { IncomingMessage } from 'node:http';

/** GitHub sends no payload above 25 MB. */
const bodyLimit = 25 * 1024 * 1024;

/**
 * Bodies of all requests together: whoever sends them is not known before the last byte is there, so that together they may take so
 * much memory and no more.
 */
export function createBodyReader(limit = bodyLimit, together = 4 * bodyLimit) {
  let held = 0;
  return async (request: IncomingMessage): Promise<Buffer | 'too-large' | 'busy' | 'gone'> => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limit) return 'too-large';
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request) {
        size += chunk.length;
        held += chunk.length;
        if (size > limit) return 'too-large';
        if (held > together) return 'busy';
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch {
      return 'gone';
    } finally {
      held -= size;
    }
  };
}
