import type { ActionSpec } from '../shared/spec/action-spec.ts';

/** The README's table of actions, between `<!-- actions:begin -->` and `<!-- actions:end -->`: what each is for, takes and gives. */
export function readmeTable(specs: readonly ActionSpec[]): string {
  const rows = specs.map(({ name, summary, inputs, outputs }) => [
    name === 'weighin' ? '`weighin/weighin@v0` (the whole)' : `\`weighin/weighin/actions/${name}@v0\``,
    cell(summary),
    Object.entries(inputs)
      .map(([input, { default: fallback }]) => `\`${input}${fallback === undefined || fallback === '' ? '' : `: ${fallback}`}\``)
      .join(' '),
    Object.keys(outputs)
      .map((output) => `\`${output}\``)
      .join(' '),
  ]);
  return [['action', 'what it does', 'inputs, with defaults', 'outputs'], [':--', ':--', ':--', ':--'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');
