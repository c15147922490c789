import type { StageChange } from '../shared/registry/write-promotion.ts';
import type { CommandIo } from './command.ts';

/** What a promotion or an adoption wrote, and what to do with it. */
export function printStageChange(change: StageChange, { colors, print }: Pick<CommandIo, 'colors' | 'print'>): void {
  const { model, stage, generation, version, previous } = change.document;
  for (const notice of change.notices) print(`${colors.dim(notice.code)} ${notice.message}`);
  if (!change.changed) return;
  print(
    `${colors.green('✓')} ${colors.bold(`${model} ${stage}`)}: ${previous ? `v${previous.number} → ` : ''}v${version.number} (generation ${generation})`,
  );
  for (const file of change.files) print(`  ${file}`);
  print(colors.dim('Commit these files and open a pull request: its merge is the promotion.'));
}
