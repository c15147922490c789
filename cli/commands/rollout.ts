import { UserError } from '../../shared/errors.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'rollout',
  summary: 'Guard rollouts as they run, and judge recorded counts as their policy would have',
  description: [
    '`weighin rollout watch` guards every rollout of a repository that has a `target`: it reads what weighin/state says, asks metrics and target, decides by the rules that were approved, records each transition and moves traffic. It runs where target and metrics can be reached, with GITHUB_TOKEN or WEIGHIN_APP_ID and WEIGHIN_PRIVATE_KEY in the environment. Toward stable it acts at once, also while GitHub is away. Two may run: one guards, the other takes over when it falls silent. SIGTERM ends it after the look under way. docs/rollouts.md tells how to run it.',
    '`weighin rollout tick` is one such look, for cron: only for rollouts with a `maxSilence` of an hour or more, any other is refused (GUARD_TOO_SLOW).',
    '`weighin rollout judge` says what a rollout of weighin.yaml would have done with counts that were recorded: of a candidate and of stable, bucket by bucket, before and during the rollout. It reads files and touches nothing else.',
    'Each line of the table is a look of one metric: the counts of that bucket, how strong the evidence is beside what it must reach (E against the limit, E against stable, Z of the plan), the ratio to stable with an interval that holds at every look, and the decision. Every look is judged by itself, also after a stop.',
    '`weighin rollout compare` reads the prediction log and says, request by request, how far a shadow answered otherwise than the version that people were answered by: share of disagreement with its interval, differences of scores, latency of both, requests that one of them alone answered. It recommends the candidate where at most --limit of the requests are answered otherwise, by the upper bound. No value of the data is printed.',
    '`weighin rollout scrape` reads a page of metrics (OpenMetrics 1.0, or the older text of Prometheus) and prints what it understood: families, types, series, edges and counts of histograms, and metrics that a rollout could be judged by. A page that is not as its format asks is refused with the line.',
    'The counts are JSON: {"metrics": {"error_rate": {"history": [[bad, total], …], "buckets": [[step, candidate bad, of, stable bad, of], …]}}}; schema/observations.schema.json says all of it.',
  ],
  positionals: [
    { name: 'action', description: '`watch`, `tick`, `judge`, `compare`, `scrape`.', required: true },
    { name: 'page', description: 'scrape: address or file of a page of metrics; `-` reads standard input.' },
  ],
  options: {
    repository: { description: 'watch, tick: where the rollouts are; GITHUB_REPOSITORY by default.', placeholder: 'OWNER/NAME' },
    api: { description: 'watch, tick: address of GitHub’s REST API; GITHUB_API_URL by default.', placeholder: 'URL' },
    owner: {
      description:
        'watch, tick: name of this guard, the same after a restart and another for each that runs at once; the host’s name, in a job run:ID.',
      placeholder: 'NAME',
    },
    board: { description: 'watch: the bot that shows a board; heartbeats are signed with WEIGHIN_GUARD_SECRET.', placeholder: 'URL' },
    every: {
      description: 'watch: time between two looks, 10s by default; half of a rollout’s maxSilence where that is less.',
      placeholder: 'TIME',
    },
    for: {
      description: 'watch: ends after this time and starts its successor by dispatch; ends earlier where nothing is under way.',
      placeholder: 'TIME',
    },
    format: { description: 'watch: json is one object a line.', values: ['text', 'json'] },
    rollout: { description: 'A weighin.yaml with `rollouts:`, or a file with one entry of it.', kind: 'path', placeholder: 'FILE' },
    name: { description: 'Which of several rollouts.', placeholder: 'NAME' },
    observations: { description: 'Recorded counts, JSON.', kind: 'path', placeholder: 'FILE' },
    all: { description: 'Print every look, not only those around a decision.', kind: 'flag' },
    log: { description: 'compare: the prediction log: a file, a folder, a glob, or s3://….', placeholder: 'LOG' },
    stable: { description: 'compare: the version that answered.', placeholder: 'VERSION' },
    candidate: { description: 'compare: the version that was asked too.', placeholder: 'VERSION' },
    model: { description: 'compare: which of several models of the log.', placeholder: 'NAME' },
    since: { description: 'compare: answers from then on.', placeholder: 'TIME' },
    until: { description: 'compare: answers before then.', placeholder: 'TIME' },
    limit: { description: 'compare: share of requests that may be answered otherwise.', kind: 'number', default: '0.05' },
    tolerance: { description: 'compare: of models that answer numbers: a difference that is still the same.', kind: 'number' },
  },
  examples: [
    { command: 'weighin rollout watch --repository acme/churn', does: 'guard until a signal' },
    { command: 'weighin rollout watch --for 5h30m', does: 'the same in a job, which hands over to the next' },
    {
      command: 'weighin rollout judge --rollout weighin.yaml --observations incident.json',
      does: "what it would have done in last month's incident",
    },
    {
      command: 'weighin rollout judge --rollout careful.yaml --observations incident.json --json looks.json',
      does: 'every quantity of every look',
    },
    {
      command: 'weighin rollout scrape http://pod-0:9102/metrics',
      does: 'what is understood of a page of metrics, and what could be judged',
    },
    { command: "weighin rollout compare --log 'logs/*.jsonl' --stable v11 --candidate v12", does: 'what the shadow would have answered' },
  ],
  exits: {
    0: 'it would have gone on, or paused; of watch and tick, that it guarded',
    1: 'it would have rolled back; of compare, that they differ too much',
    2: 'a mistake in the arguments or a page; of tick, a rollout that wants more looks',
  },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  switch (args.action) {
    case 'judge':
      return judge(args, io);
    case 'compare':
      return (await import('../compare-rollout.ts')).compareRollout(args, io);
    case 'scrape':
      return (await import('../scrape-page.ts')).scrapePage(args, io);
    case 'watch':
      return (await import('../watch-rollouts.ts')).watchRollouts(args, io);
    case 'tick':
      return (await import('../watch-rollouts.ts')).tickRollouts(args, io);
    default:
      throw new UserError(
        'ACTION_UNKNOWN',
        `\`weighin rollout ${visibleText(args.action)}\` is nothing it knows.`,
        'Write `weighin rollout watch`, `tick`, `judge …`, `compare …` or `scrape …`; `weighin rollout --help` has examples.',
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
  const { name, config } = readRollout(await readTextFile(file, io.cwd, '--rollout'), file, args.name);
  const policy = rolloutPolicy(config, name);
  const judgement = judgeObservations(policy, readObservations(await readTextFile(counts, io.cwd, '--observations'), counts));
  await io.writeJson(judgement);
  printJudgement(judgement, { all: args.all === true }, io);
  return judgement.verdict === 'rollback' ? 1 : 0;
}

function required(value: string | undefined, flag: string, what: string): string {
  if (value === undefined) throw new UserError('FLAG_MISSING', `--${flag} is missing: ${what}.`, '`weighin rollout --help` has examples.');
  return value;
}
