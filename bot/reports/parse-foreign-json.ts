import type { z } from 'zod';
import { UserError } from '../../shared/errors.ts';

export interface JsonLimits {
  readonly maxBytes: number;
  /** Objects and lists in each other. */
  readonly maxDepth?: number;
}

/**
 * JSON that a stranger wrote: size and depth are measured before it is parsed, `__proto__` is refused wherever it stands, and only what
 * the strict schema names is taken.
 * @throws UserError REPORT_INVALID naming `what`
 */
export function parseForeignJson<Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
  what: string,
  { maxBytes, maxDepth = 32 }: JsonLimits,
): z.infer<Schema> {
  if (bytes.length > maxBytes) throw invalid(what, `is larger than ${maxBytes} bytes`);
  if (depthOf(bytes, maxDepth) > maxDepth) throw invalid(what, `nests deeper than ${maxDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw invalid(what, 'is no JSON');
  }
  if (namesPrototype(value)) throw invalid(what, 'has a key that JavaScript would take for its own');
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.map(String).join('.').slice(0, 200);
  throw invalid(what, `is not of the published schema${at ? ` at ${at}` : ''}`);
}

const invalid = (what: string, says: string) =>
  new UserError(
    'REPORT_INVALID',
    `${what} ${says}.`,
    'Let Weighin write it, in a version that this bot knows, and run the workflow again.',
  );

/** Stops counting beyond `limit`. Strings are skipped by their quotes, which UTF-8 puts in no other character. */
function depthOf(bytes: Uint8Array, limit: number): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      deepest = Math.max(deepest, ++depth);
      if (deepest > limit) return deepest;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(namesPrototype);
}
