import { UserError } from '../../shared/errors.ts';
import { formatCount, formatMany, formatPercent } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'ab',
  summary: 'Plan an A/B test, analyse one from its counts, tell which arm a user is in',
  description: [
    '`weighin ab plan` says how many users an experiment needs and for how many days, in whole weeks. `weighin ab analyse FILE` judges recorded counts: day by day with the error of the looks accounted for, sample-ratio mismatch first, guardrails beside it, and says promote or keep.',
    '`weighin ab assign USER…` prints the arm of users by the published function: half and half `int(md5(user_id), 16) % 2 == 0` is control; with --salt and --shares any split, another one for each experiment. examples/ab-assignment has it in Python.',
    'The counts are JSON: {"name": …, "arms": [{"name": "control", "share": 0.5}, …], "plan": {"units": 7682, "days": 14}, "metric": {"name": "converted"}, "looks": [{"day": 1, "arms": {"control": {"units": 500, "metrics": {"converted": 24}}, …}}, …]}; schema/experiment.schema.json says all of it.',
  ],
  positionals: [
    { name: 'action', description: '`plan`, `analyse`, `assign`.', required: true },
    { name: 'what', description: 'A file to analyse; users to assign.', many: true },
  ],
  options: {
    rate: { description: "plan: control's rate, a share.", kind: 'number', placeholder: 'SHARE' },
    effect: {
      description: 'plan: the smallest difference worth finding, absolute: 0.01 is a point.',
      kind: 'number',
      placeholder: 'DIFFERENCE',
    },
    'units-per-day': { description: 'plan: users a day, all arms together.', kind: 'number', placeholder: 'N' },
    shares: { description: 'plan, assign: shares of the arms, control first.', placeholder: 'SHARE,…' },
    alpha: { description: 'plan: two-sided.', kind: 'number', default: '0.05' },
    power: { description: 'plan: the chance to find the effect.', kind: 'number', default: '0.8' },
    rule: { description: 'plan: sequential (daily looks) or fixed (one at the end).', default: 'sequential' },
    salt: { description: 'assign: of this experiment. Without one, half and half.', placeholder: 'TEXT' },
    markdown: { description: 'analyse: write the comment, Markdown.', kind: 'path', placeholder: 'FILE' },
  },
  examples: [
    { command: 'weighin ab plan --rate 0.1 --effect 0.02 --units-per-day 1000', does: 'users and days' },
    { command: 'weighin ab analyse experiment.json --markdown comment.md', does: 'promote or keep' },
    { command: 'weighin ab assign alice bob', does: 'control, control' },
    { command: 'weighin ab assign alice --salt checkout-2 --shares 0.9,0.1', does: 'a tenth gets the treatment' },
  ],
  exits: { 0: 'planned, analysed or assigned; keep is an answer too' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  switch (args.action) {
    case 'plan':
      return plan(args, io);
    case 'analyse':
      return analyse(args, io);
    case 'assign':
      return assign(args, io);
    default:
      throw new UserError(
        'ACTION_UNKNOWN',
        `\`weighin ab ${visibleText(args.action)}\` is nothing it knows.`,
        'Write `weighin ab plan`, `weighin ab analyse FILE` or `weighin ab assign USER…`.',
      );
  }
}

async function plan(args: Args, io: CommandIo): Promise<ExitCode> {
  if (args.what.length > 0)
    throw new UserError(
      'ARGUMENT_UNKNOWN',
      `\`weighin ab plan\` takes no ${visibleText(args.what[0]!)}.`,
      'Numbers go with options: `weighin ab plan --rate 0.1 --effect 0.02 --units-per-day 1000`.',
    );
  const { planExperiment } = await import('../../shared/rollout/ab/plan-experiment.ts');
  const { rate, effect, alpha, power, rule } = args;
  const unitsPerDay = args['units-per-day'];
  if (rate === undefined || !(rate > 0 && rate < 1)) throw invalid('rate', 'a share between 0 and 1');
  if (effect === undefined || effect === 0 || !(rate + effect > 0 && rate + effect < 1))
    throw invalid('effect', 'a difference, not 0, that keeps the rate between 0 and 1');
  if (unitsPerDay === undefined || !(unitsPerDay > 0)) throw invalid('units-per-day', 'a number above 0');
  if (!(alpha > 0 && alpha < 0.5)) throw invalid('alpha', 'between 0 and .5');
  if (!(power > 0.5 && power < 1)) throw invalid('power', 'between .5 and 1');
  if (rule !== 'sequential' && rule !== 'fixed') throw invalid('rule', 'sequential or fixed');
  const shares = sharesOf(args.shares);
  const planned = planExperiment({ rate, effect, alpha, power, shares, unitsPerDay, rule });
  await io.writeJson({ schema: 'weighin/experiment-plan@1', rate, effect, alpha, power, shares, unitsPerDay, rule, ...planned });
  const { bold, dim } = io.colors;
  io.print(
    `${bold(formatMany(planned.days, 'day'))} and ${bold(formatMany(planned.total, 'user'))}: ${planned.units.map((units, arm) => `${formatCount(units)} ${armName(arm)}`).join(', ')}`,
  );
  io.print(
    dim(
      `  finds ${formatPercent(rate)} → ${formatPercent(rate + effect)} with a chance of ${formatPercent(power)}, two-sided alpha ${alpha}, ${rule === 'fixed' ? 'one look at the end' : 'looks each day, which cost 5 % more users'}`,
    ),
  );
  if (planned.days > planned.rawDays)
    io.print(dim(`  ${formatMany(planned.rawDays, 'day')} would bring the users; whole weeks let every weekday count alike`));
  return 0;
}

async function analyse(args: Args, io: CommandIo): Promise<ExitCode> {
  const [file, ...more] = args.what;
  if (file === undefined || more.length > 0)
    throw new UserError('FILE_MISSING', 'One file is analysed at a time.', 'Write `weighin ab analyse FILE`.');
  const [{ readExperiment }, { judgeExperiment }, { renderExperiment }, { printExperiment }, { readTextFile }] = await Promise.all([
    import('../../shared/rollout/ab/experiment.ts'),
    import('../../shared/rollout/ab/judge-experiment.ts'),
    import('../../shared/rollout/ab/render-experiment.ts'),
    import('../print-experiment.ts'),
    import('../read-text-file.ts'),
  ]);
  const result = judgeExperiment(readExperiment(await readTextFile(file, io.cwd, 'FILE'), file));
  await io.writeJson(result);
  if (args.markdown !== undefined) {
    const { writeTextFile } = await import('../write-text-file.ts');
    await writeTextFile(renderExperiment(result), args.markdown, io.cwd, 'markdown');
  }
  printExperiment(result, io);
  return 0;
}

async function assign(args: Args, io: CommandIo): Promise<ExitCode> {
  const { assignArm, assignEvenly } = await import('../../shared/rollout/ab/assign-arm.ts');
  if (args.what.length === 0) throw new UserError('USER_MISSING', 'No user is named.', 'Write `weighin ab assign USER…`.');
  if (args.salt === undefined && args.shares !== undefined) throw invalid('shares', 'given together with --salt, one for each experiment');
  const arms = sharesOf(args.shares).map((share, arm) => ({ name: armName(arm), share }));
  const assigned = args.what.map((user) => ({
    user,
    arm: args.salt === undefined ? assignEvenly(user) : assignArm(user, args.salt, arms),
  }));
  await io.writeJson(assigned);
  for (const { user, arm } of assigned) io.print(`${arm.padEnd(12)} ${visibleText(user)}`);
  return 0;
}

const armName = (arm: number) => (arm === 0 ? 'control' : arm === 1 ? 'treatment' : `treatment-${arm}`);

function sharesOf(text: string | undefined): readonly number[] {
  const shares = (text ?? '0.5,0.5').split(',').map(Number);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.length < 2 || !shares.every((share) => share > 0 && share < 1) || Math.abs(sum - 1) > 1e-9)
    throw invalid('shares', 'two shares or more that sum to 1, such as 0.9,0.1');
  return shares;
}

const invalid = (flag: string, wants: string) =>
  new UserError('FLAG_INVALID', `--${flag} must be ${wants}.`, '`weighin ab --help` has examples.');
