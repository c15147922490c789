import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseAllDocuments,
} from 'yaml';
import { type SourceLocation, UserError } from '../../errors.ts';

/** A file of somebody else: the path, as messages name it, and all of its text. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

/** Keys and indexes from the top of one document: `['spec', 'rules', 0, 'backendRefs']`. */
export type ManifestPath = readonly (string | number)[];

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export interface ManifestPair {
  readonly pair: Pair;
  readonly index: number;
}

/** A manifest that was read, to be looked at and edited where things stand in its text. */
export interface Manifest extends ManifestFile {
  /** Of every document, plain data; null for an empty one. */
  readonly values: readonly Plain[];
  /** @throws UserError where an alias lies on the way; undefined where there is nothing */
  node(document: number, path: ManifestPath): Node | undefined;
  pair(document: number, path: ManifestPath): ManifestPair | undefined;
  at(document: number, path: ManifestPath): SourceLocation;
}

/** Manifests written by hand stay far below these; what is made to exhaust a parser does not. */
const limits = { bytes: 1024 * 1024, documents: 200 };

/**
 * Reads a manifest of one or more documents.
 * @throws UserError MANIFEST_NOT_YAML
 */
export function readManifest({ file, text }: ManifestFile): Manifest {
  const lines = new LineCounter();
  const place = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (message: string, location: SourceLocation) =>
    new UserError(
      'MANIFEST_NOT_YAML',
      message,
      'Name a manifest of plain YAML. What Helm or Kustomize make of it belongs to them.',
      location,
    );
  if (Buffer.byteLength(text) > limits.bytes) throw refuse(`${file} is larger than ${limits.bytes / 1024} KiB.`, { file });
  const documents = parse(text, lines, () => refuse(`${file} nests too deep.`, { file }));
  if (documents.length > limits.documents) throw refuse(`${file} holds more than ${limits.documents} documents.`, { file });
  for (const { errors } of documents) {
    const [error] = errors;
    if (error) throw refuse(`${file} is not YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}.`, place(error.pos[0]));
  }
  const values = documents.map((document) => {
    try {
      // Cast: what YAML 1.2's core schema gives is plain data.
      return (document.toJS() ?? null) as Plain;
    } catch {
      throw refuse(`${file} repeats its anchors too often to be read.`, place(document.range[0]));
    }
  });

  function step(document: number, path: ManifestPath): { readonly node: Node | undefined; readonly pair: ManifestPair | undefined } {
    let node: Node | null | undefined = documents[document]?.contents;
    let found: ManifestPair | undefined;
    for (const [depth, key] of path.entries()) {
      if (isAlias(node))
        throw new UserError(
          'MANIFEST_ALIAS',
          `${path.slice(0, depth).join('.')} of ${file} is an alias (\`*${node.source}\`), so a change there would change other places too.`,
          'Write the value out where the alias stands.',
          place(node.range?.[0] ?? 0),
        );
      found = undefined;
      if (isSeq(node) && typeof key === 'number') node = asNode(node.items[key]);
      else if (isMap(node) && typeof key === 'string') {
        const index = node.items.findIndex((item) => isScalar(item.key) && item.key.value === key);
        const pair = node.items[index];
        found = pair ? { pair, index } : undefined;
        node = asNode(pair?.value);
      } else node = undefined;
    }
    return { node: node ?? undefined, pair: found };
  }
  return {
    file,
    text,
    values,
    node: (document, path) => step(document, path).node,
    pair: (document, path) => step(document, path).pair,
    at(document, path) {
      for (let length = path.length; length > 0; length--) {
        const { node, pair } = step(document, path.slice(0, length));
        const range = (asNode(pair?.pair.key) ?? node)?.range;
        if (range) return place(range[0]);
      }
      return place(documents[document]?.contents?.range[0] ?? 0);
    },
  };
}

/** Of one document: the value at a path, undefined where there is none. */
export function valueAt(value: Plain | undefined, path: ManifestPath): Plain | undefined {
  let here: Plain | undefined = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    if (isList(here)) here = typeof key === 'number' ? here[key] : undefined;
    else here = typeof key === 'string' && Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return here;
}

export const isList = (value: Plain | undefined): value is readonly Plain[] => Array.isArray(value);
export const isObject = (value: Plain | undefined): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !isList(value);

// Cast: what a parsed document holds below its top are nodes or nothing.
const asNode = (value: unknown) => (value ?? undefined) as Node | undefined;

function parse(text: string, lineCounter: LineCounter, tooDeep: () => UserError): readonly Document.Parsed<ParsedNode>[] {
  try {
    const parsed = parseAllDocuments(text, { version: '1.2', lineCounter, prettyErrors: false });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    // The parser recurses: a thousand brackets in a row exhaust its stack.
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}
