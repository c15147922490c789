import type { CheckRun } from '../../shared/promotion/forge.ts';

/** At most so many runs are looked at again for one pull request. */
const most = 3;

const asIds = (list: string, separator: string): readonly number[] =>
  list
    .split(separator)
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
    .slice(0, most);

/** A line of our own comment that says where its measurements came from: whoever edits it changes a hint, since every run is proved anew. */
export const weighedLine = (runs: readonly number[]): string => (runs.length > 0 ? `<!-- weighin:weighed ${runs.join(' ')} -->\n` : '');
export const weighedOf = (text: string | null): readonly number[] =>
  asIds(/<!-- weighin:weighed ((?:\d+ ?)*)-->/.exec(text ?? '')?.[1]?.trim() ?? '', ' ');

/** The same behind the digest of a check. */
export const weighedHint = (runs: readonly number[]): string => (runs.length > 0 ? `weighed=${runs.join(',')}` : '');
export const weighedOfChecks = (checks: readonly CheckRun[]): readonly number[] => [
  ...new Set(checks.flatMap(({ externalId }) => asIds(/;weighed=([\d,]+)$/.exec(externalId ?? '')?.[1] ?? '', ','))),
];
