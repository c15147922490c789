import { z } from 'zod';
import type { JsonSchemaDocument } from '../report/json-schema.ts';
import { experimentSchema } from './ab/experiment.ts';
import { observationsSchema } from './judging/observations.ts';

/** What people write for the commands of this room, by its file in `schema/`; a test holds them together and writes them anew when asked. */
export const rolloutSchemas = {
  'observations.schema.json': () =>
    document(
      observationsSchema,
      'Weighin observations',
      'Recorded counts of a rollout, bucket by bucket: `weighin rollout judge --observations`.',
    ),
  'experiment.schema.json': () =>
    document(experimentSchema, 'Weighin experiment', 'An A/B test with its recorded counts, day by day: `weighin ab analyse`.'),
} as const satisfies Readonly<Record<string, () => JsonSchemaDocument>>;

function document(schema: z.ZodType, title: string, description: string): JsonSchemaDocument {
  return { ...z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }), title, description };
}
