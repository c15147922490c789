import type { StageDocument } from '../registry/stage-document.ts';
import { isHeld } from './holds.ts';
import type { LiveDocument } from './live-document.ts';

/** A hold outranks the default branch: what should run is `held ? stable : main`. null where nothing was ever promoted. */
export function effectiveVersion(
  main: StageDocument | null,
  live: LiveDocument | null,
  now: Date,
): { readonly number: number; readonly digest: string } | null {
  if (!main) return live?.stable ?? null;
  const { number, digest } = main.version;
  return live?.stable && isHeld(live, now, digest) ? live.stable : { number, digest };
}
