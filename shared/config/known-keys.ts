import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import type { ConfigPath } from './parse-yaml.ts';

/** Keys that the configuration knows at a place, for "nearest"; none where the place is free-form or unknown. */
export const knownKeys = (path: ConfigPath): readonly string[] => [
  ...new Set(schemasAt(path).flatMap((schema) => Object.keys(schema.properties ?? {}))),
];

/** What the schema says about a place, for people; undefined where it says nothing. */
export const describedAt = (path: ConfigPath): string | undefined => schemasAt(path).find((schema) => schema.description)?.description;

/** Places that have a key of this name, written with `<name>` for what the user names: `models.<name>.stages.<name>`. */
export const homesOf = (key: string): readonly string[] => [
  ...new Set(
    places()
      .filter(([name]) => name === key)
      .map(([, home]) => home),
  ),
];

/** Every key that the file knows anywhere. */
export const allKeys = (): readonly string[] => [...new Set(places().map(([name]) => name))];

function places(): readonly (readonly [key: string, home: string])[] {
  const found: (readonly [string, string])[] = [];
  const visit = (schema: JsonSchema, path: string) => {
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      found.push([name, path || 'the top level']);
      visit(child, path ? `${path}.${name}` : name);
    }
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}.<name>`);
    if (schema.items) visit(schema.items, `${path}[]`);
    for (const branch of schema.anyOf ?? []) visit(branch, path);
  };
  visit(configJsonSchema(), '');
  return found;
}

function schemasAt(path: ConfigPath): readonly JsonSchema[] {
  let found = branches(configJsonSchema());
  for (const step of path) {
    found = found.flatMap((schema) => {
      const child = typeof step === 'number' ? schema.items : own(schema.properties, step);
      if (child) return branches(child);
      return typeof step === 'string' && typeof schema.additionalProperties === 'object' ? branches(schema.additionalProperties) : [];
    });
  }
  return found;
}

const own = (properties: JsonSchema['properties'], key: string) =>
  properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
const branches = (schema: JsonSchema): readonly JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(branches)];
