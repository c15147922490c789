import type { Config } from '../../shared/config/schema.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { printSource, stagesOf, withPromotions } from '../open-promotions.ts';

export const command = {
  name: 'audit',
  summary: 'Prove the history of promotions: plans, events, and who approved',
  description: [
    'Holds every stage file against its plan and record, every line of events against the one before, and every start against the approvals of its plan by the policy of its commit. From Git alone.',
  ],
  positionals: [{ name: 'model', description: 'Name; all models by default.' }],
  options: {},
  examples: [{ command: 'weighin audit churn', does: 'every stage of churn' }],
  exits: { 0: 'everything fits', 1: 'something is not what it says' },
} as const satisfies CommandSpec;

export async function run({ model }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ auditStage }, { configOfCommit }, { visibleText }] = await Promise.all([
    import('../../shared/promotion/audit.ts'),
    import('../../shared/adapters/git/config-of-commit.ts'),
    import('../../shared/words/visible-text.ts'),
  ]);
  return withPromotions(model, io, async (opened) => {
    const { files, configFile } = opened;
    const configs = new Map<string, Config | null>();
    const audits = [];
    for (const name of opened.models)
      for (const stage of stagesOf(opened, name)) {
        const found = await files.stage(name, stage);
        for (const { oid } of found.commits) if (!configs.has(oid)) configs.set(oid, await configOfCommit(files, oid, configFile));
        audits.push({ model: name, stage, ...auditStage(found, (commit) => configs.get(commit) ?? null) });
      }
    const broken = audits.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'broken').length;
    await io.writeJson({
      main: { ref: files.mainRef, commit: files.mainCommit },
      state: files.stateRef,
      whole: broken === 0,
      stages: audits,
    });
    const { bold, dim, green, red } = io.colors;
    for (const { model: name, stage, findings, generations, events, approvals } of audits) {
      if (generations === 0 && events === 0 && findings.length === 0) continue;
      const fails = findings.some(({ severity }) => severity === 'broken');
      io.print(
        `${fails ? red('✗') : green('✓')} ${bold(`${name} ${stage}`)}: ${count(generations, 'generation')}, ${count(events, 'event')}, ${count(approvals, 'approval')}`,
      );
      for (const { severity, code, message, file } of findings)
        io.print(`  ${severity === 'broken' ? red(code) : dim(code)} ${visibleText(message)}${file ? dim(` ${file}`) : ''}`);
    }
    if (audits.every(({ generations, events }) => generations === 0 && events === 0)) io.print('Nothing promoted yet.');
    printSource(opened, io);
    return broken === 0 ? 0 : 1;
  });
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
