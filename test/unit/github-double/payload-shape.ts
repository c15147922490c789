import { createRequire } from 'node:module';

/** GitHub's own examples of what its webhooks carry, by event. */
interface ExampleSet {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}
// Loaded as JSON: the package has no entry for ES modules.
const sets = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly ExampleSet[];

/** Of an event, and of its action where there are any. */
export function examplesOf(event: string, action: string | null): readonly Record<string, unknown>[] {
  const all = sets.find(({ name }) => name === event)?.examples ?? [];
  const same = all.filter((one) => one['action'] === action);
  return same.length > 0 ? same : all;
}

/**
 * Where a payload differs in shape from the examples: a key that all of them have and it has not (`missing`), and a value of a kind
 * that none of them has there (`kind`). What is null in every example says nothing about its kind.
 */
export function shapeDifferences(sent: unknown, examples: readonly unknown[], at = ''): readonly string[] {
  const seen = examples.filter((one) => one !== null && one !== undefined);
  if (seen.length === 0 || sent === null || sent === undefined) return [];
  const kinds = new Set(seen.map(kindOf));
  if (!kinds.has(kindOf(sent))) return [`kind ${at}: ${kindOf(sent)}, not ${[...kinds].join(' or ')}`];
  if (Array.isArray(sent)) {
    const items = seen.flatMap((one) => (Array.isArray(one) ? one : []));
    return sent.length > 0 ? shapeDifferences(sent[0], items, `${at}[]`) : [];
  }
  if (typeof sent !== 'object') return [];
  const ours = sent as Record<string, unknown>;
  const theirs = seen.filter((one): one is Record<string, unknown> => kindOf(one) === 'object');
  const keys = new Set(theirs.flatMap((one) => Object.keys(one)));
  const missing = [...keys].filter((key) => !Object.hasOwn(ours, key) && theirs.every((one) => Object.hasOwn(one, key)));
  return [
    ...missing.map((key) => `missing ${at}.${key}`),
    ...Object.keys(ours).flatMap((key) =>
      shapeDifferences(
        ours[key],
        theirs.map((one) => one[key]),
        `${at}.${key}`,
      ),
    ),
  ];
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);
