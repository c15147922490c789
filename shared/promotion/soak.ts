import type { LiveDocument } from './live-document.ts';
import { succeededAt } from './order.ts';

/**
 * When bytes have soaked long enough at the stage before: the same bytes, since they succeeded there, and from the beginning after a
 * rollback. Milliseconds since 1970, in the forge's time; null where no soak has begun.
 */
export function soakedAt(before: LiveDocument | null, digest: string, soakMs: number): number | null {
  const succeeded = succeededAt(before, digest);
  return succeeded === null ? null : succeeded + soakMs;
}
