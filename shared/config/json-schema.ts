import { z } from 'zod';
import { configSchema } from './schema.ts';

/** As much of JSON Schema (draft 7) as the generated file uses. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

let made: JsonSchema | undefined;

/** The schema that editors read (`schema/weighin.schema.json`), draft 7 since that is what yaml-language-server understands best. */
export function configJsonSchema(): JsonSchema {
  made ??= generate();
  return made;
}

function generate(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, {
    target: 'draft-7',
    io: 'input',
    override({ jsonSchema }) {
      // Editors parse YAML 1.2, where 1_000_000 is text.
      if (jsonSchema.type === 'integer' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.type === 'integer' && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.type === 'integer' && jsonSchema.default === 1_000_000) {
        const { type, exclusiveMinimum } = jsonSchema;
        delete jsonSchema.type;
        delete jsonSchema.exclusiveMinimum;
        jsonSchema.anyOf = [
          { type, ...(exclusiveMinimum === undefined ? {} : { exclusiveMinimum }) },
          { type: 'string', pattern: '^\\d{1,3}(_\\d{3})+$' },
        ];
      }
    },
  });
  // What zod writes is plain JSON; the interface above names the part of it that is read here.
  return { $schema, $id: 'https://weighin.dev/schema/weighin.schema.json', ...schema } as JsonSchema;
}
