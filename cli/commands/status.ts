import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { minute, printSource, stagesOf, withPromotions } from '../open-promotions.ts';

export const command = {
  name: 'status',
  summary: 'Show what every stage runs, what is on its way there, and what holds it',
  description: [
    'Reads registry/ of the default branch and the branch weighin/state, as this clone fetched them last. Approvals and checks are on GitHub: `/weighin status` in a comment asks there.',
  ],
  positionals: [{ name: 'model', description: 'Name; all models by default.' }],
  options: {},
  examples: [
    { command: 'weighin status', does: 'all models and stages' },
    { command: 'weighin status churn --json', does: 'one model, for a script' },
  ],
  exits: { 0: 'told, also where nothing was promoted yet' },
} as const satisfies CommandSpec;

export async function run({ model }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ stageStanding }, { visibleText }] = await Promise.all([
    import('../../shared/promotion/stage-standing.ts'),
    import('../../shared/words/visible-text.ts'),
  ]);
  return withPromotions(model, io, async (opened) => {
    const { files, config, now } = opened;
    const pairs = opened.models.flatMap((name) => stagesOf(opened, name).map((stage) => ({ name, stage })));
    const stages = [];
    for (const { name, stage } of pairs) stages.push(stageStanding(await files.stage(name, stage), config, now));
    await io.writeJson({ main: { ref: files.mainRef, commit: files.mainCommit }, state: files.stateRef, stages });
    const { bold, dim, green, yellow } = io.colors;
    const width = Math.max(0, ...stages.map(({ model: name, stage }) => name.length + stage.length + 1));
    for (const { model: name, stage, version, since, phase, candidate, holds, open } of stages) {
      const moving = candidate ? yellow(`  v${candidate.number} ${phase}`) : phase === 'rolled-back' ? yellow('  rolled back') : '';
      const what = version
        ? `${green(`v${version.number}`)}${since ? dim(` since ${minute(since)}`) : ''}${moving}`
        : dim('nothing promoted yet');
      io.print(`${bold(`${name} ${stage}`.padEnd(width))}  ${what}`);
      for (const { reason, by, until } of holds)
        io.print(`  ${yellow('held')} by @${visibleText(by.login)}${until ? ` until ${minute(until)}` : ''}: ${visibleText(reason)}`);
      if (!open) continue;
      const pull = open.pull === null ? 'no pull request yet' : `pull request #${open.pull}`;
      io.print(
        `  v${open.version} is on its way: ${pull}, asked for by @${visibleText(open.requestedBy.login)} on ${minute(open.requestedAt)}`,
      );
      for (const { code, message } of open.unmet) io.print(`    ${yellow(code)} ${visibleText(message)}`);
    }
    if (stages.length === 0) io.print('No model declares a stage yet: add `stages: {production: {approvals: 1}}` to one.');
    else if (stages.every(({ version, open }) => !version && !open)) io.print('Nothing promoted yet.');
    printSource(opened, io);
    return 0;
  });
}
