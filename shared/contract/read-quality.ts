import { type Limit, limitOperators, type Rule, type Scalar, type Severity, type Statistic, type Tolerance } from './contract.ts';
import { nearestOf } from './nearest-of.ts';
import { scalarOf, type YamlReader, type YamlValue } from './yaml-reader.ts';

const qualityKeys = [
  'id',
  'name',
  'type',
  'metric',
  'rule',
  'arguments',
  'validValues',
  'query',
  'engine',
  'implementation',
  'unit',
  'severity',
  'dimension',
  'description',
  'businessImpact',
  'method',
  'schedule',
  'scheduler',
  'tags',
  'authoritativeDefinitions',
  'customProperties',
  ...limitOperators,
];

/** Names that v3.0 gave them, and those in use since v3.1. */
const metrics: Readonly<Record<string, 'nulls' | 'missing' | 'invalid' | 'duplicates' | 'rows'>> = {
  nullValues: 'nulls',
  nullCheck: 'nulls',
  nullCount: 'nulls',
  missingValues: 'missing',
  invalidValues: 'invalid',
  validValues: 'invalid',
  duplicateValues: 'duplicates',
  duplicateCount: 'duplicates',
  rowCount: 'rows',
  countCheck: 'rows',
};

/** One entry of `quality:`, of a column or (null) of the table. */
export function readQuality(yaml: YamlReader, at: YamlValue, column: string | null): Rule {
  const entries = yaml.map(at, qualityKeys);
  const optional = (key: string) => {
    const found = entries.get(key);
    return found && scalarOf(found) !== null ? yaml.text(found) : undefined;
  };
  const severity = severityOf(optional('severity'));
  const placed = { severity, line: at.line };
  const notChecked = (what: string, forPeople = false): Rule => ({
    kind: 'not-checked',
    column,
    what,
    forPeople,
    severity: 'warn',
    line: at.line,
  });
  const type = optional('type') ?? 'library';

  if (type === 'text') return notChecked('a rule in words for people', true);
  if (type === 'sql') {
    const query = optional('query');
    if (query === undefined) throw yaml.invalid(at, 'has type sql and no query', 'Add query: SELECT count(*) FROM the_table WHERE …');
    return { kind: 'sql', column, query, limit: requireLimit(), ...placed };
  }
  if (type === 'custom') {
    const engine = optional('engine');
    return engine === 'weighin' ? readCustom() : notChecked(`a rule of the engine ${engine ?? '(unnamed)'}`);
  }
  if (type !== 'library') {
    throw yaml.invalid(entries.get('type') ?? at, `is ${type}, which is no type of rule`, 'Known types: library, sql, custom, text.');
  }

  const name = optional('metric') ?? optional('rule');
  if (name === undefined)
    throw yaml.invalid(at, 'has no metric', 'Add metric: nullValues, missingValues, invalidValues, duplicateValues or rowCount.');
  const metric = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  const given = entries.get('arguments');
  const args = given ? yaml.map(given) : new Map<string, YamlValue>();

  switch (metric) {
    case undefined: {
      const nearest = nearestOf(name, Object.keys(metrics));
      if (nearest)
        throw yaml.invalid(
          entries.get('metric') ?? entries.get('rule') ?? at,
          `is ${name}, which is no metric`,
          `Did you mean ${nearest}?`,
        );
      return notChecked(`the metric ${name}`);
    }
    case 'rows':
      return { kind: 'row-count', limit: requireLimit(), ...placed };
    case 'nulls':
      return { kind: 'nulls', column: ownColumn(), tolerance: tolerance(), ...placed };
    case 'missing': {
      const texts = values('missingValues') ?? [''];
      return { kind: 'missing-values', column: ownColumn(), texts: texts.map(String), tolerance: tolerance(), ...placed };
    }
    case 'duplicates': {
      const listed = args.get('properties');
      const columns = listed ? yaml.list(listed).map((item) => yaml.text(item)) : column === null ? [] : [column];
      if (columns.length === 0) throw yaml.invalid(at, 'names no columns', 'Add arguments: {properties: [column, …]}.');
      return { kind: 'duplicates', columns, tolerance: tolerance(), ...placed };
    }
    case 'invalid': {
      const accepted = values('validValues');
      if (accepted) return { kind: 'accepted-values', column: ownColumn(), values: accepted, tolerance: tolerance(), ...placed };
      const pattern = args.get('pattern');
      if (pattern) return { kind: 'pattern', column: ownColumn(), pattern: yaml.text(pattern), tolerance: tolerance(), ...placed };
      throw yaml.invalid(at, 'does not say what is valid', 'Add arguments: {validValues: [a, b]} or {pattern: "[A-Z]{3}"}.');
    }
  }

  function ownColumn(): string {
    if (column !== null) return column;
    throw yaml.invalid(at, `is a rule of a column, and stands at the table`, 'Move it under quality: of the column.');
  }

  /** NULL in the list needs no mention: a missing value is never invalid. */
  function values(key: string): readonly Scalar[] | undefined {
    const listed = args.get(key) ?? entries.get(key);
    return listed && readScalars(yaml, listed);
  }

  function tolerance(): Tolerance {
    const unit = optional('unit') ?? 'rows';
    if (unit !== 'rows' && unit !== 'percent') {
      throw yaml.invalid(entries.get('unit') ?? at, `is ${unit}, which is no unit`, 'Known units: rows, percent.');
    }
    return { limit: readLimit(yaml, entries) ?? { operator: 'mustBe', low: 0, high: 0 }, unit };
  }

  function requireLimit(): Limit {
    const limit = readLimit(yaml, entries);
    if (limit) return limit;
    throw yaml.invalid(at, 'does not say what the number must be', 'Add mustBe, mustBeGreaterThan, mustBeBetween: [low, high] …');
  }

  function readCustom(): Rule {
    const implementation = entries.get('implementation');
    if (!implementation) throw yaml.invalid(at, 'has no implementation', 'Add implementation: {rule: future-event, event: …, label: …}.');
    const parts = yaml.map(implementation);
    const text = (key: string): string => {
      const found = parts.get(key);
      if (found) return yaml.text(found);
      throw yaml.invalid(implementation, `has no ${key}`, `Add ${key}.`);
    };
    const rule = text('rule');
    if (rule === 'future-event') {
      yaml.map(implementation, ['rule', 'event', 'label']);
      return { kind: 'future-event', event: text('event'), label: text('label'), ...placed };
    }
    if (rule === 'mean' || rule === 'standard-deviation' || rule === 'share') {
      yaml.map(implementation, ['rule', 'column', 'values', 'min', 'max']);
      return {
        kind: 'distribution',
        column: parts.has('column') ? text('column') : ownColumn(),
        statistic: statistic(rule),
        limit: minMax(),
        ...placed,
      };
    }
    const known = ['future-event', 'mean', 'standard-deviation', 'share'];
    const nearest = nearestOf(rule, known);
    throw yaml.invalid(
      parts.get('rule') ?? at,
      `is ${rule}, which weighin has no rule for`,
      nearest ? `Did you mean ${nearest}?` : `Known rules: ${known.join(', ')}.`,
    );

    function statistic(name: 'mean' | 'standard-deviation' | 'share'): Statistic {
      if (name !== 'share') return { name };
      const listed = parts.get('values');
      if (!listed) throw yaml.invalid(at, 'has no values', 'Add values: [a, b], whose share is meant.');
      return { name, values: readScalars(yaml, listed) };
    }

    function minMax(): Limit {
      const min = parts.get('min');
      const max = parts.get('max');
      if (min && max) return { operator: 'mustBeBetween', low: yaml.number(min), high: yaml.number(max) };
      if (min) return { operator: 'mustBeGreaterOrEqualTo', low: yaml.number(min), high: Number.NaN };
      if (max) return { operator: 'mustBeLessOrEqualTo', low: yaml.number(max), high: Number.NaN };
      throw yaml.invalid(at, 'has neither min nor max', 'Add min, max or both.');
    }
  }
}

function severityOf(text: string | undefined): Severity {
  return text !== undefined && /^(?:info|information|low|minor|warn|warning)$/i.test(text) ? 'warn' : 'fail';
}

/** A list of plain values; NULL among them is left out. */
function readScalars(yaml: YamlReader, at: YamlValue): readonly Scalar[] {
  return yaml.list(at).flatMap((item) => {
    const value = scalarOf(item);
    if (value === undefined) throw yaml.invalid(item, 'must be a plain value', 'List texts, numbers or true and false.');
    return value ?? [];
  });
}

function readLimit(yaml: YamlReader, entries: ReadonlyMap<string, YamlValue>): Limit | undefined {
  const found = limitOperators.flatMap((operator) => {
    const value = entries.get(operator);
    return value ? [{ operator, value }] : [];
  });
  const [first, second] = found;
  if (second) throw yaml.invalid(second.value, `stands beside ${first?.operator}`, 'Keep one condition in a rule.');
  if (!first) return undefined;
  const { operator, value } = first;
  if (operator !== 'mustBeBetween' && operator !== 'mustNotBeBetween') return { operator, low: yaml.number(value), high: Number.NaN };
  const [low, high, ...more] = yaml.list(value).map((item) => yaml.number(item));
  if (low === undefined || high === undefined || more.length > 0 || low > high) {
    throw yaml.invalid(value, 'must be two numbers, the smaller first', 'Write for example [0, 100].');
  }
  return { operator, low, high };
}
