import type { ContractResult } from '../shared/contract/contract-result.ts';
import { formatMany } from '../shared/words/format-number.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo } from './command.ts';

/** The verdict first, then what failed and what warned, with its place in the contract. */
export function printChecks(result: ContractResult, what: string, { colors, print }: Pick<CommandIo, 'colors' | 'print'>): void {
  const { checks, verdict } = result;
  const broken = checks.filter(({ status }) => status !== 'pass');
  const mark = verdict === 'pass' ? colors.green('✓') : verdict === 'warn' ? colors.yellow('!') : colors.red('✕');
  const passed = checks.length - broken.length;
  print(`${mark} ${colors.bold(visibleText(what))}: ${verdict}. ${passed} of ${formatMany(checks.length, 'rule')} hold`);
  for (const { status, message, location, values } of broken) {
    print(`  ${status === 'warn' ? colors.yellow('! warn') : colors.red(`✕ ${status}`)}  ${visibleText(message)}`);
    if (values && values.length > 0) print(`          ${colors.dim(values.map(visibleText).join(', '))}`);
    if (location) print(`          ${colors.dim(`${location.file}:${location.line}`)}`);
  }
}
