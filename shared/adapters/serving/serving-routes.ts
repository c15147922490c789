import type { IncomingMessage } from 'node:http';
import { adminState, checkAdmin, loadVersion, setWeights, unloadVersion } from '../../serving/admin.ts';
import { answerInfer } from '../../serving/answer-infer.ts';
import { modelMetadata } from '../../serving/inference-protocol.ts';
import { RefusedRequest } from '../../serving/refused-request.ts';
import type { ServingDesk } from './create-serving-server.ts';
import { parseJson } from './read-body.ts';

const page = ['POST /predict', 'GET /health', 'GET /ready', 'GET /metrics', 'GET /v2'];

/** Every route but the hottest, `/predict`, and the page of metrics. @throws RefusedRequest */
export async function answerOther(desk: ServingDesk, request: IncomingMessage, text: string, arrived: number): Promise<unknown> {
  const { engine, settings } = desk;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const path = (request.url ?? '/').split('?', 1)[0]!.replace(/(?<=.)\/$/, '');
  const model = engine.settings.model;
  const route = `${method} ${path}`;
  if (route === 'GET /health') return { status: 'healthy', model, version: engine.traffic.stable };
  if (route === 'GET /ready') return ready(desk, { ready: true, model, version: engine.traffic.stable });
  if (route === 'GET /') return { model, version: engine.traffic.stable, endpoints: page };
  if (route === 'GET /v2') return { name: 'weighin', version: settings.version, extensions: [] };
  if (route === 'GET /v2/health/live') return { live: true };
  if (route === 'GET /v2/health/ready') return ready(desk, { live: true, ready: true });
  if (path.startsWith('/v2/models/')) return answerModel(desk, request, method ?? '', path, text, arrived);
  if (path === '/admin' || path.startsWith('/admin/')) return answerAdmin(desk, request, route, text);
  if (path === '/predict') throw new RefusedRequest(405, 'METHOD_NOT_ALLOWED', 'Send rows to /predict with POST.');
  throw new RefusedRequest(404, 'NOT_FOUND', `There is nothing here. There are: ${page.join(', ')}.`);
}

function ready(desk: ServingDesk, answer: object): object {
  const why = desk.unready();
  if (why === null) return answer;
  throw new RefusedRequest(503, 'NOT_READY', why, { retryAfter: 1 });
}

/** `/v2/models/<name>[/versions/<version>][/ready | /infer]`. */
async function answerModel(
  desk: ServingDesk,
  request: IncomingMessage,
  method: string,
  path: string,
  text: string,
  arrived: number,
): Promise<unknown> {
  const { engine } = desk;
  const [, name, version, action] = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(path) ?? [];
  if (name === undefined || decoded(name) !== engine.settings.model)
    throw new RefusedRequest(404, 'MODEL_NOT_SERVED', `This server answers for ${engine.settings.model}.`);
  // Other servers call it 12, this one v12.
  const asked = version === undefined ? undefined : /^\d+$/.test(version) ? `v${version}` : version;
  const member = engine.fleet.get(asked ?? engine.traffic.stable);
  if (!member) throw new RefusedRequest(404, 'VERSION_NOT_SERVED', `This server has no such version of ${engine.settings.model}.`);
  if (action === 'infer') {
    if (method !== 'POST') throw new RefusedRequest(405, 'METHOD_NOT_ALLOWED', 'Send tensors with POST.');
    const { sticky } = engine.settings;
    return answerInfer(engine, {
      body: parseJson(text),
      version: asked,
      arrived,
      unit: sticky && 'header' in sticky ? headerOf(request, sticky.header) : undefined,
      headerId: requestIdOf(request),
    });
  }
  if (method !== 'GET') throw new RefusedRequest(405, 'METHOD_NOT_ALLOWED', 'Ask with GET.');
  if (action === 'ready') return { name: engine.settings.model, ready: desk.unready() === null };
  return modelMetadata(engine.settings.model, engine.fleet.versions(), member.model);
}

async function answerAdmin(
  { engine, settings, unready }: ServingDesk,
  request: IncomingMessage,
  route: string,
  text: string,
): Promise<unknown> {
  checkAdmin(settings.adminToken, request.headers.authorization);
  if (route === 'PUT /admin/weights') setWeights(engine, parseJson(text));
  else if (route === 'POST /admin/load') await loadVersion(engine, parseJson(text), settings.load);
  else if (route === 'POST /admin/unload') await unloadVersion(engine, parseJson(text));
  else if (route !== 'GET /admin/weights' && route !== 'GET /admin')
    throw new RefusedRequest(404, 'NOT_FOUND', 'There are GET /admin, PUT /admin/weights, POST /admin/load and POST /admin/unload.');
  return adminState(engine, unready() === null);
}

export const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** What the caller calls this request, where that is fit to be an id. */
export function requestIdOf(request: IncomingMessage): string | undefined {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? id : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
