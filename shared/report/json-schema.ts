import { z } from 'zod';
import { reportSchema } from './report.ts';

/** `schema/report.schema.json`, from the schema that the code validates with; a test compares both, and writes it anew when asked. */
export function reportJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-2020-12' });
  return { ...schema, title: 'Weighin report', description: 'What a run found about one model: report.json, canonical JSON (RFC 8785).' };
}

/** The file's whole text. */
export const reportSchemaText = () => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`;
