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
  /** Requests that are answered at once; those beyond it get 503 and `Retry-After`. */
  readonly concurrency: number;
  /** Milliseconds in which a whole request must have arrived. */
  readonly requestMs: number;
  readonly keepAliveMs: number;
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
  isReady(): boolean;
}

/** HTTP for the engine, on Node's own server: a framework costs more than a small model does. */
export function createServingServer(engine: ServingEngine, settings: ServerSettings): ServingServer {
  const { totals } = engine;
  let draining = false;
  const desk: ServingDesk = { engine, settings, isReady: () => !draining && engine.fleet.get(engine.traffic.stable) !== undefined };
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

  function take(request: IncomingMessage, response: ServerResponse): void {
    const arrived = engine.settings.clock();
    const { method, url = '/' } = request;
    if (method === 'GET' || method === 'HEAD') return void answerGet(desk, request, response);
    if (totals.requestsInFlight >= settings.concurrency) {
      request.resume();
      refuse(
        response,
        new RefusedRequest(503, 'OVERLOADED', `More than ${settings.concurrency} requests are being answered.`, { retryAfter: 1 }),
      );
      return;
    }
    totals.requestsInFlight++;
    response.once('close', release);
    readBody(request, settings.maxBytes, (error, text) => {
      if (error) {
        // What is still coming is not read.
        response.shouldKeepAlive = false;
        refuse(response, error);
        return;
      }
      if (method === 'POST' && url === '/predict') void predict(request, response, text, arrived);
      else void settle(response, () => answerOther(desk, request, text, arrived));
    });
  }

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

  function answerGet({ isReady }: ServingDesk, request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0];
    request.resume();
    try {
      if (path === '/metrics') {
        const open = /application\/openmetrics-text/.test(request.headers.accept ?? '');
        const page = renderMetrics(engine, { open, version: settings.version, ready: isReady() });
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
  if (error instanceof InfrastructureError)
    return new RefusedRequest(502, error.code, 'The surroundings failed; the log of the server says how.');
  settings.warn(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
  return new RefusedRequest(500, 'INTERNAL', 'The server failed on this request.');
}

/** Bytes that are no HTTP, a header that is too long, a client that is too slow. */
function refuseBroken(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
