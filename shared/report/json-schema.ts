import { z } from 'zod';
import { driftReportSchema } from '../drift/drift-report.ts';
import { monitoringReportSchema } from '../monitoring/monitoring-report.ts';
import { logCheckSchema } from '../production/log-check.ts';
import { performanceSchema } from '../production/performance.ts';
import { predictionSchema } from '../production/prediction-log.ts';
import { replaySchema } from '../production/replay.ts';
import { skewReportSchema } from '../production/skew-report.ts';
import { profileSchema } from '../profile/profile.ts';
import { reportSchema } from './report.ts';

export type JsonSchemaDocument = Readonly<Record<string, unknown>>;

/** `schema/report.schema.json`, from the schema that the code validates with; a test compares both, and writes it anew when asked. */
export function reportJsonSchema(): JsonSchemaDocument {
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-2020-12' });
  return { ...schema, title: 'Weighin report', description: 'What a run found about one model: report.json, canonical JSON (RFC 8785).' };
}

/** The file's whole text. */
export const reportSchemaText = () => schemaText(reportJsonSchema());

/** Every schema that is published beside the report's, by its file in `schema/`. */
export const publishedSchemas = {
  'profile.schema.json': () =>
    document(
      profileSchema,
      'Weighin profile',
      'Mergeable statistics of a table: integer counts and exact sums, canonical JSON (RFC 8785) with a digest.',
    ),
  'drift.schema.json': () => document(driftReportSchema, 'Weighin drift report', 'What moved between two tables: `weighin drift --json`.'),
  'monitoring.schema.json': () =>
    document(
      monitoringReportSchema,
      'Weighin monitoring report',
      'What a scheduled run found about a model in production: monitoring.json.',
    ),
  'prediction.schema.json': () =>
    document(
      predictionSchema,
      'Weighin prediction',
      'One answer of a model in production: a line of the prediction log (weighin/prediction@1).',
      // Whoever writes the log may leave out what has a default.
      'input',
    ),
  'log-check.schema.json': () =>
    document(
      logCheckSchema,
      'Weighin check of a prediction log',
      'What `weighin logs check --json` found, by line numbers and never by values.',
    ),
  'performance.schema.json': () =>
    document(performanceSchema, 'Weighin performance', 'Realised metrics of a model in production, window by window.'),
  'skew.schema.json': () =>
    document(skewReportSchema, 'Weighin skew report', 'Where serving saw other values than training: `weighin skew --json`.'),
  'replay.schema.json': () =>
    document(replaySchema, 'Weighin replay', 'A candidate on real traffic: `weighin evaluate --replay LOG --json`.'),
} as const satisfies Readonly<Record<string, () => JsonSchemaDocument>>;

function document(schema: z.ZodType, title: string, description: string, io: 'input' | 'output' = 'output'): JsonSchemaDocument {
  return { ...z.toJSONSchema(schema, { target: 'draft-2020-12', io }), title, description };
}

export const schemaText = (schema: JsonSchemaDocument): string => `${JSON.stringify(schema, null, 2)}\n`;
