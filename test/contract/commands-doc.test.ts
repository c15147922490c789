import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { usageOf } from '../../bot/commands/command-spec.ts';
import { commandTable, sharedCodes } from '../../bot/commands/command-table.ts';
import { commandsDoc } from '../../bot/commands/commands-doc.ts';
import { grammarText } from '../../bot/commands/grammar.ts';
import { parseComment } from '../../bot/commands/parse-comment.ts';

it('keeps docs/commands.md what the table says', async () => {
  await expect(commandsDoc()).toMatchFileSnapshot('../../docs/commands.md');
});

it('has exactly the commands and usages of the design', () => {
  expect(commandTable.map((spec) => usageOf(spec))).toEqual([
    '/promote <model>@<version> [to] <stage> [--dry-run] [--reason "…"]',
    '/rollback <model> <stage> [to <version>] [--dry-run] [--reason "…"]',
    '/canary <model> <stage> pause|resume|promote|abort|set <percent>',
    '/drift <model> [--window <duration>]',
    '/diff <model> [<version> <version>]',
    '/why',
    '/weighin help [<command>]',
    '/weighin status [<model>]',
    '/weighin run',
    '/weighin hold <model> [<stage>] --reason "…" [--until <time>]',
    '/weighin unhold <model> [<stage>]',
    '/weighin override <gate> --reason "…"',
    '/weighin retry <gate>',
    '/weighin cancel',
  ]);
});

it.each(commandTable.flatMap((spec) => spec.examples.map((example) => [example, spec] as const)))(
  '%s is read as it says',
  (example, spec) => {
    const { lines, mistakes } = parseComment(example, { verbs: 'standalone' });
    expect(mistakes).toEqual([]);
    expect(lines.map(({ command }) => command.name)).toEqual([spec.name]);
    expect(parseComment(example.replace(/^\/(?:weighin )?/, '/weighin '), { verbs: 'prefixed' }).lines[0]?.command).toEqual(
      lines[0]?.command,
    );
    const stray = parseComment(example.replace(/^\/(?:weighin )?/, '/'), { verbs: 'standalone' });
    expect(stray.lines.length + stray.mistakes.length).toBe(spec.alone ? 1 : 0);
  },
);

it('publishes a grammar that names every word it uses', () => {
  const rules = grammarText().split('\n');
  const defined = new Set(rules.map((rule) => rule.split('=')[0]?.trim()));
  const used = rules.flatMap(
    (rule) =>
      rule
        .slice(rule.indexOf('='))
        .replace(/"[^"]*"|'[^']*'|\(\*.*?\*\)/g, '')
        .match(/[a-z][a-z-]*/g) ?? [],
  );
  const terminals = ['number', 'plain', 'text', 'date', 'clock', 'offset'];
  expect(used.filter((word) => !defined.has(word) && !terminals.includes(word))).toEqual([]);
});

it('gives every answer a code of its own and something to do', () => {
  for (const spec of commandTable) {
    const codes = spec.codes.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, says, next } of spec.codes) {
      expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
      expect(says).toMatch(/\.$/);
      expect(next).toMatch(/[.?]$/);
    }
  }
});

/** Where answers to commands are made. */
const root = join(import.meta.dirname, '..', '..');
const folders = ['bot/commands', 'bot/promotions'].flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.ts') ? [`${folder}/${name}`] : [])),
);
const rules = ['request-promotion', 'roll-back', 'place-hold', 'lift-hold'].map((name) => `shared/promotion/${name}.ts`);

it('explains every code that answers a command', () => {
  const known = new Set([...sharedCodes, ...commandTable.flatMap(({ codes }) => codes)].map(({ code }) => code));
  const made = [...folders, ...rules].flatMap((file) =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /(?:say\(\s*'[a-z]+',\s*|refuse\(\s*|wrong\(\s*|UserError\(\s*|\bcode: )'([A-Z]+(?:_[A-Z]+)*)'/g,
      ),
    ].map(([, code = '']) => ({ file, code })),
  );
  expect(made.length).toBeGreaterThan(40);
  expect(made.filter(({ code }) => !known.has(code)).map(({ file, code }) => `${file}: ${code}`)).toEqual([]);
});
