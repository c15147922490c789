import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type ScalarTag,
} from 'yaml';
import type { SourceLocation } from '../errors.ts';

/** A key or an index for each step down: `['models', 'churn', 'evaluation', 'gates', 0]`. */
export type ConfigPath = readonly (string | number)[];

/** Something in a file that its writer has to mend. */
export interface ConfigProblem {
  /** `CONFIG_INVALID`, `CONFIG_UNKNOWN_KEY`, `CONFIG_SYNTAX`, or that of a later room which reads the key, such as `GATE_UNKNOWN_METRIC`. */
  readonly code: string;
  readonly path: ConfigPath;
  /** A sentence without the place. */
  readonly message: string;
  readonly location: SourceLocation;
}

export interface YamlFile {
  /** Plain data; undefined where the file holds nothing, or nothing that can be read. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Where a value stands, or its nearest ancestor that is there; `key` gives the key instead of the value behind it. */
  locate(path: ConfigPath, which?: 'key' | 'value'): SourceLocation;
}

/** A hand-written file stays far below these; a YAML bomb does not. */
const limits = { bytes: 512 * 1024, nodes: 50_000, depth: 40 };
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads one YAML 1.2 document as plain data, and remembers where everything stood. Refuses what a config has no need of:
 * tags, merges, several documents, duplicate keys, keys that JavaScript would take for its own, and whatever grows beyond the limits.
 */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const places = new Map<string, { key?: SourceLocation; value: SourceLocation }>();
  const problems: ConfigProblem[] = [];
  const at = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate: YamlFile['locate'] = (path, which = 'value') => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place) return which === 'key' || length < path.length ? (place.key ?? place.value) : place.value;
    }
    return { file, line: 1, column: 1 };
  };
  const refuse = (message: string, location: SourceLocation, path: ConfigPath = []) => {
    problems.push({ code: 'CONFIG_SYNTAX', path, message, location });
  };
  const result = (value: unknown): YamlFile => ({ value, problems, locate });

  if (Buffer.byteLength(text) > limits.bytes) {
    refuse(`The file is larger than ${limits.bytes / 1024} KiB, which no configuration needs.`, { file });
    return result(undefined);
  }
  let documents: readonly Document.Parsed<ParsedNode>[];
  try {
    const parsed = parseAllDocuments(text, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      customTags: (tags) => [...tags, groupedInteger],
    });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    // The parser recurses: a thousand brackets in a row exhaust its stack.
    if (!(error instanceof RangeError)) throw error;
    refuse(`The file nests deeper than ${limits.depth} levels.`, { file });
    return result(undefined);
  }

  const [document, second] = documents;
  if (!document) return result(undefined);
  for (const error of document.errors.slice(0, 20)) refuse(syntaxMessage(error.code, error.message), at(error.pos[0]));
  if (second) refuse('A second document begins here (`---`); the file holds one.', at(second.range[0]));
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    refuse(`The file asks for YAML ${document.directives.yaml.version}; it is read as YAML 1.2.`, { file, line: 1, column: 1 });
  if (problems.length > 0) return result(undefined);

  let nodes = 0;
  try {
    return result(read(document.contents, []));
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    refuse(error.message, error.location);
    return result(undefined);
  }

  function read(node: Node | null, path: (string | number)[], key?: SourceLocation): unknown {
    const value = node?.range ? at(node.range[0]) : (key ?? { file, line: 1, column: 1 });
    places.set(JSON.stringify(path), { ...(key ? { key } : {}), value });
    nodes += 1;
    if (nodes > limits.nodes) throw new TooMuch(`The file unfolds to more than ${limits.nodes.toLocaleString('en')} values.`, value);
    if (path.length > limits.depth) throw new TooMuch(`The file nests deeper than ${limits.depth} levels.`, value);
    if (node === null) return null;
    if (isAlias(node)) {
      const target = node.resolve(document!);
      if (target) return read(target, path, key ?? value);
      refuse(`\`*${node.source}\` names an anchor that the file does not have.`, value, path);
      return undefined;
    }
    if (node.tag && !plainTags.has(node.tag)) {
      refuse(`The tag \`${node.tag.replace('tag:yaml.org,2002:', '!!')}\` is not read here; write plain YAML.`, value, path);
      return undefined;
    }
    if (isMap(node)) return readMap(node.items as readonly { key: unknown; value: unknown }[], path, value);
    if (isSeq(node)) return node.items.map((item, index) => read(item as Node | null, [...path, index]));
    return isScalar(node) ? node.value : undefined;
  }

  function readMap(items: readonly { key: unknown; value: unknown }[], path: (string | number)[], around: SourceLocation) {
    const map: Record<string, unknown> = {};
    for (const item of items) {
      const node = item.key;
      const place = isScalar(node) && node.range ? at(node.range[0]) : around;
      const name = isScalar(node) ? (node.source ?? String(node.value)) : undefined;
      if (name === undefined || name === '') refuse('A key has to be a plain word.', place, path);
      else if (name === '<<')
        refuse('`<<` merges are not read (YAML 1.2 has none); repeat the keys, or alias a whole value with `*name`.', place, path);
      else if (refusedKeys.has(name)) refuse(`\`${name}\` can't be a key.`, place, path);
      else map[name] = read(item.value as Node | null, [...path, name], place);
    }
    return map;
  }
}

/** Unwinds the walk; never leaves this file. */
class TooMuch extends Error {
  readonly location: SourceLocation;
  constructor(message: string, location: SourceLocation) {
    super(message);
    this.location = location;
  }
}

const plainTags = new Set(['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((name) => `tag:yaml.org,2002:${name}`));

/** `1_000_000`: YAML 1.2 reads it as text, people write it as a number. */
const groupedInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?\d{1,3}(?:_\d{3})+$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
};

const syntaxMessage = (code: string, message: string) =>
  ({
    TAB_AS_INDENT: 'A tab indents this line; YAML indents by spaces.',
    DUPLICATE_KEY: 'This key stands here twice; keep one.',
    BAD_ALIAS: 'An alias has a bad name.',
  })[code] ?? `This is not YAML: ${message.replaceAll(/\s+/g, ' ')}.`;
