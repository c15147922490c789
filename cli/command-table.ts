import type { CommandModule } from './command.ts';

interface Entry {
  /** Repeats the command's own summary (a test holds them together), so that the list of commands loads none of them. */
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order in which help lists them. One line a command; its code loads when it is called. */
export const commandTable: Readonly<Record<string, Entry>> = {
  init: { summary: 'Write a first configuration, contract and workflow from a data file', load: () => import('./commands/init.ts') },
  plan: { summary: 'Check the configuration and list the models that a change reaches', load: () => import('./commands/plan.ts') },
  run: { summary: 'Weigh models: data, training, evaluation against production, report', load: () => import('./commands/run.ts') },
  validate: { summary: 'Judge data by its contract and by the default rules', load: () => import('./commands/validate.ts') },
  profile: {
    summary: 'Count a table into a small file that drift can be told from, merge such files, show one',
    load: () => import('./commands/profile.ts'),
  },
  dataset: {
    summary: 'Build the training, validation and test rows, and give them a version',
    load: () => import('./commands/dataset.ts'),
  },
  train: { summary: 'Train the candidate on the dataset that is there', load: () => import('./commands/train.ts') },
  evaluate: {
    summary: 'Score candidate and baseline on the same rows, with intervals, and judge gates',
    load: () => import('./commands/evaluate.ts'),
  },
  register: { summary: 'Give the candidate of the last run a version in the store', load: () => import('./commands/register.ts') },
  promote: { summary: 'Write the files of a pull request that points a stage at a version', load: () => import('./commands/promote.ts') },
  adopt: { summary: 'Take in the model that runs in production today', load: () => import('./commands/adopt.ts') },
  versions: { summary: 'List the versions of a model and where each of them stands', load: () => import('./commands/versions.ts') },
  show: { summary: 'Show a version: what it is made of, and the report that judged it', load: () => import('./commands/show.ts') },
  verify: { summary: 'Prove a version: every digest, and who measured it', load: () => import('./commands/verify.ts') },
  diff: { summary: 'Compare two versions of a model on the same rows', load: () => import('./commands/diff.ts') },
  drift: { summary: 'Tell what moved between two tables, how much, and where', load: () => import('./commands/drift.ts') },
  logs: { summary: 'Check a prediction log: every line by its schema, ids, times, scores', load: () => import('./commands/logs.ts') },
  skew: { summary: 'Compare what serving saw with what training saw, row by row', load: () => import('./commands/skew.ts') },
  monitor: {
    summary: 'Judge a model in production by the windows that are over: drift, performance, retraining',
    load: () => import('./commands/monitor.ts'),
  },
  dashboard: { summary: 'Write a Grafana dashboard and Prometheus alert rules', load: () => import('./commands/dashboard.ts') },
  serve: {
    summary: 'Answer requests with a model: HTTP, several versions by weight, metrics, the prediction log',
    load: () => import('./commands/serve.ts'),
  },
  score: {
    summary: 'Score a table with a model into a folder of Parquet, a partition a date',
    load: () => import('./commands/score.ts'),
  },
  rollout: {
    summary: 'Guard rollouts as they run, and judge recorded counts as their policy would have',
    load: () => import('./commands/rollout.ts'),
  },
  ab: { summary: 'Plan an A/B test, analyse one from its counts, tell which arm a user is in', load: () => import('./commands/ab.ts') },
  status: {
    summary: 'Show what every stage runs, what is on its way there, and what holds it',
    load: () => import('./commands/status.ts'),
  },
  history: {
    summary: 'Tell what a stage ran and when, who approved it, and on what evidence',
    load: () => import('./commands/history.ts'),
  },
  audit: { summary: 'Prove the history of promotions: plans, events, and who approved', load: () => import('./commands/audit.ts') },
  doctor: {
    summary: 'Check that nothing stands open: App, rulesets, owners, environments, workflows, store',
    load: () => import('./commands/doctor.ts'),
  },
  help: { summary: 'Explain a command', load: () => import('./commands/help.ts') },
};
