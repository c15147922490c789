import { notFound, Refusal } from '../refusal.ts';
import type { Delivery } from '../webhooks.ts';
import { ok, type Route, route } from './route.ts';

/** The App's own hook: what was sent, whether it arrived, and sending it again. */
export const hookRoutes: readonly Route[] = [
  route('GET /app/hook/config', null, (asked) => {
    asTheApp(asked);
    return ok({ content_type: 'json', insecure_ssl: '0', url: 'https://weighin.example/api/github/webhooks', secret: '********' });
  }),
  route('GET /app/hook/deliveries', null, (asked) => {
    asTheApp(asked);
    const { query, world } = asked;
    const sent = world.deliveries.all.filter(({ state }) => state !== 'held' && state !== 'sending').toReversed();
    // Pages by a cursor, not by number, as GitHub's are.
    const from = query.has('cursor') ? sent.findIndex(({ id }) => String(id) === query.get('cursor')) : 0;
    const size = Math.min(100, Number(query.get('per_page') ?? 30));
    const page = sent.slice(Math.max(0, from), Math.max(0, from) + size);
    const next = sent[Math.max(0, from) + size];
    const to = `${world.addresses.api}/app/hook/deliveries?per_page=${size}&cursor=${next?.id}`;
    return { body: page.map((one) => deliveryJson(one)), headers: next ? { link: `<${to}>; rel="next"` } : {} };
  }),
  route('GET /app/hook/deliveries/:id', null, (asked) => {
    asTheApp(asked);
    const found = deliveryOf(asked);
    return ok({ ...deliveryJson(found), request: { headers: {}, payload: found.payload }, response: { headers: {}, payload: '' } });
  }),
  route('POST /app/hook/deliveries/:id/attempts', null, (asked) => {
    asTheApp(asked);
    void asked.world.deliveries.redeliver(deliveryOf(asked));
    return { status: 202, body: {} };
  }),
  route('GET /rate_limit', null, ({ world }) => {
    const of = ({ limit, used, reset }: { limit: number; used: number; reset: number }) => ({
      limit,
      used,
      remaining: limit - used,
      reset,
    });
    return ok({
      resources: { core: of(world.rate.core), graphql: of(world.rate.graphql), search: { limit: 30, used: 0, remaining: 30, reset: 0 } },
      rate: of(world.rate.core),
    });
  }),
  route('GET /meta', null, () => ok({ verifiable_password_authentication: false, installed_version: '3.17.0' })),
];

function asTheApp({ token }: Parameters<Route['answer']>[0]): void {
  if (token?.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
}
function deliveryOf({ world, params }: Parameters<Route['answer']>[0]): Delivery {
  const found = world.deliveries.all.find(({ id }) => id === Number(params['id']));
  if (!found) throw notFound();
  return found;
}

function deliveryJson(delivery: Delivery) {
  const payload = delivery.payload as { readonly installation?: { readonly id: number }; readonly repository?: { readonly id: number } };
  const reached = delivery.status > 0;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.at,
    redelivery: delivery.redelivery,
    duration: 0.1,
    status: delivery.state === 'delivered' ? 'OK' : reached ? `Invalid HTTP Response: ${delivery.status}` : 'failed to connect to host',
    // Nobody was reached.
    status_code: reached ? delivery.status : 502,
    event: delivery.event,
    action: delivery.action,
    installation_id: payload.installation?.id ?? null,
    repository_id: payload.repository?.id ?? null,
    throttled_at: null,
  };
}
