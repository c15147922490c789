import { dimensionField, type ElementType, elementTypes, mapTypeField, tensorTypeField, typeField } from './field-numbers.ts';
import { contentOf, contentsOf, integerOf, readFields, textOf } from './read-fields.ts';

/** What goes in or comes out of a graph. A dimension is a number, a name, or null where the file says nothing; a null shape has no known rank. */
export type ValueType =
  | { readonly kind: 'tensor'; readonly element: ElementType | 'unknown'; readonly shape: readonly (number | string | null)[] | null }
  | { readonly kind: 'sequence'; readonly of: ValueType }
  | { readonly kind: 'map'; readonly key: ElementType | 'unknown'; readonly of: ValueType }
  | { readonly kind: 'other' };

const elementNames = new Map(Object.entries(elementTypes).map(([name, number]) => [number as number, name as ElementType]));
const elementOf = (content: Uint8Array | undefined) => elementNames.get(Number(integerOf(content))) ?? 'unknown';

/** A `TypeProto`. */
export function readValueType(bytes: Uint8Array | undefined): ValueType {
  if (!bytes) return { kind: 'other' };
  const fields = readFields(bytes);
  const tensor = contentOf(fields, typeField.tensor);
  if (tensor) {
    const parts = readFields(tensor);
    const shape = contentOf(parts, tensorTypeField.shape);
    return { kind: 'tensor', element: elementOf(contentOf(parts, tensorTypeField.element)), shape: shape ? readShape(shape) : null };
  }
  const sequence = contentOf(fields, typeField.sequence);
  if (sequence) return { kind: 'sequence', of: readValueType(contentOf(readFields(sequence), 1)) };
  const map = contentOf(fields, typeField.map);
  if (map) {
    const parts = readFields(map);
    return { kind: 'map', key: elementOf(contentOf(parts, mapTypeField.key)), of: readValueType(contentOf(parts, mapTypeField.value)) };
  }
  return { kind: 'other' };
}

function readShape(bytes: Uint8Array) {
  return contentsOf(readFields(bytes), 1).map((dimension) => {
    const parts = readFields(dimension);
    const value = contentOf(parts, dimensionField.value);
    if (value) return Number(integerOf(value));
    return textOf(contentOf(parts, dimensionField.parameter)) || null;
  });
}

/** As ONNX Runtime writes it: `tensor(float)`, `seq(map(int64,tensor(float)))`. */
export function formatValueType(type: ValueType): string {
  if (type.kind === 'tensor') return `tensor(${type.element})`;
  if (type.kind === 'sequence') return `seq(${formatValueType(type.of)})`;
  if (type.kind === 'map') return `map(${type.key},${formatValueType(type.of)})`;
  return 'unknown';
}
