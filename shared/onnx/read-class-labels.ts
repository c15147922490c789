import { attributeField, graphField, nodeField, tensorField, valueInfoField } from './field-numbers.ts';
import { contentOf, contentsOf, integerOf, integersOf, readFields, textOf, type WireField } from './read-fields.ts';

/** How converters name the attribute: ZipMap, TreeEnsembleClassifier, SVMClassifier and LinearClassifier do not agree. */
const labelAttributes = new Set(['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']);
/** Nodes that look an index up in a list of class names: `Gather(classes, argmax)`. */
const lookups = new Set(['ArrayFeatureExtractor', 'Gather', 'GatherElements']);

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly fields: readonly WireField[];
}

/**
 * Class names in the order of the probability columns: of the node nearest to the graph's outputs that holds some, as an attribute
 * or as the list that the label is looked up in. Null where there is none.
 */
export function readClassLabels(graph: readonly WireField[]): readonly string[] | null {
  const producers = new Map<string, Node>();
  for (const bytes of contentsOf(graph, graphField.node)) {
    const fields = readFields(bytes);
    const node = { operator: textOf(contentOf(fields, nodeField.opType)), inputs: contentsOf(fields, nodeField.input).map(textOf), fields };
    for (const output of contentsOf(fields, nodeField.output)) producers.set(textOf(output), node);
  }
  const initializers = new Map(
    contentsOf(graph, graphField.initializer).map((bytes) => {
      const tensor = readFields(bytes);
      return [textOf(contentOf(tensor, tensorField.name)), tensor];
    }),
  );

  const queue = contentsOf(graph, graphField.output).map((bytes) => textOf(contentOf(readFields(bytes), valueInfoField.name)));
  const seen = new Set<Node>();
  // Breadth first: a classifier inside a stacked model must not win over the one that answers.
  for (let next = 0; next < queue.length; next++) {
    const node = producers.get(queue[next] ?? '');
    if (!node || seen.has(node)) continue;
    seen.add(node);
    const labels = attributeLabels(node) ?? lookupLabels(node, initializers);
    if (labels && labels.length >= 2) return labels;
    queue.push(...node.inputs);
  }
  return null;
}

function attributeLabels(node: Node): readonly string[] | null {
  for (const bytes of contentsOf(node.fields, nodeField.attribute)) {
    // The name stands first in practice; the whole of a tree's million numbers need not be read for it.
    const nameFirst = bytes[0] === 0x0a ? textOf(bytes.subarray(2, 2 + (bytes[1] ?? 0))) : null;
    if (nameFirst !== null && !nameFirst.startsWith('classlabels')) continue;
    const attribute = readFields(bytes);
    if (!labelAttributes.has(textOf(contentOf(attribute, attributeField.name)))) continue;
    const strings = contentsOf(attribute, attributeField.strings).map(textOf);
    const labels = strings.length > 0 ? strings : integersOf(attribute, attributeField.ints).map(String);
    if (labels.length > 0) return labels;
  }
  return null;
}

function lookupLabels(node: Node, initializers: ReadonlyMap<string, readonly WireField[]>): readonly string[] | null {
  const tensor = lookups.has(node.operator) ? initializers.get(node.inputs[0] ?? '') : undefined;
  if (!tensor) return null;
  const strings = contentsOf(tensor, tensorField.stringData);
  if (strings.length > 0) return strings.map(textOf);
  const raw = contentOf(tensor, tensorField.rawData);
  const type = Number(integerOf(contentOf(tensor, tensorField.dataType)));
  if (raw && (type === 6 || type === 7)) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const width = type === 7 ? 8 : 4;
    return Array.from({ length: Math.floor(raw.byteLength / width) }, (_, index) =>
      String(type === 7 ? view.getBigInt64(index * 8, true) : view.getInt32(index * 4, true)),
    );
  }
  const integers = integersOf(tensor, type === 7 ? tensorField.int64Data : tensorField.int32Data);
  return type === 6 || type === 7 ? integers.map(String) : null;
}
