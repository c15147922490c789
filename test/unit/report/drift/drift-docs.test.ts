import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultDriftSettings } from '../../../../shared/drift/drift-settings.ts';
import { namedMethods } from '../../../../shared/drift/methods/named-methods.ts';
import { formatFixed, formatPercent } from '../../../../shared/words/format-number.ts';

const file = join(import.meta.dirname, '../../../../docs/drift.md');
const marks = /(<!-- methods: [^\n]* -->\n)[\s\S]*(<!-- \/methods -->)/;

const words = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const;

const table = () => [
  '| `--method` | for | score | drifts where | what it is |',
  '|:--|:--|:--|:--|:--|',
  ...namedMethods.map(({ name, numeric, categories, score, threshold, drifts, description }) => {
    const kinds = [numeric ? 'numbers' : '', categories ? 'categories' : ''].filter(Boolean).join(', ');
    return `| \`${name}\` | ${kinds} | ${score} | ${threshold === null ? 'you give a limit' : `${words[drifts]} ${formatFixed(threshold, 2)}`} | ${description.replaceAll('|', '\\|')} |`;
  }),
];

it('lists every method as the code has it (write it anew with --update)', async () => {
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(marks);
  await expect(text.replace(marks, (_, open: string, close: string) => `${open}${table().join('\n')}\n${close}`)).toMatchFileSnapshot(file);
});

it('names the limits that hold by default', async () => {
  const text = await readFile(file, 'utf8');
  const { shift, alarm, alpha, agree } = defaultDriftSettings;
  const whole = (share: number) => formatPercent(share).replace('.0 ', ' ');
  expect(text).toContain(`of at least ${whole(shift)} of the rows`);
  expect(text).toContain(`of at least ${whole(alarm)} of the rows; on a schedule in ${agree.k} of the last ${agree.m} windows`);
  expect(text).toContain(`Below ${formatFixed(alpha, 2)} a change counts as shown`);
});
