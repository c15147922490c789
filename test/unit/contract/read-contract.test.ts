import { describe, expect, it } from 'vitest';
import { declaredTypes } from '../../../shared/contract/declared-types.ts';
import { pickTable } from '../../../shared/contract/pick-table.ts';
import { readContract } from '../../../shared/contract/read-contract.ts';
import { contractOf } from './table-fixture.ts';

const read = (text: string) => readContract(text, 'contracts/c.odcs.yaml');
const refused = (text: string) => {
  try {
    read(text);
  } catch (cause) {
    return cause;
  }
  throw new Error('was accepted');
};
const head = 'apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n';

describe('what a contract says', () => {
  it('becomes flat rules with the line that each stands on', () => {
    const contract = read(`${head}schema:
  - name: t
    properties:
      - name: a
        logicalType: integer
        required: true
        logicalTypeOptions:
          maximum: 5
        quality:
          - metric: nullValues
            mustBe: 0
            severity: warning
      - name: b
        logicalType: string
        unique: true
    quality:
      - {metric: rowCount, mustBeBetween: [1, 5]}
`);
    expect(contract).toMatchObject({
      file: 'contracts/c.odcs.yaml',
      id: 'a',
      version: '1.0.0',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(contract.tables[0]?.rules.map(({ kind, line, severity }) => [kind, line, severity])).toEqual([
      ['type', 10, 'fail'],
      ['required', 11, 'fail'],
      ['range', 13, 'fail'],
      ['nulls', 15, 'warn'],
      ['type', 19, 'fail'],
      ['unique', 20, 'fail'],
      ['row-count', 22, 'fail'],
    ]);
    expect(declaredTypes(contract)).toEqual({ a: 'integer', b: 'text' });
  });

  it('is read in the spellings of v3.0, v3.1 and v3.2', () => {
    const rule = (apiVersion: string, quality: string) =>
      read(contractOf(`properties:\n  - name: v\n    quality: [${quality}]`).replace('v3.1.0', apiVersion)).tables[0]?.rules[0];
    const expected = { kind: 'duplicates', columns: ['v'], tolerance: { limit: { operator: 'mustBe', low: 0 }, unit: 'rows' } };
    expect(rule('v3.0.2', '{type: library, rule: duplicateCount, mustBe: 0}')).toMatchObject(expected);
    expect(rule('v3.1.0', '{metric: duplicateValues, mustBe: 0}')).toMatchObject(expected);
    expect(rule('v3.2.0', '{id: q1, metric: duplicateValues, mustBe: 0, unit: rows}')).toMatchObject(expected);
  });

  it('may share blocks by anchors', () => {
    const contract = read(
      contractOf('properties:\n  - {name: a, logicalTypeOptions: &amount {minimum: 0}}\n  - {name: b, logicalTypeOptions: *amount}'),
    );
    expect(contract.tables[0]?.rules).toMatchObject([
      { kind: 'range', column: 'a', minimum: 0 },
      { kind: 'range', column: 'b', minimum: 0 },
    ]);
  });

  it('treats a column named __proto__ or constructor like any other', () => {
    const contract = read(
      contractOf('properties:\n  - {name: __proto__, logicalType: integer}\n  - {name: constructor, logicalType: string}'),
    );
    expect(Object.entries(declaredTypes(contract))).toEqual([
      ['__proto__', 'integer'],
      ['constructor', 'text'],
    ]);
    expect(({} as Record<string, unknown>)['logicalType']).toBeUndefined();
  });

  it('names what it cannot check', () => {
    const rules = read(
      contractOf(
        'properties:\n  - {name: a, logicalType: array, logicalTypeOptions: {minItems: 1}, items: {logicalType: string}}\n  - {name: b, logicalType: string, logicalTypeOptions: {format: password}}',
      ),
    ).tables[0]?.rules.filter(({ kind }) => kind === 'not-checked');
    expect(rules).toMatchObject([
      { what: 'the option minItems' },
      { what: expect.stringMatching(/items/) },
      { what: 'the format password' },
    ]);
  });
});

describe('what is refused, with its line and a hint', () => {
  it.each([
    ['a misspelled key of a column', contractOf('properties:\n  - name: a\n    requierd: true'), 10, 'Did you mean required?'],
    ['a misspelled option', contractOf('properties:\n  - {name: a, logicalTypeOptions: {minimun: 1}}'), 9, 'Did you mean minimum?'],
    ['a misspelled metric', contractOf('quality: [{metric: nulValues, mustBe: 0}]'), 8, 'Did you mean nullValues?'],
    ['an unknown type', contractOf('properties:\n  - {name: a, logicalType: strng}'), 9, 'Did you mean string?'],
    ['an unknown key at the top', `${head}schemas: []\n`, 6, 'Did you mean schema?'],
    ['a flag that is text', contractOf('properties:\n  - {name: a, required: "yes"}'), 9, /true or false/],
    [
      'a bound that is text',
      contractOf('properties:\n  - {name: a, logicalType: number, logicalTypeOptions: {minimum: low}}'),
      9,
      /number/,
    ],
    [
      'a date that is none',
      contractOf('properties:\n  - {name: a, logicalType: date, logicalTypeOptions: {minimum: "2020-02-40"}}'),
      9,
      /2025-01-31/,
    ],
    ['a column twice', contractOf('properties:\n  - name: a\n  - name: a'), 10, /Keep one/],
    ['a rule without a number', contractOf('quality: [{metric: rowCount}]'), 8, /mustBe/],
    ['two conditions', contractOf('quality: [{metric: rowCount, mustBe: 1, mustNotBe: 2}]'), 8, /Keep one/],
    ['a range the wrong way round', contractOf('quality: [{metric: rowCount, mustBeBetween: [5, 1]}]'), 8, /\[0, 100\]/],
    ['a rule of a column at the table', contractOf('quality: [{metric: nullValues, mustBe: 0}]'), 8, /quality/],
    ['an unknown unit', contractOf('properties:\n  - {name: a, quality: [{metric: nullValues, mustBe: 0, unit: share}]}'), 9, /percent/],
    [
      'a value that the rule lacks',
      contractOf('properties:\n  - {name: a, quality: [{metric: invalidValues, mustBe: 0}]}'),
      9,
      /validValues/,
    ],
    [
      'a list inside a list of values',
      contractOf('properties:\n  - {name: a, quality: [{metric: invalidValues, arguments: {validValues: [[b]]}, mustBe: 0}]}'),
      9,
      /plain|List/,
    ],
    ['a version that is a number', head.replace('1.0.0', '1.0'), 4, /quotes/],
    ['a version of the standard from tomorrow', head.replace('v3.1.0', 'v4.0.0'), 1, /v3\.0 to v3\.2/],
    ['a missing status', head.replace('status: active\n', ''), 1, /Add status/],
    ['the older format', 'dataContractSpecification: 1.1.0\nid: a\n', 1, /Convert/],
    ['broken YAML', 'a: [1,\nb: 2', 2, /Correct/],
    ['a key twice', `${head}id: b\n`, 6, /repeated key/],
    ['no map at all', '- a\n- b\n', 1, /Standard/],
    ['nothing', '', 1, /Standard/],
  ])('%s', (_, text, line, hint) => {
    expect(refused(text)).toMatchObject({
      code: 'CONTRACT_INVALID',
      location: { file: 'contracts/c.odcs.yaml', line },
      hint: typeof hint === 'string' ? hint : expect.stringMatching(hint),
    });
  });
});

describe('hostile YAML', () => {
  it('cannot blow up by aliases', () => {
    const levels = 'abcdefghij'.split('').map(
      (name, level, all) =>
        `${name}: &${name} [${Array(9)
          .fill(level === 0 ? 'lol' : `*${all[level - 1]}`)
          .join(', ')}]`,
    );
    expect(refused(`${head}customProperties:\n${levels.map((level) => `  ${level}\n`).join('')}`)).toMatchObject({
      code: 'CONTRACT_INVALID',
      message: expect.stringMatching(/aliases/),
    });
  });

  it('cannot blow up by depth or size', () => {
    expect(refused('['.repeat(100_000))).toMatchObject({ code: 'CONTRACT_INVALID' });
    expect(refused(`# ${'x'.repeat(2_100_000)}\n`)).toMatchObject({ code: 'CONTRACT_INVALID', message: expect.stringMatching(/2 MB/) });
  });

  it('cannot make objects of its own', () => {
    expect(refused(`${head}schema: !!js/function 'x'\n`)).toMatchObject({ code: 'CONTRACT_INVALID' });
    expect(refused(`__proto__: {polluted: true}\n${head}`)).toMatchObject({ code: 'CONTRACT_INVALID' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('which table', () => {
  const two = read(`${head}schema: [{name: a, physicalName: a_1, properties: [{name: x, logicalType: integer}]}, {name: b}]\n`);
  it('is the only one, or the one named', () => {
    expect(pickTable(two, 'b').name).toBe('b');
    expect(pickTable(two, 'a_1').name).toBe('a');
    expect(declaredTypes(two, 'a')).toEqual({ x: 'integer' });
    expect(declaredTypes(two)).toEqual({});
    expect(() => pickTable(two)).toThrow(/2 tables: a, b/);
    expect(() => pickTable(two, 'c')).toThrow(/no table c/);
    expect(() => pickTable(read(head))).toThrow(/no table/);
  });
});
