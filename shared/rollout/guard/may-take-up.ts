import type { LiveDocument } from '../../promotion/live-document.ts';

/** How often a guard records at least, transitions aside: what another one may rely on. Milliseconds. */
export const recordInterval = 300_000;
/** A planned look may wait so long for others, to share their commit. */
export const lookSpacing = 60_000;

/**
 * Whether this process may take up a rollout: one that nobody guards, one of its own name (it was started again), or one whose guard has
 * been silent for longer than any guard that lives. `overtaken`: another process of the same name took it from this one, so the name says
 * nothing any more.
 */
export function mayTakeUp(
  live: LiveDocument,
  { owner, now, overtaken }: { readonly owner: string; readonly now: Date; readonly overtaken: boolean },
): boolean {
  const { guard } = live;
  if (guard === null || guard.owner === null) return true;
  if (guard.owner === owner && !overtaken) return true;
  return now.getTime() > silentAfter(live);
}

/** From when on a guard that recorded nothing since counts as gone; milliseconds since 1970. */
export const silentAfter = ({ guard }: LiveDocument): number =>
  guard?.lastAt ? Date.parse(guard.lastAt) + recordInterval + lookSpacing + guard.maxSilenceS * 1000 : Number.NEGATIVE_INFINITY;
