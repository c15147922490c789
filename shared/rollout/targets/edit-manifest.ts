import { isDeepStrictEqual } from 'node:util';
import { isCollection, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type Scalar, stringify } from 'yaml';
import { UserError } from '../../errors.ts';
import { isList, isObject, type Manifest, type ManifestPath, type Plain, readManifest } from './manifest-file.ts';

/** One change of one document. `remove` of what is not there is nothing to do. */
export type ManifestChange =
  | { readonly is: 'set'; readonly path: ManifestPath; readonly value: Plain }
  | { readonly is: 'remove'; readonly path: ManifestPath }
  /** A new item of a list, after the one at `path`. */
  | { readonly is: 'add'; readonly path: ManifestPath; readonly value: Plain };

/**
 * Changes values in the text where they stand, and nothing else: no line that a change does not touch is written anew, so comments,
 * order, quotes and indentation stay their writer's. After each change the text is read again and must mean what was wanted.
 * @throws UserError MANIFEST_NOT_EDITABLE, MANIFEST_ALIAS
 */
export function editManifest(manifest: Manifest, document: number, changes: readonly ManifestChange[]): Manifest {
  let now = manifest;
  for (const change of changes) {
    if (change.is === 'remove' && !now.node(document, change.path) && !now.pair(document, change.path)) continue;
    const wanted = now.values.map((value, index) => (index === document ? changed(value, change.path, change) : value));
    const refuse = () =>
      new UserError(
        'MANIFEST_NOT_EDITABLE',
        `${change.path.join('.')} of ${manifest.file} is written in a way that can't be changed in place without touching more.`,
        'Write that part in plain block YAML: no anchors, one key a line.',
        manifest.at(document, change.path),
      );
    const text = splice(now, document, change);
    if (text === null) throw refuse();
    try {
      now = readManifest({ file: manifest.file, text });
    } catch {
      throw refuse();
    }
    if (!isDeepStrictEqual(now.values, wanted)) throw refuse();
  }
  return now;
}

function changed(value: Plain | undefined, path: ManifestPath, change: ManifestChange): Plain {
  const [key, ...rest] = path;
  const leaf = rest.length === 0;
  if (isList(value) && typeof key === 'number') {
    if (!leaf) return value.map((item, index) => (index === key ? changed(item, rest, change) : item));
    if (change.is === 'remove') return value.filter((_, index) => index !== key);
    if (change.is === 'add') return value.flatMap((item, index) => (index === key ? [item, change.value] : [item]));
    return value.map((item, index) => (index === key ? change.value : item));
  }
  const map = isObject(value) ? value : {};
  if (typeof key !== 'string') return value ?? null;
  if (!leaf) return { ...map, [key]: changed(map[key], rest, change) };
  if (change.is === 'set') return { ...map, [key]: change.value };
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

/** The new text; null where this way of writing is not known here. */
function splice(manifest: Manifest, document: number, change: ManifestChange): string | null {
  const { text } = manifest;
  const parent = manifest.node(document, change.path.slice(0, -1));
  const node = manifest.node(document, change.path);
  const pair = manifest.pair(document, change.path)?.pair;
  if (change.is === 'add') return isSeq(parent) && node ? addItem(text, parent.flow === true, node, change.value) : null;
  if (change.is === 'remove')
    return isMap(parent) && pair ? removePair(text, parent, pair) : isSeq(parent) && node ? removeItem(text, parent, node) : null;
  if (isScalar(node) && !isCollectionValue(change.value)) return setScalar(text, node, change.value);
  const key = change.path.at(-1);
  if (isMap(parent) && typeof key === 'string')
    return pair ? replaceValue(text, parent, pair, key, change.value) : insertPair(text, parent, key, change.value);
  return null;
}

const isCollectionValue = (value: Plain) => typeof value === 'object' && value !== null;
const eolOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');
const lineStart = (text: string, offset: number) => text.lastIndexOf('\n', offset - 1) + 1;
/** After the line's end, the line break included. */
const lineEnd = (text: string, offset: number) => {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
};
const indentAt = (text: string, offset: number) => offset - lineStart(text, offset);
const beginsLine = (text: string, offset: number) => text.slice(lineStart(text, offset), offset).trim() === '';
const rangeOf = (node: unknown) => ((node as Node | null | undefined)?.range ?? null) as readonly [number, number, number] | null;
const edges = (node: unknown): [number, number] => {
  const [start = 0, end = 0] = rangeOf(node) ?? [];
  return [start, end];
};
/** Where the text of a node ends, without the line break and blank that a block counts as its own. */
const contentEnd = (text: string, [start, end]: readonly [number, number, number]) => start + text.slice(start, end).trimEnd().length;

function setScalar(text: string, node: Scalar, value: Plain): string | null {
  const range = node.range;
  if (!range || node.anchor) return null;
  const [start, end] = range;
  const block = node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL';
  const written = writeScalar(value, typeof value === 'string' && !block ? node.type : undefined);
  const gap = start === end && text[start - 1] === ':' ? ' ' : '';
  return text.slice(0, start) + gap + written + (block ? eolOf(text) : '') + text.slice(end);
}

function writeScalar(value: Plain, type: Scalar['type']): string {
  const document = parseDocument('x');
  const scalar = document.createNode(value) as Scalar;
  if (type) scalar.type = type;
  document.contents = scalar as unknown as typeof document.contents;
  return document.toString({ lineWidth: 0 }).trimEnd();
}

/** In flow style on one line, for what stands in brackets. */
const writeFlow = (value: Plain) => stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();

function blockLines(value: Plain, indent: number, eol: string): string {
  return stringify(value, { lineWidth: 0, indentSeq: false })
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
    .join(eol);
}

/** `key: value`, its first line without indentation. */
function writePair(key: string, value: Plain, indent: number, eol: string): string {
  if (!isCollectionValue(value)) return `${key}: ${writeScalar(value, undefined)}`;
  const empty = isList(value) ? value.length === 0 : Object.keys(value as object).length === 0;
  return empty ? `${key}: ${isList(value) ? '[]' : '{}'}` : `${key}:${eol}${blockLines(value, indent + 2, eol)}`;
}

function insertPair(
  text: string,
  parent: { readonly flow?: boolean; readonly items: readonly Pair[]; readonly range?: unknown },
  key: string,
  value: Plain,
): string | null {
  const eol = eolOf(text);
  const [first, last] = [parent.items[0], parent.items.at(-1)];
  const whole = rangeOf(parent);
  if (parent.flow && !last) return whole && `${text.slice(0, whole[0] + 1)}${key}: ${writeFlow(value)}${text.slice(whole[0] + 1)}`;
  const [firstKey, lastValue] = [rangeOf(first?.key), rangeOf(last?.value) ?? rangeOf(last?.key)];
  if (!firstKey || !lastValue) return null;
  if (parent.flow) {
    const end = contentEnd(text, lastValue);
    return `${text.slice(0, end)}, ${key}: ${writeFlow(value)}${text.slice(end)}`;
  }
  const indent = indentAt(text, firstKey[0]);
  // Below a value of one line, so that no comment gets between a key and what it speaks of.
  const simple = parent.items
    .filter((item) => !isCollection(item.value) && rangeOf(item.value) && !text.slice(...edges(item.value)).includes('\n'))
    .at(-1);
  if (simple) {
    const end = lineEnd(text, edges(simple.value)[1]);
    const before = text.slice(0, end);
    return `${before}${before.endsWith('\n') ? '' : eol}${' '.repeat(indent)}${writePair(key, value, indent, eol)}${eol}${text.slice(end)}`;
  }
  if (!beginsLine(text, firstKey[0]))
    return `${text.slice(0, firstKey[0])}${writePair(key, value, indent, eol)}${eol}${' '.repeat(indent)}${text.slice(firstKey[0])}`;
  // Above the comment that belongs to the first key.
  let start = lineStart(text, firstKey[0]);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.slice(above, start).trimStart().startsWith('#')) break;
    start = above;
  }
  return `${text.slice(0, start)}${' '.repeat(indent)}${writePair(key, value, indent, eol)}${eol}${text.slice(start)}`;
}

function replaceValue(text: string, parent: { readonly flow?: boolean }, pair: Pair, key: string, value: Plain): string | null {
  const eol = eolOf(text);
  const [keyRange, range] = [rangeOf(pair.key), rangeOf(pair.value)];
  if (!keyRange) return null;
  const end = range ? contentEnd(text, range) : keyRange[1] + 1;
  const head = text.slice(0, keyRange[0]);
  if (parent.flow) return `${head}${key}: ${writeFlow(value)}${text.slice(end)}`;
  const indent = indentAt(text, keyRange[0]);
  const keyLine = lineEnd(text, keyRange[1]);
  // The key's own line stays, with the comment at its end, where the value begins below it.
  if (range && range[0] >= keyLine && isCollectionValue(value) && writePair(key, value, indent, eol).startsWith(`${key}:${eol}`))
    return text.slice(0, keyLine) + blockLines(value, indent + 2, eol) + eol + text.slice(lineEnd(text, end));
  const rest = text.slice(lineEnd(text, end));
  return `${head}${writePair(key, value, indent, eol)}${eol}${rest}`;
}

function removePair(text: string, parent: { readonly flow?: boolean; readonly items: readonly Pair[] }, pair: Pair): string | null {
  const index = parent.items.indexOf(pair);
  const [key, value] = [rangeOf(pair.key), rangeOf(pair.value)];
  if (!key) return null;
  const end = value ? Math.max(contentEnd(text, value), key[1]) : key[1] + 1;
  const [next, before] = [rangeOf(parent.items[index + 1]?.key), parent.items[index - 1]];
  if (!parent.flow && beginsLine(text, key[0])) return text.slice(0, lineStart(text, key[0])) + text.slice(lineEnd(text, end));
  if (next) return text.slice(0, key[0]) + text.slice(next[0]);
  const previous = rangeOf(before?.value) ?? rangeOf(before?.key);
  return parent.flow && previous ? text.slice(0, contentEnd(text, previous)) + text.slice(end) : null;
}

/** Where the dash of an item of a block list stands. */
function dashOf(text: string, node: Node): number | null {
  const start = node.range?.[0];
  if (start === undefined) return null;
  const line = lineStart(text, start);
  const dash = text.lastIndexOf('-', start - 1);
  return dash >= line && text.slice(dash + 1, start).trim() === '' && text.slice(line, dash).trim() === '' ? dash : null;
}

function addItem(text: string, flow: boolean, after: Node, value: Plain): string | null {
  const range = rangeOf(after);
  if (!range) return null;
  const end = contentEnd(text, range);
  if (flow) return `${text.slice(0, end)}, ${writeFlow(value)}${text.slice(end)}`;
  const dash = dashOf(text, after);
  if (dash === null) return null;
  const eol = eolOf(text);
  const stop = lineEnd(text, end);
  const before = text.slice(0, stop);
  return `${before}${before.endsWith('\n') ? '' : eol}${blockLines([value], indentAt(text, dash), eol)}${eol}${text.slice(stop)}`;
}

function removeItem(text: string, parent: { readonly flow?: boolean; readonly items: readonly unknown[] }, node: Node): string | null {
  const range = rangeOf(node);
  if (!range) return null;
  const end = contentEnd(text, range);
  if (!parent.flow) {
    const dash = dashOf(text, node);
    return dash === null ? null : text.slice(0, lineStart(text, dash)) + text.slice(lineEnd(text, end));
  }
  const index = parent.items.indexOf(node);
  const [next, previous] = [rangeOf(parent.items[index + 1]), rangeOf(parent.items[index - 1])];
  if (next) return text.slice(0, range[0]) + text.slice(next[0]);
  return previous ? text.slice(0, contentEnd(text, previous)) + text.slice(end) : null;
}
