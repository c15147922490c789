import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';
import { canonicalBytes } from '../digest/canonical-json.ts';
import { InfrastructureError } from '../errors.ts';
import type { ObjectStore } from './object-store.ts';
import { checkedName } from './version-name.ts';

const account = z.number().int().nonnegative();

/**
 * `candidates/<model>/<inputs>.json`, `weighin/candidate@1`: a pull request's candidate that the weigh run has measured, found again by
 * the digest of what it was made of. Where the merged tree has the same digest, these bytes become the version: they are what was reviewed.
 */
export const measuredCandidateSchema = z.strictObject({
  schema: z.literal('weighin/candidate@1'),
  model: entryName,
  inputs: digestSchema,
  subject: digestSchema,
  file: z.string().min(1),
  report: digestSchema,
  pull: z.number().int().positive().nullable(),
  headSha: z.string(),
  base: z.string().nullable(),
  /** Accounts: they approve nothing of what they made. */
  authors: z.array(account),
  actors: z.array(account),
});
export type MeasuredCandidate = z.infer<typeof measuredCandidateSchema>;

const keyOf = (model: string, inputs: string) => `candidates/${checkedName(model, 'model')}/${inputs.replace('sha256:', '')}.json`;

/** The first one that was measured of these inputs is kept: training again may give other bytes of the same meaning. */
export async function keepMeasuredCandidate(store: ObjectStore, candidate: MeasuredCandidate): Promise<void> {
  await store.create(keyOf(candidate.model, candidate.inputs), canonicalBytes(measuredCandidateSchema.parse(candidate)));
}

export async function findMeasuredCandidate(store: ObjectStore, model: string, inputs: string): Promise<MeasuredCandidate | null> {
  const key = keyOf(model, inputs);
  const bytes = await store.read(key);
  if (!bytes) return null;
  const parsed = measuredCandidateSchema.safeParse(parseJson(bytes));
  if (parsed.success && parsed.data.model === model && parsed.data.inputs === inputs) return parsed.data;
  throw new InfrastructureError(
    'RECORD_CORRUPT',
    `The store ${store.location} holds a damaged document under ${key}. Restore it from a backup, or remove it.`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
