import { setTimeout as pause } from 'node:timers/promises';
import type { Teller } from './tell.ts';

/** The story can't go on: what it needs never came. */
export class NeverCame extends Error {}

/** Looks until it is there. `text` is what is waited for; a function says how far it is. @throws NeverCame */
export async function waitFor<T>(
  teller: Teller,
  text: string | (() => string),
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  { seconds, every = 100 }: { readonly seconds: number; readonly every?: number },
): Promise<T> {
  const began = performance.now();
  for (;;) {
    if (teller.isOver()) throw new NeverCame('somebody ended it');
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    const shown = typeof text === 'string' ? text : text();
    if (performance.now() - began > seconds * 1000) throw new NeverCame(`${shown}: not within ${seconds} s`);
    teller.wait(shown);
    await pause(every);
  }
}
