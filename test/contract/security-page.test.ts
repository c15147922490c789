import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const rows = [...page.matchAll(/^\| [^|]+ \| [^|]+ \| `(test\/[\w./-]+)`: ([^|]+) \|$/gm)].map(([, file = '', title = '']) => ({
  file,
  title,
}));

it('names for every attack a test that is there', () => {
  const attacks = page.split('## Attacks')[1]?.match(/^\| (?!attack|:--)/gm) ?? [];
  expect(rows.length).toBe(attacks.length);
  expect(rows.length).toBeGreaterThan(15);
  const missing = rows.filter(
    ({ file, title }) => !existsSync(join(root, file)) || !readFileSync(join(root, file), 'utf8').includes(title.trim()),
  );
  expect(missing).toEqual([]);
});
