import { z } from 'zod';
import { entryName } from '../../config/schema-parts.ts';
import type { DesiredTraffic, ObservedTraffic } from '../engine/traffic.ts';

const versionName = z.string().regex(/^v[1-9]\d{0,8}$/);

/** What the endpoint of a target answers to GET. A key that is left out is one that it can't tell. */
const trafficStateSchema = z.strictObject({
  schema: z.literal('weighin/traffic-state@1'),
  model: entryName,
  stage: entryName,
  stable: versionName.optional(),
  /** null: there is none. */
  candidate: versionName.nullable().optional(),
  percent: z.number().gte(0).lte(100).optional(),
  mirror: z.boolean().optional(),
  revision: z.number().int().nonnegative().nullable().optional(),
});

/** @returns what is so; a sentence about what is wrong with the answer, for people, without any of its text. */
export function readTrafficState(text: string, { model, stage, candidate }: DesiredTraffic): ObservedTraffic | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const parsed = trafficStateSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `it is no weighin/traffic-state@1${issue && issue.path.length > 0 ? `: ${issue.path.join('.')} is not right` : ''}`;
  }
  const state = parsed.data;
  if (state.model !== model || state.stage !== stage) return `it is about ${state.model}@${state.stage}, not ${model}@${stage}`;
  return {
    stable: state.stable ?? null,
    // "none" is told only where one is wished for: otherwise none is what should be.
    candidate: state.candidate === null && candidate !== null ? 'none' : (state.candidate ?? null),
    percent: state.percent ?? null,
    mirror: state.mirror ?? null,
  };
}

/** Nobody has set anything there yet. */
export const nothingSet: ObservedTraffic = { stable: 'none', candidate: null, percent: null, mirror: null };
/** It takes wishes and tells nothing. */
export const tellsNothing: ObservedTraffic = { stable: null, candidate: null, percent: null, mirror: null };
