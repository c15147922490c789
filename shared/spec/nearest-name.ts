import { closest, distance } from 'fastest-levenshtein';

/** The known name that someone most likely meant, or undefined where none is near: a wrong guess is worse than none. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || written.length > 100) return undefined;
  const folded = fold(written);
  const same = known.find((name) => fold(name) === folded);
  if (same) return same;
  const near = closest(
    folded,
    known.map((name) => fold(name)),
  );
  // A third of the letters may be wrong, and two in short words.
  if (distance(folded, near) <= Math.min(4, Math.max(folded.length < 3 ? 1 : 2, Math.floor(folded.length / 3))))
    return known.find((name) => fold(name) === near);
  // What was cut short, or written too long: `resample` for `resamples`, `label_column` for `label`.
  const parts = known.filter(
    (name) => name.length > 3 && folded.length > 3 && (fold(name).startsWith(folded) || folded.startsWith(fold(name))),
  );
  return parts.length === 1 ? parts[0] : undefined;
}

/** `maxRegression`, `max_regression` and `max-regression` are one word with three habits. */
const fold = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');
