import type { ActionSpec } from '../shared/spec/action-spec.ts';

/** The README's part between `<!-- actions:begin -->` and `<!-- actions:end -->`: what each action does and gives, and every input once. */
export function readmeTable(specs: readonly ActionSpec[]): string {
  const actions = specs.map(({ name, summary, outputs }) => [address(name), summary, Object.keys(outputs).map(code).join(', ')]);
  const inputs = new Map<string, { readonly cells: readonly string[]; readonly of: string[] }>();
  for (const { name, inputs: own } of specs)
    for (const [input, { description, default: fallback }] of Object.entries(own)) {
      const cells = [code(input), fallback ? code(fallback) : '', description];
      const known = inputs.get(cells.join('\n'));
      if (known) known.of.push(name);
      else inputs.set(cells.join('\n'), { cells, of: [name] });
    }
  // The same name next to itself, in the order in which names first come.
  const order = [...new Set([...inputs.values()].map(({ cells: [name] }) => name))];
  const rows = [...inputs.values()]
    .sort((a, b) => order.indexOf(a.cells[0]) - order.indexOf(b.cells[0]))
    .map(({ cells, of }) => [...cells, of.length === specs.length ? 'all' : of.join(', ')]);
  return [table(['action', 'what it does', 'outputs'], actions), table(['input', 'default', 'what it says', 'of'], rows)].join('\n\n');
}

const address = (name: string) => code(name === 'weighin' ? 'weighin/weighin@v0' : `weighin/weighin/actions/${name}@v0`);
const code = (text: string) => `\`${text}\``;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => ':--'), ...rows].map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
