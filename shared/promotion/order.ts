import type { LiveDocument } from './live-document.ts';

/**
 * When these bytes last succeeded at a stage without being rolled back there since, in milliseconds since 1970; null where they
 * never did. What was superseded by a newer version still has succeeded.
 */
export function succeededAt(live: LiveDocument | null, digest: string): number | null {
  const of = (list: readonly { readonly digest: string; readonly at: string }[]) =>
    Math.max(Number.NEGATIVE_INFINITY, ...list.filter((one) => one.digest === digest).map(({ at }) => Date.parse(at)));
  const [succeeded, rolledBack] = [of(live?.verified ?? []), of(live?.rolledBack ?? [])];
  return Number.isFinite(succeeded) && succeeded > rolledBack ? succeeded : null;
}
