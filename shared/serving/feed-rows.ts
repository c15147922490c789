import type { Tensor } from '../scoring/inference-session.ts';
import type { LoggedFeatures } from './read-row.ts';
import type { ServedModel } from './served-model.ts';

/**
 * Tensors of a request as rows by the names of the model's fields, as the prediction log and a shadow with other inputs take them: NaN is a
 * missing value there. Null where a tensor holds anything but one value a row and field.
 */
export function rowsOfFeeds(
  { list, fields }: Pick<ServedModel, 'list' | 'fields'>,
  feeds: Readonly<Record<string, Tensor>>,
  count: number,
): readonly LoggedFeatures[] | null {
  const width = fields.length;
  const only = list === null ? null : feeds[list];
  const columns = fields.map(({ name }, index) => {
    const tensor = only ?? feeds[name];
    const step = only ? width : 1;
    return tensor && tensor.data.length === count * step ? { tensor, first: only ? index : 0, step } : null;
  });
  if (!columns.every((column) => column !== null)) return null;
  return Array.from({ length: count }, (_, row) => {
    const features: Record<string, string | number | boolean | null> = {};
    columns.forEach(({ tensor, first, step }, index) => {
      features[fields[index]!.name] = plain(tensor.element, tensor.data[first + row * step]!);
    });
    return features;
  });
}

function plain(element: Tensor['element'], value: number | bigint | string): string | number | boolean | null {
  if (element === 'bool') return value === 1;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return typeof value === 'bigint' ? Number(value) : value;
}
