import { UserError } from '../../shared/errors.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'rollout',
  summary: 'Judge the recorded counts of a rollout, look by look, as its policy would have',
  description: [
    '`weighin rollout judge` says what a rollout of weighin.yaml would have done with counts that were recorded: of a candidate and of stable, bucket by bucket, before and during the rollout. It reads files and touches nothing else.',
    'Each line of the table is a look of one metric: the counts of that bucket, how strong the evidence is beside what it must reach (E against the limit, E against stable, Z of the plan), the ratio to stable with an interval that holds at every look, and the decision. Every look is judged by itself, also after a stop.',
    'The counts are JSON: {"metrics": {"error_rate": {"history": [[bad, total], …], "buckets": [[step, candidate bad, of, stable bad, of], …]}}}; schema/observations.schema.json says all of it.',
  ],
  positionals: [{ name: 'action', description: '`judge`.', required: true }],
  options: {
    rollout: { description: 'A weighin.yaml with `rollouts:`, or a file with one entry of it.', kind: 'path', placeholder: 'FILE' },
    name: { description: 'Which of several rollouts.', placeholder: 'NAME' },
    observations: { description: 'Recorded counts, JSON.', kind: 'path', placeholder: 'FILE' },
    all: { description: 'Print every look, not only those around a decision.', kind: 'flag' },
  },
  examples: [
    {
      command: 'weighin rollout judge --rollout weighin.yaml --observations incident.json',
      does: "what it would have done in last month's incident",
    },
    {
      command: 'weighin rollout judge --rollout careful.yaml --observations incident.json --json looks.json',
      does: 'every quantity of every look',
    },
  ],
  exits: { 0: 'it would have gone on, or paused', 1: 'it would have rolled back' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  switch (args.action) {
    case 'judge':
      return judge(args, io);
    // `scrape` takes its place here.
    default:
      throw new UserError(
        'ACTION_UNKNOWN',
        `\`weighin rollout ${visibleText(args.action)}\` is nothing it knows.`,
        'Write `weighin rollout judge --rollout FILE --observations FILE.json`.',
      );
  }
}

async function judge(args: Args, io: CommandIo): Promise<ExitCode> {
  const file = required(args.rollout, 'rollout', 'the weighin.yaml with the rollout, or a file with its entry');
  const counts = required(args.observations, 'observations', 'the recorded counts, JSON');
  const [{ readRollout }, { rolloutPolicy }, { readObservations }, { judgeObservations }, { printJudgement }, { readTextFile }] =
    await Promise.all([
      import('../../shared/rollout/judging/read-rollout.ts'),
      import('../../shared/rollout/judging/rollout-policy.ts'),
      import('../../shared/rollout/judging/observations.ts'),
      import('../../shared/rollout/judging/judge-observations.ts'),
      import('../print-judgement.ts'),
      import('../read-text-file.ts'),
    ]);
  const { name, config } = readRollout(await readTextFile(file, io.cwd, 'rollout'), file, args.name);
  const policy = rolloutPolicy(config, name);
  const judgement = judgeObservations(policy, readObservations(await readTextFile(counts, io.cwd, 'observations'), counts));
  await io.writeJson(judgement);
  printJudgement(judgement, { all: args.all === true }, io);
  return judgement.verdict === 'rollback' ? 1 : 0;
}

function required(value: string | undefined, flag: string, what: string): string {
  if (value === undefined) throw new UserError('FLAG_MISSING', `--${flag} is missing: ${what}.`, '`weighin rollout --help` has examples.');
  return value;
}
