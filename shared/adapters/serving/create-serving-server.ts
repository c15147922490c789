import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InfrastructureError, UserError } from '../../errors.ts';
import { answerRows } from '../../serving/answer-rows.ts';
import { readPredictRequest } from '../../serving/read-predict-request.ts';
import { RefusedRequest } from '../../serving/refused-request.ts';
import { openMetricsType, plainMetricsType, renderMetrics } from '../../serving/render-metrics.ts';
import type { ServingEngine } from '../../serving/serving-engine.ts';
import { parseJson, readBody } from './read-body.ts';
import { answerOther, headerOf, requestIdOf } from './serving-routes.ts';

export interface ServerSettings {
  readonly maxBytes: number;
  /** Bytes of all bodies that are still coming; 64 MB or 16 of the longest by default. */
  readonly maxBodyBytes?: number;
  /** Requests that are answered at once; those beyond it get 503 and `Retry-After`. */
  readonly concurrency: number;
  /** Milliseconds in which a whole request must have arrived. */
  readonly requestMs: number;
  readonly keepAliveMs: number;
  /** Milliseconds without a byte in either direction after which a connection is cut: a client that does not read its
   * answer; 90 s by default. It must be longer than a model may take. */
  readonly stallMs?: number;
  readonly adminToken: string | undefined;
  /** Weighin's own version. */
  readonly version: string;
  /** Loads a version by its name for `POST /admin/load`. */
  readonly load: (version: string) => Promise<void>;
}

export interface ServingServer {
  /** @throws UserError PORT_TAKEN */
  listen(port: number, host: string): Promise<{ readonly port: number }>;
  /** No new requests are welcome: readiness says so, and connections end with their answers. */
  drain(): void;
  /** Waits for the answers under way, at most `graceMs`, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** Everything that a route needs beside the request. */
export interface ServingDesk {
  readonly engine: ServingEngine;
  readonly settings: ServerSettings;
  /** Why requests are not welcome; null: they are. */
  unready(): string | null;
}

/** Seconds since 1970. */
const started = Math.round(Date.now() - process.uptime() * 1000) / 1000;

/** HTTP for the engine, on Node's own server: a framework costs more than a small model does. */
export function createServingServer(engine: ServingEngine, settings: ServerSettings): ServingServer {
  const { totals } = engine;
  let draining = false;
  const maxBodyBytes = settings.maxBodyBytes ?? Math.max(64 * 1024 * 1024, 16 * settings.maxBytes);
  let bodyBytes = 0;
  const desk: ServingDesk = {
    engine,
    settings,
    unready() {
      if (draining) return 'The server is stopping.';
      const { stable } = engine.traffic;
      const member = engine.fleet.get(stable);
      if (!member) return `${stable} is not loaded.`;
      return member.model.isAlive() ? null : `No thread of ${stable} can answer: all of them have ended or hang. They are being replaced.`;
    },
  };
  const server = createServer(
    {
      requestTimeout: settings.requestMs,
      headersTimeout: Math.min(settings.requestMs, 10_000),
      keepAliveTimeout: settings.keepAliveMs,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
    },
    take,
  );
  // 10,000 clients may come at once; the system's own limit holds below this.
  server.maxHeadersCount = 100;
  server.on('clientError', refuseBroken);
  server.setTimeout(settings.stallMs ?? 90_000);

  function take(request: IncomingMessage, response: ServerResponse): void {
    const arrived = engine.settings.clock();
    const { method, url = '/' } = request;
    if (method === 'GET' || method === 'HEAD') return void answerGet(desk, request, response);
    // A body that is still coming counts by its bytes alone: clients that send slowly hold their connections, and nobody else's turn.
    const hold = (bytes: number) => {
      bodyBytes += bytes;
      return bodyBytes <= maxBodyBytes;
    };
    readBody(request, { maxBytes: settings.maxBytes, hold }, (error, text) => {
      if (error) {
        // What is still coming is not read.
        response.shouldKeepAlive = false;
        refuse(response, error);
        return;
      }
      if (totals.requestsInFlight >= settings.concurrency) {
        const message = `More than ${settings.concurrency} requests are being answered.`;
        refuse(response, new RefusedRequest(503, 'OVERLOADED', message, { retryAfter: 1 }));
        return;
      }
      totals.requestsInFlight++;
      if (method === 'POST' && url === '/predict') void predict(request, response, text, arrived);
      else void settle(response, () => answerOther(desk, request, text, arrived)).finally(release);
    });
  }

  /** Answered, whether the client takes it or not: one that reads slowly holds its own connection alone. */
  function release(): void {
    totals.requestsInFlight--;
  }

  async function predict(request: IncomingMessage, response: ServerResponse, text: string, arrived: number): Promise<void> {
    try {
      const { sticky, maxRows, newId } = engine.settings;
      const body = readPredictRequest(parseJson(text), {
        maxRows,
        headerId: requestIdOf(request),
        newId,
        readsId: engine.fleet.known.has('id'),
      });
      const unit = sticky && 'header' in sticky ? headerOf(request, sticky.header) : undefined;
      const answers = await answerRows(engine, { ...body, arrived, unit });
      send(response, 200, JSON.stringify(body.single ? answers[0] : { rows: answers }));
    } catch (error) {
      refuse(response, error);
    } finally {
      release();
    }
  }

  async function settle(response: ServerResponse, work: () => Promise<unknown>): Promise<void> {
    try {
      send(response, 200, JSON.stringify(await work()));
    } catch (error) {
      refuse(response, error);
    }
  }

  function refuse(response: ServerResponse, error: unknown): void {
    const refused = toRefused(error, engine);
    totals.refused.set(refused.code, (totals.refused.get(refused.code) ?? 0) + 1);
    if (refused.retryAfter !== undefined) response.setHeader('retry-after', String(refused.retryAfter));
    if (refused.status === 401) response.setHeader('www-authenticate', 'Bearer');
    send(response, refused.status, JSON.stringify(refused.body()));
  }

  function answerGet({ unready }: ServingDesk, request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0];
    request.resume();
    try {
      if (path === '/metrics') {
        const open = /application\/openmetrics-text/.test(request.headers.accept ?? '');
        const page = renderMetrics(engine, { open, version: settings.version, ready: unready() === null, started });
        send(response, 200, page, open ? openMetricsType : plainMetricsType);
        return;
      }
      void settle(response, () => answerOther(desk, request, '', engine.settings.clock()));
    } catch (error) {
      refuse(response, error);
    }
  }

  /** While it stops, an answer ends its connection: none may keep the server alive. */
  function send(response: ServerResponse, status: number, text: string, type?: string): void {
    if (draining) response.shouldKeepAlive = false;
    sendText(response, status, text, type);
  }

  return {
    listen: (port, host) => listen(server, port, host),
    drain() {
      draining = true;
    },
    async stop(graceMs) {
      draining = true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        // close() ends those that are idle now; those that become idle later end by `Connection: close`.
        server.closeIdleConnections();
      });
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<{ readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        return reject(
          new UserError(
            'PORT_TAKEN',
            `Port ${port} of ${host} is taken by another process.`,
            'Choose another with --port; 0 takes any free one.',
          ),
        );
      if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
        return reject(
          new UserError('HOST_NOT_USABLE', `The server can't listen on ${host}, port ${port} (${error.code}).`, 'Check --host and --port.'),
        );
      reject(new InfrastructureError('LISTEN_FAILED', `The server can't listen on ${host}, port ${port} (${error.code}).`));
    });
    server.listen({ port, host, backlog: 4_096 }, () => resolve({ port: (server.address() as AddressInfo).port }));
  });
}

function sendText(response: ServerResponse, status: number, text: string, type = 'application/json; charset=utf-8'): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

/** Our own errors with their code; whatever else went wrong is told to whoever runs the server, not to the caller. */
function toRefused(error: unknown, { settings }: ServingEngine): RefusedRequest {
  if (error instanceof RefusedRequest) return error;
  if (error instanceof UserError) return new RefusedRequest(409, error.code, error.message);
  if (error instanceof InfrastructureError) {
    settings.warn(`${error.message} [${error.code}]`);
    return new RefusedRequest(502, error.code, 'The surroundings failed; the log of the server says how.');
  }
  settings.warn(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
  return new RefusedRequest(500, 'INTERNAL', 'The server failed on this request.');
}

/** Bytes that are no HTTP, a header that is too long, a client that is too slow: what Node found before there was a request. */
function refuseBroken(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE', 'The headers are longer than 16 kB.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'REQUEST_TOO_SLOW', 'The request did not arrive in time.']
        : ['400 Bad Request', 'NOT_HTTP', 'These bytes are no HTTP request.'];
  const text = JSON.stringify(new RefusedRequest(0, code, message).body());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
}
