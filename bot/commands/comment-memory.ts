import type { Forge } from '../../shared/promotion/forge.ts';

/** What one process remembers of comments. It only spares requests and waiting: whatever it forgets is found again on GitHub. */
export interface CommentMemory {
  /** Comments that were answered: a sweep that reads them again asks nothing. */
  readonly answered: Noted;
  /** Comments whose claim this process holds since an error: it goes on at once, nobody else has them. */
  readonly interrupted: Noted;
  /** Lines whose weigh run was dispatched: GitHub lists a new run only after a while. */
  readonly dispatched: Noted;
}
export interface Noted {
  has(what: number | string): boolean;
  add(what: number | string): void;
  delete(what: number | string): boolean;
}

const most = 1_000;
const memories = new WeakMap<Forge, CommentMemory>();

export function memoryOf(forge: Forge): CommentMemory {
  const memory = memories.get(forge) ?? { answered: createNoted(), interrupted: createNoted(), dispatched: createNoted() };
  memories.set(forge, memory);
  return memory;
}

/** A set that forgets its oldest. */
function createNoted(): Noted {
  const noted = new Set<number | string>();
  return {
    has: (what) => noted.has(what),
    add(what) {
      noted.add(what);
      for (const oldest of noted) if (noted.size > most) noted.delete(oldest);
    },
    delete: (what) => noted.delete(what),
  };
}
