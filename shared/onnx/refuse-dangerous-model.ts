import { UserError } from '../errors.ts';
import { attributeField, graphField, modelField, nodeField, sparseTensorField, tensorField } from './field-numbers.ts';
import { contentOf, contentsOf, integerOf, readFields, textOf } from './read-fields.ts';
import { domainName, unreadable } from './read-model.ts';

/** What a model may be at most; a team's own model stays far below, a file made to exhaust a runner does not. */
export interface ModelLimits {
  readonly bytes: number;
  /** Nodes of all graphs, the bodies of loops and branches included. */
  readonly nodes: number;
  /** Graphs within graphs. */
  readonly depth: number;
}

export const defaultModelLimits: ModelLimits = { bytes: 1_000_000_000, nodes: 200_000, depth: 16 };

/** Fields of an attribute that hold graphs or tensors. */
const nested: ReadonlySet<number> = new Set([
  attributeField.tensor,
  attributeField.graph,
  attributeField.tensors,
  attributeField.graphs,
  attributeField.sparseTensor,
  attributeField.sparseTensors,
]);

/** Operators outside these domains are native code that somebody would have to load. */
const allowedDomains = new Set(['ai.onnx', 'ai.onnx.ml']);

/**
 * A model is data and must stay so: throws `MODEL_REFUSED` for files that reach outside themselves (external data), that ask for
 * custom operators, or that are too large. Memory and time of a run are bounded by who runs it.
 */
export function refuseDangerousModel(bytes: Uint8Array, limits: ModelLimits = defaultModelLimits): void {
  if (bytes.length > limits.bytes) throw refused(`it has ${bytes.length} bytes, the limit is ${limits.bytes}`, 'Make the model smaller.');
  try {
    inspectModel(bytes, limits);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw unreadable();
  }
}

function inspectModel(bytes: Uint8Array, limits: ModelLimits) {
  let nodes = 0;
  const model = readFields(bytes);
  const graph = contentOf(model, modelField.graph);
  if (!graph) throw unreadable();
  if (contentOf(model, modelField.trainingInfo)) throw refused('it holds training graphs', 'Export it for inference only.');
  inspectGraph(graph, 0);
  // Functions of the file's own are made of other nodes; theirs are inspected, and calls to them are calls to a custom domain.
  for (const body of contentsOf(model, modelField.functions)) for (const node of contentsOf(readFields(body), 7)) inspectNode(node, 1);

  function inspectGraph(graphBytes: Uint8Array, depth: number) {
    if (depth > limits.depth) throw refused(`its graphs are nested deeper than ${limits.depth}`, 'Export a flat graph.');
    const fields = readFields(graphBytes);
    for (const tensor of contentsOf(fields, graphField.initializer)) inspectTensor(tensor);
    for (const sparse of contentsOf(fields, graphField.sparseInitializer)) inspectSparseTensor(sparse);
    for (const node of contentsOf(fields, graphField.node)) inspectNode(node, depth);
  }

  function inspectNode(node: Uint8Array, depth: number) {
    if (++nodes > limits.nodes) throw refused(`it has more than ${limits.nodes} nodes`, 'Make the model smaller.');
    const fields = readFields(node);
    const domain = domainName(textOf(contentOf(fields, nodeField.domain)));
    if (!allowedDomains.has(domain)) {
      throw refused(
        `its operator ${textOf(contentOf(fields, nodeField.opType))} is of the domain ${domain}, which is not part of ONNX`,
        'Export it with standard operators only (ai.onnx and ai.onnx.ml), functions inlined, or use model.format: command.',
      );
    }
    for (const bytes of contentsOf(fields, nodeField.attribute)) {
      const attribute = readFields(bytes, nested);
      for (const no of [attributeField.graph, attributeField.graphs])
        for (const inner of contentsOf(attribute, no)) inspectGraph(inner, depth + 1);
      for (const no of [attributeField.tensor, attributeField.tensors])
        for (const tensor of contentsOf(attribute, no)) inspectTensor(tensor);
      for (const no of [attributeField.sparseTensor, attributeField.sparseTensors])
        for (const sparse of contentsOf(attribute, no)) inspectSparseTensor(sparse);
    }
  }
}

function inspectSparseTensor(bytes: Uint8Array) {
  const fields = readFields(bytes);
  for (const no of [sparseTensorField.values, sparseTensorField.indices])
    for (const tensor of contentsOf(fields, no)) inspectTensor(tensor);
}

function inspectTensor(bytes: Uint8Array) {
  const fields = readFields(bytes);
  const external = contentsOf(fields, tensorField.externalData).length > 0;
  if (external || integerOf(contentOf(fields, tensorField.dataLocation)) === 1n) {
    throw refused(
      'its weights lie in another file (external data)',
      'Save it as one file: onnx.save_model(model, path, save_as_external_data=False).',
    );
  }
}

function refused(reason: string, hint: string) {
  return new UserError('MODEL_REFUSED', `The ONNX model is refused: ${reason}.`, hint);
}
