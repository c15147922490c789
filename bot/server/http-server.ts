import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServerLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createBodyReader } from './read-body.ts';
import { verifySignature } from './verify-signature.ts';

export interface HttpServerParts {
  readonly webhookPath: string;
  readonly webhookSecret: string;
  /** Hands a delivery on; returns when it is in the queue. */
  readonly receive: (delivery: { readonly id: string; readonly name: string; readonly payload: unknown }) => Promise<void>;
  /** Why it is not ready; null where it is. */
  readonly notReady: () => string | null;
  readonly metrics: Metrics;
  /** The page at `/`. */
  readonly page: string;
  /** The board and what guards say, at addresses of their own; false where an address is neither's. */
  readonly board: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;
  readonly log: ServerLog;
}

const html = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** Deliveries, the board and the four pages. Who sends a delivery is proved before one byte of it is believed. */
export function createHttpServer(parts: HttpServerParts): Server {
  const { webhookPath, metrics, notReady, page, log } = parts;
  const readBody = createBodyReader();

  const takeDelivery = async (request: IncomingMessage, response: ServerResponse) => {
    const event = header(request, 'x-github-event') ?? '';
    // A label: whoever invents names must not fill the memory with counters.
    const label = /^[a-z_]{1,40}$/.test(event) ? event : 'other';
    const body = await readBody(request);
    if (body === 'gone') return;
    if (typeof body === 'string') {
      metrics.delivered('other', 'refused');
      answer(response, body === 'too-large' ? 413 : 503, body === 'too-large' ? 'payload too large' : 'busy, send it again', {
        connection: 'close',
      });
      return;
    }
    if (!verifySignature(body, parts.webhookSecret, header(request, 'x-hub-signature-256'))) {
      metrics.delivered('other', 'refused');
      log.warn(
        { from: request.socket.remoteAddress },
        'a delivery whose signature is wrong was refused; is WEBHOOK_SECRET what the App has?',
      );
      answer(response, 401, 'the signature is missing or wrong');
      return;
    }
    const payload = parseObject(body);
    const id = header(request, 'x-github-delivery');
    if (!event || !id || payload === null) {
      metrics.delivered(label, 'unreadable');
      answer(response, 400, 'x-github-event, x-github-delivery and a JSON object are needed');
      return;
    }
    await parts.receive({ id, name: event, payload });
    metrics.delivered(label, 'taken');
    log.debug({ event, delivery: id }, 'delivery taken');
    answer(response, 202, 'taken');
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?')[0] ?? '/';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (path === webhookPath)
      return request.method === 'POST' ? takeDelivery(request, response) : answer(response, 405, 'POST only', { allow: 'POST' });
    if (await parts.board(request, response, path)) return;
    if (!reads) return answer(response, 404, 'not found');
    switch (path) {
      case '/':
        return answer(response, 200, page, html);
      case '/health':
        return answer(response, 200, 'alive');
      case '/ready': {
        const why = notReady();
        return answer(response, why === null ? 200 : 503, why ?? 'ready');
      }
      case '/metrics':
        return answer(response, 200, await metrics.page(), { 'content-type': metrics.contentType });
      default:
        return answer(response, 404, 'not found');
    }
  };

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      log.error({ err: error }, 'a request failed');
      if (!response.headersSent) answer(response, 500, 'failed');
    });
  });
  // Whoever sends slowly holds a connection, not the server.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}

function answer(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

function parseObject(body: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const header = (request: IncomingMessage, name: string) => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};
