import { createHash } from 'node:crypto';
import type { Contract, ContractColumn, ContractTable, Rule } from './contract.ts';
import { readProperty } from './read-property.ts';
import { readQuality } from './read-quality.ts';
import { readYaml, scalarOf, type YamlReader, type YamlValue } from './yaml-reader.ts';

const rootKeys = [
  'apiVersion',
  'kind',
  'id',
  'name',
  'version',
  'status',
  'schema',
  'description',
  'domain',
  'tenant',
  'dataProduct',
  'servers',
  'team',
  'roles',
  'price',
  'support',
  'tags',
  'slaProperties',
  'slaDefaultElement',
  'authoritativeDefinitions',
  'customProperties',
  'contractCreatedTs',
  'context',
  'ports',
  'synonyms',
  '$schema',
];
const tableKeys = [
  'id',
  'name',
  'physicalName',
  'physicalType',
  'logicalType',
  'description',
  'businessName',
  'dataGranularityDescription',
  'properties',
  'quality',
  'relationships',
  'authoritativeDefinitions',
  'tags',
  'customProperties',
  'context',
  'deprecated',
  'synonyms',
];

/**
 * Reads an Open Data Contract Standard file, v3.0 to v3.2. What the standard has and this suite can't check becomes a rule
 * `not-checked`; what the standard doesn't have is refused with its line. Servers, teams and prices are not read.
 *
 * @param file as the user named it; messages and locations repeat it.
 * @throws UserError `CONTRACT_INVALID`
 */
export function readContract(text: string, file: string): Contract {
  const yaml = readYaml(text, file);
  const root = yaml.map(yaml.root);
  if (root.has('dataContractSpecification')) {
    throw yaml.invalid(
      root.get('dataContractSpecification') ?? yaml.root,
      'is of the older Data Contract Specification',
      'Convert it with `datacontract import`, or write a new one with `weighin init`.',
    );
  }
  yaml.map(yaml.root, rootKeys);
  const required = (key: string): string => {
    const found = root.get(key);
    if (found) return yaml.text(found);
    throw yaml.invalid({ ...yaml.root, line: 1 }, `has no ${key}`, `Add ${key}: it is required by the Open Data Contract Standard.`);
  };
  const apiVersion = required('apiVersion');
  if (!/^v?3\.[0-2](?:\.\d+)?$/.test(apiVersion)) {
    throw yaml.invalid(root.get('apiVersion') ?? yaml.root, `is ${apiVersion}, which can't be read`, 'Versions v3.0 to v3.2 are read.');
  }
  if (required('kind') !== 'DataContract')
    throw yaml.invalid(root.get('kind') ?? yaml.root, 'must be DataContract', 'Write kind: DataContract.');
  required('status');

  const schema = root.get('schema');
  return {
    file,
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    id: required('id'),
    version: required('version'),
    tables: schema ? yaml.list(schema).map((table) => readTable(yaml, table)) : [],
  };
}

function readTable(yaml: YamlReader, at: YamlValue): ContractTable {
  const entries = yaml.map(at, tableKeys);
  const name = entries.get('name');
  if (!name) throw yaml.invalid(at, 'has no name', 'Name the table.');
  const description = entries.get('description');
  if (description) yaml.text(description);
  const physicalName = entries.get('physicalName');

  const columns: ContractColumn[] = [];
  const rules: Rule[] = [];
  const keys: { readonly column: string; readonly position: number; readonly line: number }[] = [];
  const properties = entries.get('properties');
  for (const property of properties ? yaml.list(properties) : []) {
    const read = readProperty(yaml, property);
    if (columns.some((column) => column.name === read.column.name)) {
      throw yaml.invalid(property, `describes ${read.column.name} a second time`, 'Keep one of the two.');
    }
    columns.push(read.column);
    rules.push(...read.rules);
    if (read.key) keys.push(read.key);
  }
  if (keys.length > 0) {
    const ordered = keys.toSorted((a, b) => a.position - b.position);
    const columnsOfKey = ordered.map(({ column }) => column);
    const alone = rules.some((rule) => rule.kind === 'unique' && rule.columns.join('\n') === columnsOfKey.join('\n'));
    if (!alone) rules.push({ kind: 'unique', columns: columnsOfKey, severity: 'fail', line: ordered[0]?.line ?? at.line });
    for (const { column, line } of ordered) {
      if (!rules.some((rule) => rule.kind === 'required' && rule.column === column))
        rules.push({ kind: 'required', column, severity: 'fail', line });
    }
  }
  const quality = entries.get('quality');
  if (quality) rules.push(...yaml.list(quality).map((item) => readQuality(yaml, item, null)));
  return {
    name: yaml.text(name),
    physicalName: physicalName && scalarOf(physicalName) !== null ? yaml.text(physicalName) : null,
    line: at.line,
    columns,
    rules,
  };
}
