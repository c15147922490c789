import { z } from 'zod';
import type { JsonSchemaDocument } from '../report/json-schema.ts';
import { experimentSchema } from './ab/experiment.ts';
import { observationsSchema } from './judging/observations.ts';
import { metricsPageSchema } from './sources/describe-page.ts';
import { trafficDocumentSchema } from './targets/traffic-document.ts';

/** What people write for the commands of this room, and what their endpoints get, by its file in `schema/`; a test holds them together and writes them anew when asked. */
export const rolloutSchemas = {
  'observations.schema.json': () =>
    document(
      observationsSchema,
      'Weighin observations',
      'Recorded counts of a rollout, bucket by bucket: `weighin rollout judge --observations`.',
    ),
  'experiment.schema.json': () =>
    document(experimentSchema, 'Weighin experiment', 'An A/B test with its recorded counts, day by day: `weighin ab analyse`.'),
  'metrics-page.schema.json': () =>
    document(metricsPageSchema, 'Weighin metrics page', 'What `weighin rollout scrape --json` understood of a page of metrics.'),
  'traffic.schema.json': () =>
    document(
      trafficDocumentSchema,
      'Weighin traffic',
      'The wish that a rollout target of kind http gets by PUT, and dispatch in its payload.',
    ),
} as const satisfies Readonly<Record<string, () => JsonSchemaDocument>>;

function document(schema: z.ZodType, title: string, description: string): JsonSchemaDocument {
  return { ...z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }), title, description };
}
