import { graphField, modelField, nodeField, opsetField, valueInfoField } from './field-numbers.ts';
import { contentOf, contentsOf, readFields, textOf, type WireField } from './read-fields.ts';
import { readValueType } from './value-type.ts';
import { writeBytes, writeInteger, writeMessage, writeTensorInfo, writeText } from './write-fields.ts';

/**
 * Replaces every ZipMap that feeds a graph output by Identity, its output typed as a float tensor [rows, classes]: ONNX Runtime's
 * JavaScript can't return a sequence of maps. Every other byte of the file stays as it was, unknown fields included.
 * Returns the same array where there is nothing to do. Class names are to be read from the original (`readModel`).
 */
export function rewriteZipMap(bytes: Uint8Array): Uint8Array {
  const model = readFields(bytes);
  const graphBytes = contentOf(model, modelField.graph);
  if (!graphBytes) return bytes;
  const graph = readFields(graphBytes);
  const zipped = new Set(
    contentsOf(graph, graphField.node)
      .map((node) => readFields(node))
      .filter((node) => textOf(contentOf(node, nodeField.opType)) === 'ZipMap')
      .flatMap((node) => contentsOf(node, nodeField.output).map(textOf)),
  );
  if (zipped.size === 0) return bytes;

  const newGraph = writeMessage((writer) => {
    for (const field of graph) {
      const replacement = field.no === graphField.node ? unzipped(field) : field.no === graphField.output ? retyped(field) : null;
      if (replacement) writeBytes(writer, field.no, replacement);
      else writer.raw(field.raw);
    }
  });
  const importsDefault = contentsOf(model, modelField.opset).some((entry) =>
    ['', 'ai.onnx'].includes(textOf(contentOf(readFields(entry), opsetField.domain))),
  );
  return writeMessage((writer) => {
    for (const field of model) {
      if (field.no === modelField.graph) writeBytes(writer, field.no, newGraph);
      else writer.raw(field.raw);
    }
    // A pure ai.onnx.ml graph need not import the default domain; Identity lives there, unchanged since version 1.
    if (!importsDefault)
      writeBytes(
        writer,
        modelField.opset,
        writeMessage((inner) => writeInteger(inner, opsetField.version, 13)),
      );
  });

  function retyped(field: WireField): Uint8Array | null {
    const info = readFields(field.content);
    const name = textOf(contentOf(info, valueInfoField.name));
    const isMap = readValueType(contentOf(info, valueInfoField.type)).kind === 'sequence';
    return zipped.has(name) && isMap ? writeTensorInfo(name, 'float', [null, null]) : null;
  }
}

/** The node as Identity: inputs, outputs and name stay; its attributes and domain go. */
function unzipped(field: WireField): Uint8Array | null {
  const node = readFields(field.content);
  if (textOf(contentOf(node, nodeField.opType)) !== 'ZipMap') return null;
  const gone = [nodeField.opType, nodeField.attribute, nodeField.domain, nodeField.docString];
  return writeMessage((writer) => {
    for (const part of node) if (!gone.includes(part.no)) writer.raw(part.raw);
    writeText(writer, nodeField.opType, 'Identity');
  });
}
