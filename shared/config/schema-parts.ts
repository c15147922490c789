import { z } from 'zod';

/** What several parts of `weighin.yaml` are made of. */

export const duration = z
  .string()
  .regex(/^\d+(?:\.\d+)?(?:ms|s|m|h|d|w)$/, 'a duration such as 30s, 24h or 7d')
  .meta({ description: 'A duration: 30s, 24h, 7d.' });
/** Text that says something. */
export const text = z.string().min(1, 'text that is not empty');
/** What identifies models, stages and rollouts in paths and branch names. */
export const entryName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name of a-z, 0-9 and "-", at most 63 characters');
/** Secrets never stand in the file: they are named by the environment variable that holds them. */
export const secret = z.strictObject({ env: z.string() });
