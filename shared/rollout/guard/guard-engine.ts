import { desiredTraffic } from '../engine/desired-traffic.ts';
import { readEngine } from '../engine/read-engine.ts';
import { reduceRollout } from '../engine/reduce-rollout.ts';
import type { GuardEngine } from './guard-parts.ts';

export const guardEngine: GuardEngine = { reduce: reduceRollout, read: readEngine, desired: desiredTraffic };
