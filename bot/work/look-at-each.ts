import { InfrastructureError } from '../../shared/errors.ts';

/** Whoever does not answer one question, or wants to be left alone, is not asked the next. */
const silent = ['FORGE_LIMITED', 'FORGE_UNREACHABLE'];

/**
 * Looks at one after another. One that fails, as a broken document does each time, keeps none of the others from being looked at; the first
 * error is thrown at the end.
 */
export async function lookAtEach<Item>(items: Iterable<Item>, look: (item: Item) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await look(item);
    } catch (error) {
      if (error instanceof InfrastructureError && silent.includes(error.code)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
