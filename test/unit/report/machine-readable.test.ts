import { createHash } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { annotations } from '../../../shared/report/annotations.ts';
import { canonicalReport, decisionDigest } from '../../../shared/report/canonical-report.ts';
import { reportSchemaText } from '../../../shared/report/json-schema.ts';
import { renderJunit } from '../../../shared/report/render-junit.ts';
import { reportSchema } from '../../../shared/report/report.ts';
import { better, broken, failedTest, fixtures, hostile, huge, warned, worse } from '../../support/reports/reports.ts';

describe('report.json', () => {
  it('is canonical: sorted keys, no blanks, and a digest of exactly these bytes', () => {
    const { bytes, digest } = canonicalReport(worse());
    const text = new TextDecoder().decode(bytes);
    expect(text.startsWith('{"blocks":true,"card":{"file":"MODEL_CARD.md","missing":[]},"contract":{"checks":')).toBe(true);
    expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(reportSchema.parse(JSON.parse(text))).toEqual(worse());
  });

  it('has the same bytes whatever the order of its keys', () => {
    const report = worse();
    const reversed = Object.fromEntries(Object.entries(report).reverse());
    expect(canonicalReport(reversed as typeof report).digest).toBe(canonicalReport(report).digest);
  });

  it('refuses numbers that JSON has not', () => {
    expect(() => canonicalReport({ ...worse(), runtime: { ...worse().runtime, seconds: Number.NaN } })).toThrow();
  });

  it('has the published schema that the code validates with (write it anew with --update=all)', async () => {
    await expect(reportSchemaText()).toMatchFileSnapshot('../../../schema/report.schema.json');
  });
});

describe('the decision digest', () => {
  const report = worse();
  const digest = decisionDigest(report);

  it('forgets machine, time and measured figures', () => {
    const elsewhere = {
      ...report,
      createdAt: '2027-01-01T00:00:00.000Z',
      runtime: { ...report.runtime, seconds: 1, platform: 'darwin-arm64' },
      training: report.training && { ...report.training, seconds: 1, environment: {} },
      gates: report.gates.map((gate) =>
        gate.unit === 'ms' ? { ...gate, status: 'pass' as const } : { ...gate, estimate: 0.1, value: 0.2, message: '' },
      ),
    };
    expect(decisionDigest(elsewhere)).toBe(digest);
  });

  it.each([
    ['a gate’s status', { gates: report.gates.map((gate, index) => (index === 1 ? { ...gate, status: 'fail' as const } : gate)) }],
    ['a gate’s limit', { gates: report.gates.map((gate, index) => (index === 1 ? { ...gate, limit: 0.81 } : gate)) }],
    ['the policy', { policy: { ...report.policy, digest: `sha256:${'0'.repeat(64)}` } }],
    [
      'the candidate',
      { training: report.training && { ...report.training, model: { ...report.training.model, digest: `sha256:${'1'.repeat(64)}` } } },
    ],
    ['the dataset', { dataset: report.dataset && { ...report.dataset, version: `sha256:${'2'.repeat(64)}` } }],
    [
      'the test rows',
      {
        dataset: report.dataset && {
          ...report.dataset,
          splits: { ...report.dataset.splits, test: { ...report.dataset.splits.test, rowIds: `sha256:${'3'.repeat(64)}` } },
        },
      },
    ],
    ['the model’s name', { model: 'other' }],
  ])('changes with %s', (_, change) => {
    expect(decisionDigest({ ...report, ...change })).not.toBe(digest);
  });
});

describe('JUnit', () => {
  const parse = (xml: string) =>
    new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => name === 'testcase' }).parse(xml);

  it.each(Object.entries({ ...fixtures, failedTest, hostile }))('is well-formed: %s', (_, build) => {
    expect(XMLValidator.validate(renderJunit(build()))).toBe(true);
  });

  it('has a suite each for contract, tests and gates, with counts that hold', () => {
    const suites = parse(renderJunit(broken())).testsuites.testsuite;
    expect(suites.map(({ name, tests, failures, errors }: Record<string, string>) => [name, tests, failures, errors])).toEqual([
      ['contract', '5', '3', '0'],
      ['tests', '0', '0', '0'],
      ['gates', '1', '1', '0'],
    ]);
    expect(suites[0].testcase[1]).toMatchObject({
      name: 'age type',
      failure: { message: 'age is text in 3 rows, not integer', type: 'type' },
    });
  });

  it('counts a warning as passed', () => {
    const [, , gates] = parse(renderJunit(warned())).testsuites.testsuite;
    expect(gates.failures).toBe('0');
  });
});

describe('annotations', () => {
  it('stand at the rule’s line, with the rows to look at', () => {
    expect(annotations(broken())).toContainEqual({
      level: 'error',
      file: 'contracts/customers.odcs.yaml',
      line: 31,
      title: 'churn: age breaks type',
      message: 'age is text in 3 rows, not integer. Rows to look at: 88, 1204, 90011.',
    });
  });

  it('are errors only where the verdict blocks', () => {
    expect(annotations(worse()).map(({ level }) => level)).toEqual(['error', 'warning']);
    expect(annotations({ ...worse(), blocks: false }).map(({ level }) => level)).toEqual(['warning', 'warning']);
    expect(annotations(better())).toEqual([]);
  });

  it('are fifty at most, the last one telling of the rest', () => {
    const found = annotations(huge());
    expect(found).toHaveLength(50);
    expect(found.at(-1)?.message).toBe('9951 more findings are in the report.');
  });

  it('hold no character that cannot be seen', () => {
    expect(JSON.stringify(annotations(hostile()))).not.toMatch(/\p{Cf}|\\u0007|\\n/u);
  });
});
