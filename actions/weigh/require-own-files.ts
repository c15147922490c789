import { isAbsolute } from 'node:path';
import type { Config } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import { isTableAddress, readTableAddress, shownSource } from '../../shared/source/table-address.ts';

/**
 * The job that reads data has credentials, and what it reads goes on to where the head's code may run. So the head names files of its own
 * repository, or an address in a place that the default branch names too: it can point neither at the runner's files nor at another bucket.
 * @throws UserError DATA_NOT_TRUSTED
 */
export function requireOwnFiles(merged: Config, base: Config, name: string): void {
  const model = merged.models[name];
  if (!model) return;
  const addresses = new Set(Object.values(base.models).flatMap((known) => sourcesOf(known).filter(isAddress).map(placeOf)));
  for (const source of sourcesOf(model)) {
    if (isAddress(source) ? !addresses.has(placeOf(source)) : leaves(source))
      throw refused(
        source,
        isAddress(source) ? 'an address in a place that the default branch does not read from' : 'no file of the repository',
      );
  }
  const { card, data } = model;
  for (const path of [data?.contract, card.intendedUse, card.users, card.outOfScope, card.limitations, card.ethics])
    if (path !== undefined && !/\s/.test(path.trim()) && leaves(path.trim())) throw refused(path, 'no file of the repository');
}

const sourcesOf = ({ data }: Config['models'][string]) =>
  data ? [data.source, ...data.features.map(({ source }) => source), ...(data.heldout === undefined ? [] : [data.heldout])] : [];
const isAddress = (source: string) => source.includes('://');
/** Scheme and bucket; of a database whatever says where the credentials go, and how: all but the table or query. */
const placeOf = (source: string) => (isTableAddress(source) ? placeOfTable(source) : (/^[^:]+:\/\/[^/]*/.exec(source)?.[0] ?? source));

function placeOfTable(source: string): string {
  try {
    const named = /[?;&](?:table|query)=/i.test(source);
    const { scheme, host, port, user, database, parameters } = readTableAddress(source, named ? undefined : 'SELECT 1');
    return JSON.stringify([scheme, host, port, user, database, [...parameters].sort(([a], [b]) => (a < b ? -1 : 1))]);
  } catch {
    // What can't be read is no place but its own.
    return source;
  }
}

const leaves = (path: string) => isAbsolute(path) || /^[A-Za-z]:|^~/.test(path) || path.split(/[\\/]/).includes('..');

const refused = (path: string, what: string) =>
  new UserError(
    'DATA_NOT_TRUSTED',
    `The configuration of the change names ${shownSource(path).slice(0, 200)}: ${what}. The weigh run does not read it.`,
    'Name a file below the configuration; a new bucket comes to the default branch first.',
  );
