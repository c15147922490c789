import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../shared/config/json-schema.ts';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { config, loadText } from './config-text.ts';

const root = join(import.meta.dirname, '../../..');
const published = join(root, 'schema/weighin.schema.json');
const validator = async () =>
  new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(JSON.parse(await readFile(published, 'utf8')));

/** `npx vitest run test/unit/config/json-schema.test.ts -u` writes it anew. */
it('is published as the reader has it', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(published);
});

it('takes every config that the repository shows', async () => {
  const validate = await validator();
  const examples = await readdir(join(root, 'examples'), { recursive: true }).catch(() => []);
  const files = [
    ...['whole.yaml', 'smallest.yaml'].map((name) => join(import.meta.dirname, 'data', name)),
    ...examples
      .filter((name) => /(?:^|\/)weighin\.yaml$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(root, 'examples', name)),
  ];
  for (const file of files) {
    const valid = validate(parse(await readFile(file, 'utf8')));
    expect(validate.errors ?? [], file).toEqual([]);
    expect(valid, file).toBe(true);
    expect(Object.keys((await loadConfig(file, { root })).config.models), file).not.toEqual([]);
  }
});

it.each([
  ['right', config(), true],
  ['grouped rows', config({ evaluation: '{maxRows: 1_000, gates: [{metric: a, min: 0}]}' }), true],
  ['an unknown key', config({ traning: '{}' }), false],
  ['a wrong task', config({ task: 'binry' }), false],
  ['no gates', config({ evaluation: '{gates: []}' }), false],
  ['a bad name', config().replace('churn:', 'Churn:'), false],
  ['a bad duration', config({ training: '{command: a, timeout: 1 year}' }), false],
  ['no version', config().replace('version: 1\n', ''), false],
])('agrees with the reader: %s', async (_, text, right) => {
  const validate = await validator();
  expect(validate(parse(text))).toBe(right);
  expect(
    await loadText(text).then(
      () => true,
      () => false,
    ),
  ).toBe(right);
});
