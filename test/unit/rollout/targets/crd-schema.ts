import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';

export const specs = process.env['WEIGHIN_SPECS'] ?? resolve(import.meta.dirname, '../../../../../shared/reference/specs');
if (!existsSync(join(specs, 'kserve'))) throw new Error(`No specs at ${specs}: set WEIGHIN_SPECS to the folder that holds kserve/.`);

type Schema = { [key: string]: unknown };
const crd = z.object({
  spec: z.object({
    versions: z.array(z.object({ name: z.string(), schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }) })),
  }),
});

/**
 * A CustomResourceDefinition's schema for ajv. Structural schemas say what fields there are without forbidding others, which the API
 * server then drops in silence: here an unknown field is an error, unless the schema preserves them.
 */
export function readCrd(file: string, version: string): ValidateFunction {
  const { versions } = crd.parse(parse(readFileSync(join(specs, file), 'utf8'))).spec;
  const found = versions.find(({ name }) => name === version);
  if (!found) throw new Error(`${file} has no version ${version}`);
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { int32: true, int64: true, 'date-time': true, double: true, byte: true },
  });
  return ajv.compile(strict(found.schema.openAPIV3Schema, true));
}

function strict(schema: Schema, top = false): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  const made: Schema = { ...rest };
  // Kubernetes' own words for "a number or text"; the type beside it is left out there.
  if (schema['x-kubernetes-int-or-string']) made['anyOf'] = [{ type: 'integer' }, { type: 'string' }];
  if (isSchema(properties)) {
    made['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, isSchema(inner) ? strict(inner) : inner]),
    );
    if (schema['x-kubernetes-preserve-unknown-fields'] !== true && additionalProperties === undefined) made['additionalProperties'] = false;
    // apiVersion, kind and metadata are the API server's, whatever a schema says of them.
    if (top && isSchema(made['properties'])) made['properties'] = { ...made['properties'], metadata: { type: 'object' } };
  }
  if (isSchema(items)) made['items'] = strict(items);
  if (isSchema(additionalProperties)) made['additionalProperties'] = strict(additionalProperties);
  return made;
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
