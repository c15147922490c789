import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { InfrastructureError, UserError } from '../errors.ts';

/**
 * A document of the work tree, validated; undefined where there is no file.
 * @throws UserError REGISTRY_FILE_INVALID where the file is not what Weighin wrote: edited by hand, or a merge left its marks.
 */
export async function readDocument<Schema extends z.ZodType>(
  root: string,
  path: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const text = await readText(root, path);
  if (text === undefined) return undefined;
  if (/^(?:<{7}|={7}|>{7})/m.test(text)) throw invalid(path, 'a merge left its conflict marks in it');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw invalid(path, 'it is no JSON');
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(path, `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`);
}

export const invalid = (path: string, why: string) =>
  new UserError(
    'REGISTRY_FILE_INVALID',
    `${path} is not as Weighin wrote it: ${why}.`,
    `Restore it (git checkout HEAD -- ${path}); stages are moved by \`weighin promote\`, never by hand.`,
    { file: path },
  );

async function readText(root: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new InfrastructureError('REGISTRY_UNREADABLE', `${path} could not be read (${code}).`, { cause });
  }
}
