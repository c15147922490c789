import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { RefusedRequest } from './refused-request.ts';
import type { ServingEngine } from './serving-engine.ts';
import type { WeightsChange } from './traffic-weights.ts';

const weightsSchema = z.strictObject({
  weights: z.record(z.string(), z.number()),
  leaseSeconds: z.number().positive().max(86_400).optional(),
  revision: z.number().int().nonnegative().optional(),
  /** Makes one version the stable one: where traffic goes when a lease runs out. */
  stable: z.string().optional(),
});
const loadSchema = z.strictObject({
  version: z.string().regex(/^v[1-9]\d{0,8}$/),
  /** true: it mirrors, unless it has traffic. false: it does not any more. */
  shadow: z.boolean().optional(),
});
const unloadSchema = z.strictObject({ version: z.string() });

/** Without a token in the environment there is no admin at all. @throws RefusedRequest NOT_FOUND, UNAUTHORIZED */
export function checkAdmin(token: string | undefined, header: string | undefined): void {
  if (!token) throw new RefusedRequest(404, 'NOT_FOUND', 'There is nothing here. WEIGHIN_ADMIN_TOKEN turns the admin endpoints on.');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = /^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(given), digest(token)))
    throw new RefusedRequest(401, 'UNAUTHORIZED', 'Send `Authorization: Bearer` with the token of this server.');
}

/**
 * What the server holds and how traffic goes: the answer to every admin request. A server that was started anew holds what its command line says,
 * no lease and no revision: `revision: null` tells a guard to say everything again.
 */
export function adminState({ fleet, traffic, shadows, settings }: ServingEngine, ready: boolean): object {
  const lease = traffic.leaseLeft();
  return {
    model: settings.model,
    ready,
    stable: traffic.stable,
    weights: Object.fromEntries(traffic.current()),
    leaseSeconds: lease === null ? null : lease / 1000,
    revision: traffic.revision(),
    versions: fleet.versions(),
    shadow: [...shadows],
    fallback: settings.fallback && 'version' in settings.fallback ? settings.fallback.version : null,
    loaded: [...fleet.members()].map(({ model, breaker, inFlight }) => ({
      version: model.version,
      digest: model.digest,
      threads: model.threads,
      alive: model.isAlive(),
      breaker: breaker.state(),
      inFlight,
    })),
  };
}

/** `PUT /admin/weights`. @throws RefusedRequest */
export function setWeights(engine: ServingEngine, body: unknown): void {
  const { stable, ...change } = parse(weightsSchema, body);
  const { traffic, fleet } = engine;
  if (stable !== undefined && !fleet.get(stable))
    throw new RefusedRequest(409, 'VERSION_NOT_SERVED', `${stable} is not loaded here. POST /admin/load loads it.`);
  const before = traffic.current();
  traffic.set(change as WeightsChange);
  if (stable !== undefined && stable !== traffic.stable) {
    const wanted = traffic.current();
    traffic.setStable(stable);
    traffic.set({ ...change, weights: Object.fromEntries(wanted) } as WeightsChange);
  }
  // A version that answers is no shadow any more.
  for (const [version, weight] of traffic.current()) if (weight > 0) engine.shadows.delete(version);
  const text = (weights: ReadonlyMap<string, number>) => [...weights].map(([version, weight]) => `${version}=${weight}`).join(',');
  if (text(before) !== text(traffic.current())) engine.settings.note(`weights: ${text(before)} → ${text(traffic.current())}`);
}

/** `POST /admin/load`. */
export async function loadVersion(engine: ServingEngine, body: unknown, load: (version: string) => Promise<void>): Promise<void> {
  const { version, shadow } = parse(loadSchema, body);
  await load(version);
  if (shadow === false) engine.shadows.delete(version);
  if (shadow === undefined) return;
  if (!shadow) engine.shadows.delete(version);
  else if ((engine.traffic.current().get(version) ?? 0) === 0) engine.shadows.add(version);
  else throw new RefusedRequest(409, 'VERSION_IN_USE', `${version} answers: it can be a shadow once it has no traffic.`);
}

/** `POST /admin/unload`. @throws RefusedRequest VERSION_IN_USE */
export async function unloadVersion(engine: ServingEngine, body: unknown): Promise<void> {
  const { version } = parse(unloadSchema, body);
  const { traffic, shadows, fleet, settings } = engine;
  if (!fleet.get(version)) throw new RefusedRequest(409, 'VERSION_NOT_SERVED', `${version} is not loaded here.`);
  const fallback = settings.fallback && 'version' in settings.fallback ? settings.fallback.version : null;
  if (version === traffic.stable || version === fallback || (traffic.current().get(version) ?? 0) > 0)
    throw new RefusedRequest(409, 'VERSION_IN_USE', `${version} is stable, a fallback, or has traffic: take it away first.`);
  shadows.delete(version);
  await fleet.unload(version);
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const field = issue.keys[0] ?? '';
    throw new RefusedRequest(422, 'BODY_INVALID', `${field} is no field of this request.`, { field });
  }
  const field = issue?.path.join('.');
  if (!field) throw new RefusedRequest(422, 'BODY_INVALID', 'The body must be a JSON object; docs/serving.md shows it.');
  throw new RefusedRequest(422, 'BODY_INVALID', `${field} must be ${wanted[field.split('.')[0] ?? ''] ?? 'given otherwise'}.`, { field });
}

const wanted: Readonly<Record<string, string>> = {
  weights: 'percentages by version, such as {"v11": 95, "v12": 5}',
  leaseSeconds: 'seconds above 0 and at most 86400',
  revision: 'a whole number from 0 on',
  stable: 'a version such as v12',
  version: 'a version such as v12',
  shadow: 'true or false',
};
