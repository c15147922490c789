import { UserError } from '../../errors.ts';
import type { Sample } from '../sample.ts';
import { defined, type Finding, isDrifted, type NotApplicable } from './method.ts';
import { findMethod, namedMethods } from './named-methods.ts';

export interface MethodResult {
  readonly score: number | null;
  readonly statistic: number | null;
  readonly pValue: number | null;
  readonly threshold: number | null;
  readonly drifted: boolean;
  readonly exactness: Sample['exactness'];
  /** Where bounded: how far the rows' own statistic can be; null: no bound is known. */
  readonly bound: number | null;
}

/**
 * Compares two sides of a column by a named method. `threshold` stands in for the method's own.
 * @throws UserError METHOD_UNKNOWN
 */
export function runMethod(name: string, reference: Sample, current: Sample, threshold?: number): MethodResult | NotApplicable {
  const method = findMethod(name);
  if (!method) {
    throw new UserError(
      'METHOD_UNKNOWN',
      `There is no drift method ${JSON.stringify(name)}.`,
      `Use default, evidently or one of ${namedMethods.map((known) => known.name).join(', ')}.`,
    );
  }
  if (reference.n === 0 || current.n === 0)
    return { notApplicable: `no row of the ${reference.n === 0 ? 'reference' : 'current'} side has a value` };
  let found: Finding | NotApplicable;
  if (reference.kind === 'numeric' && current.kind === 'numeric')
    found = method.numeric?.(reference, current) ?? { notApplicable: `${method.name} compares categories, and these are numbers` };
  else if (reference.kind === 'categories' && current.kind === 'categories')
    found = method.categories?.(reference, current) ?? { notApplicable: `${method.name} compares numbers, and these are categories` };
  else found = { notApplicable: 'one side is numbers, the other categories' };
  if ('notApplicable' in found) return found;
  const exactness = worst(reference.exactness, current.exactness);
  const limit = threshold ?? found.threshold ?? method.threshold;
  return {
    score: defined(found.score),
    statistic: defined(found.statistic),
    pValue: defined(found.pValue),
    threshold: limit,
    drifted: isDrifted(defined(found.score), method.drifts, limit),
    exactness,
    bound: exactness === 'bounded' ? defined(found.bound ?? null) : null,
  };
}

const worst = (...both: readonly Sample['exactness'][]): Sample['exactness'] =>
  both.includes('sampled') ? 'sampled' : both.includes('bounded') ? 'bounded' : 'exact';
