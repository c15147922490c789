import { UserError } from '../../errors.ts';
import type { DesiredTraffic, ObservedTraffic, ServedVersion } from '../engine/traffic.ts';
import { nameOfVersion } from '../engine/traffic.ts';
import { fillNames } from './fill-names.ts';
import type { HaproxyBackend, HaproxyServer } from './haproxy-state.ts';

/** HAProxy's largest weight. Weights are whole, so that its smallest share is 1 of 257. */
const largest = 256;
const smallestPercent = 100 / (largest + 1);

export interface ServerNames {
  readonly stable: string;
  readonly candidate: string | null;
}

/** @throws UserError NAME_UNKNOWN, HAPROXY_NAME_INVALID */
export function haproxyNames(template: string, { model, stage, stable, candidate }: DesiredTraffic): ServerNames {
  const nameOf = (version: ServedVersion) => haproxyName(fillNames(template, { model, stage, version }, 'target.server'), 'server');
  const names = { stable: nameOf(stable), candidate: candidate && nameOf(candidate) };
  if (names.candidate !== names.stable) return names;
  throw new UserError(
    'HAPROXY_NAME_INVALID',
    `target.server gives ${names.stable} to both versions.`,
    'Each version has a server of its own: write {version} into the name.',
  );
}

/** What HAProxy takes as a name; anything else could end the command. @throws UserError HAPROXY_NAME_INVALID */
export function haproxyName(name: string, what: 'server' | 'backend'): string {
  if (/^[\w.:-]{1,200}$/.test(name)) return name;
  throw new UserError(
    'HAPROXY_NAME_INVALID',
    `target.${what} is no name of a ${what} in HAProxy.`,
    'Use letters, digits, "_", "-", "." and ":".',
  );
}

/**
 * Whole weights whose ratio is the percentage, the smallest that are nearest to it: off by less than 0.2 points, none for whole
 * percentages. @throws UserError WEIGHT_TOO_SMALL where HAProxy could only give the candidate more
 */
export function haproxyWeights(percent: number): { readonly stable: number; readonly candidate: number } {
  if (percent <= 0) return { stable: 100, candidate: 0 };
  if (percent >= 100) return { stable: 0, candidate: 100 };
  if (Number.isInteger(percent)) return { stable: 100 - percent, candidate: percent };
  if (percent < smallestPercent)
    throw new UserError(
      'WEIGHT_TOO_SMALL',
      `HAProxy can't give a candidate ${percent} %: its weights are whole numbers up to ${largest}.`,
      'The smallest weight of a step with a target of kind haproxy is 0.4.',
    );
  let best = { stable: largest, candidate: 1 };
  const off = ({ stable, candidate }: typeof best) => Math.abs((100 * candidate) / (stable + candidate) - percent);
  for (let candidate = 1; candidate <= largest; candidate++) {
    const stable = Math.round((candidate * (100 - percent)) / percent);
    if (stable < 1 || stable > largest) continue;
    const found = { stable, candidate };
    if (off(found) < off(best) - 1e-9) best = found;
  }
  // Above 99.6 % a server of stable keeps the least that a weight can be.
  return percent > 100 - smallestPercent ? { stable: 1, candidate: largest } : best;
}

/**
 * Commands from what is to what is wished; none where it is so. Weights rise before others fall, so that there is always a server.
 * @returns the server that is missing where one is
 */
export function haproxyCommands(
  backend: string,
  names: ServerNames,
  desired: DesiredTraffic,
  { servers }: HaproxyBackend,
): { readonly commands: readonly string[] } | { readonly missing: string } {
  const wanted = wantedWeights(names, desired);
  const missing = [...wanted.keys()].find((name) => !servers.some((server) => server.name === name));
  if (missing !== undefined) return { missing };
  const target = (server: HaproxyServer) => wanted.get(server.name) ?? 0;
  const ready = servers.filter((server) => server.heldBack && target(server) > 0);
  const changed = servers.filter((server) => isOurs(server, wanted) && server.weight !== target(server));
  const rising = changed.filter((server) => target(server) > server.weight);
  const falling = changed.filter((server) => target(server) < server.weight);
  return {
    commands: [
      ...[...rising, ...falling].map((server) => `set weight ${backend}/${server.name} ${target(server)}`),
      // Only now: in between it would have had its old weight.
      ...ready.map(({ name }) => `set server ${backend}/${name} state ready`),
    ],
  };
}

export function observeHaproxy(names: ServerNames, desired: DesiredTraffic, { servers }: HaproxyBackend): ObservedTraffic {
  const wanted = wantedWeights(names, desired);
  const ours = servers.filter((server) => isOurs(server, wanted));
  // What really gets requests: a server that is down or held back gets none, and the others get its part.
  const takes = (server: HaproxyServer) => (server.up && !server.heldBack ? server.weight : 0);
  const total = ours.reduce((sum, server) => sum + takes(server), 0);
  const share = (name: string | null) =>
    total === 0 ? 0 : (100 * ours.filter((one) => one.name === name).reduce((sum, one) => sum + takes(one), 0)) / total;
  const left = ours.find((server) => !wanted.has(server.name) && server.weight > 0);
  const there = (name: string) => ours.some((server) => server.name === name);
  return {
    stable: total > 0 && there(names.stable) ? nameOfVersion(desired.stable) : 'none',
    candidate:
      left?.name ??
      (desired.candidate && names.candidate && there(names.candidate) ? nameOfVersion(desired.candidate) : desired.candidate && 'none'),
    percent: names.candidate === null ? 100 - share(names.stable) : share(names.candidate),
    mirror: false,
  };
}

function wantedWeights({ stable, candidate }: ServerNames, { percent }: DesiredTraffic): ReadonlyMap<string, number> {
  const weights = haproxyWeights(candidate === null ? 0 : percent);
  return new Map([[stable, weights.stable], ...(candidate === null ? [] : ([[candidate, weights.candidate]] as const))]);
}

/** A backup server answers when all others are gone; it keeps its weight. */
const isOurs = ({ name, backup }: HaproxyServer, wanted: ReadonlyMap<string, number>) => !backup || wanted.has(name);
