import { guardCommit } from '../../promotion/guard-commit.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import { writeLives } from '../../promotion/write-live.ts';
import type { GuardParts } from './guard-parts.ts';
import type { GuardedRollout } from './guarded-rollout.ts';
import { within } from './within.ts';

/** A graceful end is not kept waiting: who comes next finds out by itself. */
const patience = 20_000;

/** Writes what is known and that nobody guards any more, so that the next process takes up at once. */
export async function releaseRollouts(held: readonly GuardedRollout[], { forge, by }: GuardParts): Promise<void> {
  if (held.length === 0) return;
  const changes = held.map(({ key, base, memory, events }) => {
    const live: LiveDocument = { ...memory, revision: base.revision + 1, guard: memory.guard && { ...memory.guard, owner: null } };
    return { key, before: base, live, events: events.map((event) => ({ generation: live.generation, event })) };
  });
  await within(patience, 'GitHub', async () => {
    const names = held.map(({ key }) => `${key.model} ${key.stage}`).join(', ');
    await writeLives({ forge, by }, changes, { at: await forge.now(), message: guardCommit(`ends its watch of ${names}`).slice(0, 200) });
  });
}
