import { z } from 'zod';
import { entryName } from '../../config/schema-parts.ts';
import { digestSchema } from '../../dataset/manifest.ts';
import { type DesiredTraffic, nameOfVersion, type ServedVersion } from '../engine/traffic.ts';

const version = z.strictObject({
  version: z.string().regex(/^v[1-9]\d*$/),
  number: z.number().int().positive(),
  digest: digestSchema.meta({ description: 'Of the model’s bytes.' }),
});

/** `weighin/traffic@1`: a wish as targets outside get it (`http`, `dispatch`). */
export const trafficDocumentSchema = z.strictObject({
  schema: z.literal('weighin/traffic@1'),
  model: entryName,
  stage: entryName,
  rolloutId: z.string().min(1),
  revision: z
    .number()
    .int()
    .nonnegative()
    .meta({ description: 'Rises with every wish for this stage. Answer 409 to one that is lower than the last.' }),
  stable: version,
  candidate: version.nullable().meta({ description: 'null: stable alone, and nothing may be left of a candidate.' }),
  percent: z.number().gte(0).lte(100).meta({ description: 'Of the candidate.' }),
  mirror: z.boolean().meta({ description: 'The candidate gets a copy of what stable answers, and never answers.' }),
  leaseSeconds: z
    .number()
    .positive()
    .nullable()
    .meta({ description: 'All traffic goes to stable unless the wish comes again within so many seconds; null: it stays.' }),
});
export type TrafficDocument = z.infer<typeof trafficDocumentSchema>;

export function trafficDocument(desired: DesiredTraffic): TrafficDocument {
  const { model, stage, rolloutId, revision, stable, candidate, percent, mirror, leaseSeconds } = desired;
  return {
    schema: 'weighin/traffic@1',
    model,
    stage,
    rolloutId,
    revision,
    stable: named(stable),
    candidate: candidate && named(candidate),
    percent: candidate ? percent : 0,
    mirror,
    leaseSeconds,
  };
}

const named = (served: ServedVersion) => ({ version: nameOfVersion(served), number: served.number, digest: served.digest });
