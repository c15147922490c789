import { worstVerdict } from '../../shared/verdict/verdict.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { runOptions, withContext } from '../run-options.ts';

export const command = {
  name: 'run',
  summary: 'Weigh models: data, training, evaluation against production, report',
  description: [
    'For every model: judges the data by its contract, builds the dataset, runs your tests, trains, scores candidate and production on the same rows, judges the gates, and leaves the report.',
    'It leaves report.json, report.html, MODEL_CARD.md, junit.xml and comment.md under .weighin/runs/MODEL/. Data that breaks its contract stops a run before training. A model of which nothing changed is one line.',
  ],
  positionals: [{ name: 'models', description: 'Names; all that the change affects, or all, where none is given.', many: true }],
  options: {
    ...runOptions,
    base: { description: 'Weigh only the models that differ from this branch, tag or commit.', placeholder: 'REF' },
    force: { description: 'Run even if nothing changed.', kind: 'flag' },
  },
  examples: [
    { command: 'weighin run', does: 'weighs every model of weighin.yaml' },
    { command: 'weighin run churn --as-of 2025-01-31', does: 'the same dataset as on that day' },
    { command: 'weighin run --base origin/main --json out.json', does: 'what a pull request does' },
  ],
} as const satisfies CommandSpec;

export async function run({ models, base, force, ...args }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ affectedModels }, { runModel }, { renderTerminal }, { runFolder }] = await Promise.all([
    import('../../shared/pipeline/affected-models.ts'),
    import('../../shared/pipeline/run-model.ts'),
    import('../../shared/report/terminal/render-terminal.ts'),
    import('../../shared/pipeline/run-folder.ts'),
  ]);
  return withContext(args, io, async (context) => {
    const all = Object.keys(context.config.config.models);
    const affected = models.length > 0 ? models : await affectedModels(context, base ?? null);
    const untouched = models.length > 0 ? [] : all.filter((name) => !affected.includes(name));
    for (const name of untouched) io.print(`${io.colors.green('✓')} ${name}: no changes`);
    const reports = [];
    for (const name of affected) {
      const report = await runModel(context, name, { force });
      reports.push(report);
      const { path: folder } = runFolder(context.output, name);
      io.print(renderTerminal(report, { color: io.colors.isColorSupported, width: io.columns, folder, cwd: io.cwd }));
    }
    await io.writeJson({
      verdict: worstVerdict(reports.map((report) => report.verdict)),
      blocks: reports.some((report) => report.blocks),
      models: reports,
      unchanged: untouched,
    });
    return reports.some((report) => report.blocks) ? 1 : 0;
  });
}
