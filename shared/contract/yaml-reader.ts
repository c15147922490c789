import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { UserError } from '../errors.ts';
import { nearestOf } from './nearest-of.ts';

/** More than any contract that people keep by hand. */
const maxBytes = 2_000_000;
/** Enough for shared blocks; far below what a bomb of aliases needs. */
const maxAliases = 200;

/** A value of the file, together with where it stands. */
export interface YamlValue {
  readonly value: unknown;
  readonly line: number;
  /** For messages: `schema[0].properties[2].required`. */
  readonly path: string;
}

/** Reads values by key with their lines, and refuses what isn't of the wanted kind with a place and a hint. */
export interface YamlReader {
  readonly root: YamlValue;
  /** The values of a map by key, in file order; refuses other things. `known` refuses other keys, with the nearest one. */
  map(of: YamlValue, known?: readonly string[]): ReadonlyMap<string, YamlValue>;
  list(of: YamlValue): readonly YamlValue[];
  text(of: YamlValue): string;
  number(of: YamlValue): number;
  flag(of: YamlValue): boolean;
  invalid(at: YamlValue, what: string, hint: string): UserError;
}

/** Parses YAML within bounds: of size, of aliases, of depth; keys are unique. @throws UserError `CONTRACT_INVALID` */
export function readYaml(text: string, file: string): YamlReader {
  const refuse = (line: number, what: string, hint: string, column?: number) =>
    new UserError('CONTRACT_INVALID', `${file}${line ? `, line ${line}` : ''}: ${what}.`, hint, {
      file,
      line,
      ...(column !== undefined && { column }),
    });
  if (Buffer.byteLength(text) > maxBytes) throw refuse(1, 'the contract is larger than 2 MB', 'Split it, or take out what is no contract.');

  const lines = new LineCounter();
  const document = parse();
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw refuse(line, `this is not valid YAML (${error.code})`, 'Correct the indentation, quotes or the repeated key there.', col);
  }
  try {
    // Counts how often aliases would be expanded, and refuses bombs, before anything is copied.
    document.toJS({ maxAliasCount: maxAliases });
  } catch (cause) {
    if (cause instanceof ReferenceError && cause.message.startsWith('Unresolved alias')) {
      throw refuse(1, 'an alias (*name) names nothing before it', 'Define it with &name first, or put the text in quotes.');
    }
    throw refuse(1, `it nests or repeats itself too much (more than ${maxAliases} aliases, or too deep)`, 'Write the repeated parts out.');
  }

  const lineOf = (node: Node | null | undefined) => (node?.range ? lines.linePos(node.range[0]).line : 1);
  const resolved = (node: unknown): Node | null => {
    if (!isNode(node)) return null;
    return 'resolve' in node && typeof node.resolve === 'function' ? (node.resolve(document) ?? null) : node;
  };
  const invalid = (at: YamlValue, what: string, hint: string) => refuse(at.line, `${at.path || 'the file'} ${what}`, hint);
  const describe = (node: unknown) =>
    node === null ? 'empty' : isMap(node) ? 'a map' : isSeq(node) ? 'a list' : isScalar(node) ? kindOf(node.value) : 'empty';

  return {
    root: { value: document.contents, line: lineOf(document.contents), path: '' },

    map(of, known) {
      const node = resolved(of.value);
      if (!isMap(node))
        throw invalid(
          of,
          `must be a map of keys and values, not ${describe(node)}`,
          'See the Open Data Contract Standard, or `weighin init` for an example.',
        );
      const entries = new Map<string, YamlValue>();
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : '';
        const line = lineOf(isNode(pair.key) ? pair.key : node);
        if (known && !known.includes(key)) {
          const nearest = nearestOf(key, known);
          throw refuse(
            line,
            `${of.path ? `${of.path} has` : 'there is'} an unknown key ${key}`,
            nearest ? `Did you mean ${nearest}?` : `Known keys: ${known.join(', ')}.`,
          );
        }
        entries.set(key, { value: resolved(pair.value), line, path: of.path ? `${of.path}.${key}` : key });
      }
      return entries;
    },

    list(of) {
      const node = resolved(of.value);
      if (!isSeq(node)) throw invalid(of, `must be a list, not ${describe(node)}`, 'Begin each entry with "- ".');
      return node.items.map((item, index) => ({
        value: resolved(item),
        line: isNode(item) ? lineOf(item) : of.line,
        path: `${of.path}[${index}]`,
      }));
    },

    text(of) {
      const node = resolved(of.value);
      if (isScalar(node) && typeof node.value === 'string') return node.value;
      throw invalid(of, `must be text, not ${describe(node)}`, 'Put it in quotes.');
    },

    number(of) {
      const node = resolved(of.value);
      if (isScalar(node) && typeof node.value === 'number' && Number.isFinite(node.value)) return node.value;
      throw invalid(of, `must be a number, not ${describe(node)}`, 'Write a plain number such as 5 or 0.5.');
    },

    flag(of) {
      const node = resolved(of.value);
      if (isScalar(node) && typeof node.value === 'boolean') return node.value;
      throw invalid(of, `must be true or false, not ${describe(node)}`, 'Write true or false without quotes.');
    },

    invalid,
  };

  function parse() {
    try {
      return parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, strict: true });
    } catch {
      // A thousandfold nested list runs out of stack.
      throw refuse(1, 'it is nested too deep', 'Flatten it.');
    }
  }
}

const kindOf = (value: unknown) => (value === null ? 'empty' : typeof value === 'string' ? 'text' : `a ${typeof value}`);

/** The bare value of a scalar, or undefined where it is a map or list. */
export function scalarOf({ value }: YamlValue): string | number | boolean | null | undefined {
  if (!isScalar(value)) return undefined;
  const bare = value.value;
  return bare === null || typeof bare === 'string' || typeof bare === 'number' || typeof bare === 'boolean' ? bare : String(bare);
}
