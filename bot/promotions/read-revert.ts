import type { NewEvent, Person } from '../../shared/promotion/forge.ts';
import { requestRevert } from '../../shared/promotion/roll-back.ts';
import type { BotContext } from '../bot-context.ts';
import { readKnownVersions } from '../state/known-versions.ts';

/** The request that takes main back to a version; null where its record is not known, so that nobody could plan it. */
export async function readRevert(
  { forge }: BotContext,
  model: string,
  to: { readonly number: number; readonly digest: string },
  request: { readonly by: Person; readonly cause: string; readonly reason: string },
): Promise<NewEvent | null> {
  const known = (await readKnownVersions(forge, [{ model, number: to.number }])).get(`${model}@v${to.number}`);
  return known ? requestRevert(to, known.digest, request) : null;
}
