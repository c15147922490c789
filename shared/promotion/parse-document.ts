import type { z } from 'zod';
import { InfrastructureError } from '../errors.ts';

/** A document of the bot's own branches, null where it is not there. They are strict: what it can't read it does not guess. */
export function parseDocument<Schema extends z.ZodType>(schema: Schema, text: string | null, path: string): z.infer<Schema> | null {
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new InfrastructureError('STATE_BROKEN', `${path} is not what Weighin writes; nothing is done about it until it is mended.`);
  }
}
