import { InfrastructureError, UserError } from '../../errors.ts';
import type { GuardLog } from './guard-parts.ts';

/** What goes wrong is said when it begins, when it becomes another, and when it is over: not every ten seconds. */
export interface Troubles {
  /** @returns the message */
  tell(place: string, error: unknown): string;
  over(place: string): void;
}

export function createTroubles(log: GuardLog): Troubles {
  const current = new Map<string, string>();
  return {
    tell(place, error) {
      const message = messageOf(error);
      if (current.get(place) !== message) log.warn(`${place}: ${message}`, { place, code: codeOf(error) });
      current.set(place, message);
      return message;
    },
    over(place) {
      if (current.delete(place)) log.info(`${place}: well again`, { place });
    },
  };
}

/** What an error says to people. Anything that is no error of ours is a fault of the guard, and must not end it. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const codeOf = (error: unknown): string =>
  error instanceof UserError || error instanceof InfrastructureError ? error.code : 'UNEXPECTED';
