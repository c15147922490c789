import type { Contract, Scalar, Tolerance } from '../contract/contract.ts';
import type { FeatureColumn } from '../scoring/plan-inputs.ts';
import type { Scorer } from '../scoring/scorer.ts';

/** One value that a request gives: what the model reads, and what the contract of its version says of it. */
export interface ServedField {
  readonly name: string;
  /** What the model's tensor holds. */
  readonly type: Scorer['inputs'][number]['type'];
  /** What the column was in training, where that is known: dates are sent as ISO 8601, booleans as themselves. */
  readonly source: FeatureColumn['type'] | null;
  /** No missing value: the contract says so, or the tensor can't hold one. */
  readonly required: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly accepted?: ReadonlySet<Scalar>;
}

/**
 * The fields of a served model. Of a contract's rules those that stop (`fail`), concern one value of one column and tolerate no row are
 * held against requests: required, ranges, accepted values. The others judge tables and stay with `weighin validate`.
 */
export function servedFields(
  inputs: Scorer['inputs'],
  features: readonly FeatureColumn[],
  contract: Contract | null,
  needsValue: (name: string) => boolean,
): readonly ServedField[] {
  const table = contract?.tables.length === 1 ? contract.tables[0] : undefined;
  return inputs.map(({ name, type }) => {
    const column = table?.columns.find((found) => (found.physicalName ?? found.name) === name);
    const rules = table && column ? table.rules.filter(({ severity }) => severity === 'fail') : [];
    let field: ServedField = {
      name,
      type,
      source: features.find((feature) => feature.name === name)?.type ?? null,
      required: needsValue(name) || rules.some((rule) => rule.kind === 'required' && rule.column === column?.name),
    };
    for (const rule of rules) {
      if (rule.kind === 'range' && rule.column === column?.name)
        for (const bound of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const)
          if (typeof rule[bound] === 'number') field = { ...field, [bound]: rule[bound] };
      if (rule.kind === 'accepted-values' && rule.column === column?.name && toleratesNone(rule.tolerance))
        field = { ...field, accepted: new Set(rule.values) };
    }
    return field;
  });
}

/** `mustBe: 0` is how a contract writes that no row may. */
const toleratesNone = (tolerance: Tolerance | undefined) =>
  tolerance === undefined || (tolerance.limit.operator === 'mustBe' && tolerance.limit.low === 0);
