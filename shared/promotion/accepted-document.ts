import { z } from 'zod';
import { digestSchema } from '../dataset/manifest.ts';
import { evidenceDocumentSchema } from './evidence-document.ts';

/**
 * `weighin/state:versions/<model>/<N>.accepted.json`, `weighin/accepted@1`: what the bot itself proved of a version when its weigh run
 * handed it over. Beside it lie the record, to the byte, and its report.
 */
export const acceptedDocumentSchema = z.strictObject({
  schema: z.literal('weighin/accepted@1'),
  /** attested: signature and signer were verified. run-verified: path, event, branch and the artifact's digest, from the Actions API. */
  level: z.enum(['attested', 'run-verified']),
  /** Of the record's bytes. */
  record: digestSchema,
  evidence: evidenceDocumentSchema,
  at: z.iso.datetime(),
  by: z.string(),
});
export type AcceptedDocument = z.infer<typeof acceptedDocumentSchema>;
