import { UserError } from '../../shared/errors.ts';
import { formatMany } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'plan',
  summary: 'Check the configuration and list the models that a change reaches',
  description: [
    'Reads weighin.yaml with everything that it includes, and names every mistake in it by file, line and column. Then compares the work tree with where it left the base, and lists the models whose code, data, contract or configuration differ.',
    "Trains nothing and reads no data. Where Git can't say what changed, every model is listed.",
  ],
  options: {
    base: {
      description: "What to compare with: a branch, tag or commit. The pull request's base in Actions, else the default branch of origin.",
      placeholder: 'REF',
    },
  },
  examples: [
    { command: 'weighin plan', does: 'what `weighin run` would weigh now' },
    {
      command: 'weighin plan --base origin/main --json',
      does: 'the same for scripts: {base, changed, affected, models: [{model, affected, reasons}]}',
    },
  ],
  exits: { 0: 'the configuration is right, whatever it reaches' },
} as const satisfies CommandSpec;

export async function run({ base }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ loadConfig }, { planModels }, { checkPolicies }, { checkFreezes }] = await Promise.all([
    import('../../shared/config/load-config.ts'),
    import('../../shared/config/plan.ts'),
    import('../../shared/gate/check-policies.ts'),
    import('../../shared/promotion/freeze-windows.ts'),
  ]);
  const loaded = await loadConfig(io.configFile, { root: io.cwd });
  checkPolicies(loaded);
  checkFreezes(loaded.config);
  const change = await findChange(base, io);
  const models = planModels(loaded, change?.files ?? null);
  const affected = models.filter((planned) => planned.affected).map(({ model }) => model);

  await io.writeJson({
    config: { file: loaded.file, files: loaded.files, mode: loaded.config.mode, policy: loaded.digest },
    base: change?.base ?? null,
    changed: change?.files ?? null,
    affected,
    models,
    notices: loaded.notices.map(({ code, message, location }) => ({ code, message, location })),
    blocked: loaded.blocked.map(({ code, model, message, location }) => ({ code, model: model ?? null, message, location })),
  });

  const { bold, dim, green, yellow } = io.colors;
  const width = Math.max(...models.map(({ model }) => model.length));
  const since = change
    ? `since ${change.base.slice(0, 7)}, ${formatMany(change.files.length, 'changed file')}`
    : "Git can't say what changed";
  io.print(
    `${bold(loaded.file)} is right: ${models.length === 1 ? 'one model' : `${models.length} models`}, mode ${loaded.config.mode}  ${dim(`(${since})`)}`,
  );
  for (const { model, affected: reached, reasons } of models) {
    const [first = 'nothing of it changed', ...others] = reasons.map(visibleText);
    io.print(`  ${reached ? green('●') : dim('○')} ${model.padEnd(width)}  ${reached ? first : dim(first)}`);
    for (const reason of others) io.print(`    ${' '.repeat(width)}  ${reason}`);
  }
  for (const { message, location } of loaded.blocked) io.print(`${yellow('not run yet')} ${location.file}:${location.line} ${message}`);
  if (loaded.notices.length > 0)
    io.print(dim(`${waiting(loaded.notices.length)}: ${[...new Set(loaded.notices.map(({ path }) => String(path.at(-1))))].join(', ')}`));
  if (affected.length === 0) io.print('Nothing to weigh.');
  return 0;
}

const waiting = (count: number) =>
  `${count} ${count === 1 ? 'key waits' : 'keys wait'} for a later version and ${count === 1 ? 'changes' : 'change'} nothing yet`;

/** Null where it isn't known what changed: outside Git, or without a base that was asked for. */
async function findChange(base: string | undefined, io: CommandIo) {
  const [{ readChangedFiles }, { askGitOrNull }, { findTop }] = await Promise.all([
    import('../../shared/adapters/git/read-changed-files.ts'),
    import('../../shared/adapters/git/run-git.ts'),
    import('../../shared/adapters/git/read-git.ts'),
  ]);
  if (base !== undefined) {
    const change = await readChangedFiles(io.cwd, base);
    if (!change)
      throw new UserError(
        'NOT_A_REPOSITORY',
        'There is no Git repository here, so there is no base to compare with.',
        'Leave --base out: every model is listed.',
      );
    return change;
  }
  if ((await findTop(io.cwd)) === null) return null;
  const pull = io.env['GITHUB_BASE_REF'];
  const usual = pull ? `origin/${pull}` : await askGitOrNull(io.cwd, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  const candidates = usual ? [usual] : ['origin/main', 'origin/master', 'main', 'master'];
  for (const candidate of candidates) {
    const change = await readChangedFiles(io.cwd, candidate).catch((error: unknown) => {
      if (error instanceof UserError && error.code === 'BASE_NOT_FOUND') return null;
      throw error;
    });
    if (change) return change;
  }
  if (usual)
    io.progress.warn(`${usual} is not in this clone, so every model is listed. In Actions set fetch-depth: 0 on actions/checkout.`);
  return null;
}
