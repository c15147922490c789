import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TrafficDocument, trafficDocumentSchema } from '../../../shared/rollout/targets/traffic-document.ts';

/** What docs/rollouts.md says that an endpoint of a target does, and no more: PUT takes a wish, GET tells it, an older one is refused. */
export async function openTrafficEndpoint(token: string) {
  const endpoint = { wish: null as TrafficDocument | null, puts: 0, url: '', close: () => void server.close() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: 'no such token' });
    if (request.method === 'GET') {
      if (!endpoint.wish) return answer(404, { error: 'nothing was wished yet' });
      const { model, stage, revision, stable, candidate, percent, mirror } = endpoint.wish;
      return answer(200, {
        schema: 'weighin/traffic-state@1',
        model,
        stage,
        revision,
        stable: stable.version,
        candidate: candidate?.version ?? null,
        percent,
        mirror,
      });
    }
    const wish = trafficDocumentSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    if (endpoint.wish && wish.revision < endpoint.wish.revision)
      return answer(409, { error: `revision ${endpoint.wish.revision} is newer` });
    endpoint.wish = wish;
    endpoint.puts++;
    return answer(202, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/traffic`;
  return endpoint;
}
