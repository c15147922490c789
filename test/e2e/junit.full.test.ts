import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { renderJunit } from '../../shared/report/render-junit.ts';
import { failedTest, failedTraining, fixtures, hostile } from '../support/reports/reports.ts';

/** The schema lies beside the checkout, with the other specifications; it is not ours to ship. */
const specs = process.env['WEIGHIN_SPECS'] ?? join(import.meta.dirname, '../../../shared/reference/specs');
const schema = readFileSync(join(specs, 'junit/JUnit.xsd'), 'utf8');
const validate = (xml: string) => validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] });

it.each(Object.entries({ ...fixtures, failedTest, failedTraining, hostile }))(
  'the JUnit file of "%s" is what readers of JUnit expect',
  async (_, build) => {
    const { valid, errors } = await validate(renderJunit(build()));
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect(valid).toBe(true);
  },
);

it('a file without a suite’s name is refused, so the schema is really asked', async () => {
  const { valid } = await validate(renderJunit(fixtures.worse()).replace(' name="gates"', ''));
  expect(valid).toBe(false);
});
