import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant, if one is close enough to be worth saying. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: distance(candidate.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return nearest && nearest.edits <= Math.max(1, Math.floor(name.length / 3)) ? nearest.candidate : undefined;
}
