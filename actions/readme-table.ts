import type { ActionSpec } from '../shared/spec/action-spec.ts';

/** The README's part between `<!-- actions:begin -->` and `<!-- actions:end -->`: what each action does and gives, and every input once. */
export function readmeTable(specs: readonly ActionSpec[]): string {
  const actions = specs.map(({ name, summary, outputs }) => [address(name), summary, Object.keys(outputs).map(code).join(', ')]);
  const inputs = new Map<string, { readonly description: string; readonly fallback: string | undefined; readonly of: string[] }>();
  for (const { name, inputs: own } of specs)
    for (const [input, { description, default: fallback }] of Object.entries(own)) {
      const known = inputs.get(input);
      if (known) known.of.push(name);
      else inputs.set(input, { description, fallback, of: [name] });
    }
  const rows = [...inputs].map(([input, { description, fallback, of }]) => [
    code(input),
    fallback ? code(fallback) : '',
    description,
    of.length === specs.length ? 'all' : of.join(', '),
  ]);
  return [table(['action', 'what it does', 'outputs'], actions), table(['input', 'default', 'what it says', 'of'], rows)].join('\n\n');
}

const address = (name: string) => code(name === 'weighin' ? 'weighin/weighin@v0' : `weighin/weighin/actions/${name}@v0`);
const code = (text: string) => `\`${text}\``;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => ':--'), ...rows].map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
