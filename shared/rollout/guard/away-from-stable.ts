import { type DesiredTraffic, nameOfVersion } from '../engine/traffic.ts';

/**
 * Whether a wish gives the candidate anything that another one did not: such a wish is recorded before it is acted on, everything else
 * may be done at once. null: nothing is known to be wished, so stable alone.
 */
export function isAwayFrom(wish: DesiredTraffic | null, base: DesiredTraffic | null): boolean {
  if (wish === null) return false;
  // The candidate as the target's stable version is the most that it can get.
  if (base !== null && nameOfVersion(wish.stable) !== nameOfVersion(base.stable)) return true;
  if (wish.candidate === null) return false;
  if (base?.candidate == null || nameOfVersion(wish.candidate) !== nameOfVersion(base.candidate)) return true;
  return wish.percent > base.percent || (wish.mirror && !base.mirror) || (base.mirror && !wish.mirror && wish.percent > 0);
}
