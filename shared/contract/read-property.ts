import { type Bound, type ContractColumn, type LogicalType, logicalTypes, type Rule, type Scalar } from './contract.ts';
import { nearestOf } from './nearest-of.ts';
import { readQuality } from './read-quality.ts';
import { scalarOf, type YamlReader, type YamlValue } from './yaml-reader.ts';

const propertyKeys = [
  'id',
  'name',
  'physicalName',
  'physicalType',
  'logicalType',
  'logicalTypeOptions',
  'description',
  'businessName',
  'required',
  'unique',
  'primaryKey',
  'primaryKeyPosition',
  'partitioned',
  'partitionKeyPosition',
  'classification',
  'encryptedName',
  'transformSourceObjects',
  'transformLogic',
  'transformDescription',
  'examples',
  'enum',
  'criticalDataElement',
  'relationships',
  'quality',
  'properties',
  'items',
  'map',
  'vector',
  'authoritativeDefinitions',
  'tags',
  'customProperties',
  'semanticType',
  'deprecated',
  'synonyms',
];
/** Options that need what a table's cell doesn't show, or a nested type. */
const uncheckedOptions = [
  'timezone',
  'defaultTimezone',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
  'dimensions',
];
const optionKeys = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'multipleOf',
  ...uncheckedOptions,
];
/** Formats of numbers name a width (`i32`), those of dates a notation that the type check already covers. */
export const textFormats = ['email', 'uuid', 'uri', 'hostname', 'ipv4', 'ipv6'];

export interface ReadProperty {
  readonly column: ContractColumn;
  readonly rules: readonly Rule[];
  readonly key: { readonly column: string; readonly position: number; readonly line: number } | null;
}

/** One property of a table, with all rules that concern it. A measure is no column of the data, and has no rules. */
export function readProperty(yaml: YamlReader, at: YamlValue): ReadProperty {
  const entries = yaml.map(at, propertyKeys);
  const nameAt = entries.get('name');
  if (!nameAt) throw yaml.invalid(at, 'has no name', 'Name the column.');
  const name = yaml.text(nameAt);
  const optional = (key: string): YamlValue | undefined => {
    const found = entries.get(key);
    return found && scalarOf(found) !== null ? found : undefined;
  };
  const flag = (key: string) => {
    const found = optional(key);
    return found && yaml.flag(found) ? found : undefined;
  };

  const logicalAt = optional('logicalType');
  const logicalType = logicalAt ? readLogicalType(yaml, logicalAt) : null;
  const physicalTypeAt = optional('physicalType');
  const physicalNameAt = optional('physicalName');
  const column: ContractColumn = {
    name,
    physicalName: physicalNameAt ? yaml.text(physicalNameAt) : null,
    logicalType,
    physicalType: physicalTypeAt ? yaml.text(physicalTypeAt) : null,
    mayBeMissing: optional('required') !== undefined && !flag('required'),
    line: at.line,
  };

  const rules: Rule[] = [];
  const typeAt = logicalAt ?? physicalTypeAt;
  if (typeAt) rules.push({ kind: 'type', column: name, severity: 'fail', line: typeAt.line });
  const requiredAt = flag('required');
  if (requiredAt) rules.push({ kind: 'required', column: name, severity: 'fail', line: requiredAt.line });
  const uniqueAt = flag('unique');
  if (uniqueAt) rules.push({ kind: 'unique', columns: [name], severity: 'fail', line: uniqueAt.line });
  const optionsAt = optional('logicalTypeOptions');
  if (optionsAt) rules.push(...readOptions(yaml, optionsAt, name, logicalType));
  const enumAt = optional('enum');
  if (enumAt) rules.push({ kind: 'accepted-values', column: name, values: readEnum(yaml, enumAt), severity: 'fail', line: enumAt.line });
  for (const nested of ['properties', 'items', 'map'] as const) {
    const nestedAt = optional(nested);
    if (nestedAt) rules.push(notChecked(name, `what the contract says of the parts inside it (${nested})`, nestedAt.line));
  }
  const qualityAt = optional('quality');
  if (qualityAt) rules.push(...yaml.list(qualityAt).map((item) => readQuality(yaml, item, name)));

  const keyAt = flag('primaryKey');
  const positionAt = optional('primaryKeyPosition');
  const key = keyAt ? { column: name, position: positionAt ? yaml.number(positionAt) : -1, line: keyAt.line } : null;
  const semantic = optional('semanticType');
  if (semantic && yaml.text(semantic) === 'measure') {
    return { column, rules: [notChecked(name, 'a measure, which the data does not hold', semantic.line)], key: null };
  }
  return { column, rules, key };
}

const notChecked = (column: string, what: string, line: number): Rule => ({
  kind: 'not-checked',
  column,
  what,
  forPeople: false,
  severity: 'warn',
  line,
});

function readLogicalType(yaml: YamlReader, at: YamlValue): LogicalType {
  const text = yaml.text(at);
  const type = logicalTypes.find((known) => known === text);
  if (type) return type;
  const nearest = nearestOf(text, logicalTypes);
  throw yaml.invalid(
    at,
    `is ${text}, which is no logical type`,
    nearest ? `Did you mean ${nearest}?` : `Known types: ${logicalTypes.join(', ')}.`,
  );
}

function readOptions(yaml: YamlReader, at: YamlValue, column: string, type: LogicalType | null): readonly Rule[] {
  const options = yaml.map(at, optionKeys);
  const rules: Rule[] = [];
  const bounds: { minimum?: Bound; maximum?: Bound; exclusiveMinimum?: Bound; exclusiveMaximum?: Bound } = {};
  for (const key of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const) {
    const bound = options.get(key);
    if (bound) bounds[key] = readBound(yaml, bound, type);
  }
  const firstBound = [...options].find(([key]) => key in bounds)?.[1];
  if (firstBound) rules.push({ kind: 'range', column, ...bounds, severity: 'fail', line: firstBound.line });

  const minimum = options.get('minLength');
  const maximum = options.get('maxLength');
  if (minimum || maximum) {
    rules.push({
      kind: 'length',
      column,
      ...(minimum && { minimum: yaml.number(minimum) }),
      ...(maximum && { maximum: yaml.number(maximum) }),
      severity: 'fail',
      line: (minimum ?? maximum)?.line ?? at.line,
    });
  }
  const pattern = options.get('pattern');
  if (pattern) rules.push({ kind: 'pattern', column, pattern: yaml.text(pattern), severity: 'fail', line: pattern.line });
  const multiple = options.get('multipleOf');
  if (multiple) {
    const of = yaml.number(multiple);
    if (of <= 0) throw yaml.invalid(multiple, 'must be above 0', 'Write a positive number.');
    rules.push({ kind: 'multiple-of', column, of, severity: 'fail', line: multiple.line });
  }
  const format = options.get('format');
  if (format && (type === 'string' || type === null)) {
    const name = yaml.text(format);
    if (textFormats.includes(name)) rules.push({ kind: 'format', column, format: name, severity: 'fail', line: format.line });
    else rules.push(notChecked(column, `the format ${name}`, format.line));
  } else if (format && type === 'integer' && /^[iu](?:8|16|32|64)$/.test(yaml.text(format))) {
    rules.push({ kind: 'range', column, ...widthOf(yaml.text(format)), severity: 'fail', line: format.line });
  }
  for (const key of uncheckedOptions) {
    const option = options.get(key);
    if (option) rules.push(notChecked(column, `the option ${key}`, option.line));
  }
  return rules;
}

function widthOf(format: string): { readonly minimum: number; readonly maximum: number } {
  const bits = Number(format.slice(1));
  return format.startsWith('u') ? { minimum: 0, maximum: 2 ** bits - 1 } : { minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 };
}

const momentPattern: Readonly<Partial<Record<LogicalType, RegExp>>> = {
  date: /^\d{4}-\d{2}-\d{2}/,
  timestamp: /^\d{4}-\d{2}-\d{2}/,
  time: /^\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/,
};

function readBound(yaml: YamlReader, at: YamlValue, type: LogicalType | null): Bound {
  const pattern = type ? momentPattern[type] : undefined;
  if (!pattern) return yaml.number(at);
  const text = yaml.text(at);
  if (!pattern.test(text) || (type !== 'time' && Number.isNaN(Date.parse(text.replace(' ', 'T'))))) {
    throw yaml.invalid(
      at,
      `is no ${type}`,
      type === 'time' ? 'Write it as "23:59:59".' : 'Write it as "2025-01-31" or "2025-01-31 12:00:00".',
    );
  }
  return text;
}

function readEnum(yaml: YamlReader, at: YamlValue): readonly Scalar[] {
  return yaml.list(at).map((entry) => {
    const value = yaml.map(entry).get('value');
    const scalar = value && scalarOf(value);
    if (scalar === undefined || scalar === null) throw yaml.invalid(entry, 'has no value', 'Write each entry as "- value: …".');
    return scalar;
  });
}
