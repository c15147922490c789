import { z } from 'zod';
import { type DesiredTraffic, isAsDesired, nameOfVersion, type ObservedTraffic } from '../engine/traffic.ts';

/** What `GET /admin/weights` of `weighin serve` says, as far as a rollout needs it; newer servers may say more. */
const serveStateSchema = z.object({
  model: z.string().max(200),
  stable: z.string().max(20),
  weights: z.record(z.string().max(20), z.number().gte(0).lte(100)),
  leaseSeconds: z.number().nonnegative().nullable(),
  revision: z.number().int().nonnegative().nullable(),
  versions: z.array(z.string().max(20)).max(1_000),
  shadow: z.array(z.string().max(20)).max(1_000),
  /** A version that answers when another fails; it stays loaded whatever a rollout does. */
  fallback: z.string().max(20).nullable().default(null),
  loaded: z
    .array(z.object({ version: z.string().max(20), digest: z.string().max(200) }))
    .max(1_000)
    .default([]),
});
export type ServeState = z.infer<typeof serveStateSchema>;

/** null: that is no state of `weighin serve`. */
export function readServeState(text: string): ServeState | null {
  try {
    return serveStateSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export interface ServeRequest {
  readonly method: 'PUT' | 'POST';
  readonly path: '/admin/load' | '/admin/unload' | '/admin/weights';
  readonly body: Readonly<Record<string, unknown>>;
}

/** Versions that must be loaded before any server's weights change: one that can't load them must not be found out halfway. */
export function loadsBefore(desired: DesiredTraffic, state: ServeState): readonly ServeRequest[] {
  return wantedVersions(desired)
    .filter((version) => !state.versions.includes(version))
    .map((version) => ({ method: 'POST', path: '/admin/load', body: { version } }));
}

/**
 * From what a server holds to what is wished, once its versions are loaded. The weights come first and carry everything that matters for
 * who answers; a mirror can only begin, and a version only go, when it has no traffic.
 */
export function serveChanges(desired: DesiredTraffic, state: ServeState): readonly ServeRequest[] {
  const { candidate, mirror, revision, leaseSeconds } = desired;
  const [stable, other] = [nameOfVersion(desired.stable), candidate && nameOfVersion(candidate)];
  const percent = share(desired);
  const requests: ServeRequest[] = [
    {
      method: 'PUT',
      path: '/admin/weights',
      body: {
        weights: { [stable]: 100 - percent, ...(other !== null && { [other]: percent }) },
        stable,
        revision,
        // Without a candidate there is nothing to fall back from.
        ...(leaseSeconds !== null && other !== null && { leaseSeconds }),
      },
    },
  ];
  // `shadow: false` takes it out of the mirror; one that answers left it with the weights.
  if (other !== null && (mirror || state.shadow.includes(other)))
    requests.push({ method: 'POST', path: '/admin/load', body: { version: other, shadow: mirror } });
  for (const version of leftOver(desired, state)) requests.push({ method: 'POST', path: '/admin/unload', body: { version } });
  return requests;
}

/** Whether this server would send more requests to the candidate than now: away from stable, where all servers must agree first. */
export function givesMore(desired: DesiredTraffic, state: ServeState): boolean {
  const now = desired.candidate ? (state.weights[nameOfVersion(desired.candidate)] ?? 0) : 0;
  return share(desired) > now + 1e-9;
}

/**
 * The digest of what a server has loaded under the candidate's name, where that is not what was approved (`--model v12=FILE` can be any file).
 * null: it is, it is not loaded, or the server does not tell.
 */
export function otherBytes({ candidate }: DesiredTraffic, { loaded }: ServeState): string | null {
  const found = candidate && loaded.find(({ version }) => version === nameOfVersion(candidate))?.digest;
  return found && found !== candidate.digest ? found : null;
}

/** Whether the candidate has traffic here that it loses. */
export function givesLess(desired: DesiredTraffic, state: ServeState): boolean {
  return desired.candidate === null || share(desired) < (state.weights[nameOfVersion(desired.candidate)] ?? 0) - 1e-9;
}

export function observeServe(desired: DesiredTraffic, state: ServeState): ObservedTraffic {
  const candidate = desired.candidate && nameOfVersion(desired.candidate);
  const left = leftOver(desired, state)[0];
  return {
    stable: state.stable,
    // A candidate that is not loaded, or is another model, answers nothing: that is told, as `null` would only mean that nothing is said.
    candidate: left ?? (candidate === null || (state.versions.includes(candidate) && !otherBytes(desired, state)) ? candidate : 'none'),
    percent: 100 - (state.weights[state.stable] ?? 0),
    mirror: state.shadow.length > 0,
  };
}

/** Of several servers the one that is furthest from the wish: they are right together, or not at all. */
export function observeServers(desired: DesiredTraffic, states: readonly ServeState[]): ObservedTraffic {
  const observed = states.map((state) => observeServe(desired, state));
  return observed.find((one) => !isAsDesired(desired, one)) ?? observed[0]!;
}

const share = ({ candidate, mirror, percent }: DesiredTraffic) => (candidate && !mirror ? percent : 0);
const wantedVersions = ({ stable, candidate }: DesiredTraffic) => [stable, ...(candidate ? [candidate] : [])].map(nameOfVersion);
const leftOver = (desired: DesiredTraffic, { versions, fallback }: ServeState) =>
  versions.filter((version) => version !== fallback && !wantedVersions(desired).includes(version));
