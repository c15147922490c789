import { UserError } from '../../shared/errors.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'dashboard',
  summary: 'Write a Grafana dashboard and Prometheus alert rules',
  description: [
    'Of the metrics that `weighin monitor` writes, with the limits of weighin.yaml: one dashboard for all models that have `drift:`, and a group of alert rules for each. Write them anew after the configuration changed.',
  ],
  positionals: [{ name: 'models', description: 'Names of models in weighin.yaml; all with `drift:` by default.', many: true }],
  options: {
    output: {
      description: 'Folder that takes dashboard.json and alerts.yaml.',
      kind: 'path',
      placeholder: 'FOLDER',
      default: 'monitoring',
    },
  },
  examples: [{ command: 'weighin dashboard --output ops/monitoring', does: 'leaves ops/monitoring/dashboard.json and alerts.yaml' }],
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  const [{ join, relative, resolve }, { loadConfig }, { monitoredModels }, { renderDashboard }, { renderAlertRules }, { writeWhole }] =
    await Promise.all([
      import('node:path'),
      import('../../shared/config/load-config.ts'),
      import('../../shared/monitoring/monitored-model.ts'),
      import('../../shared/monitoring/dashboard.ts'),
      import('../../shared/monitoring/alert-rules.ts'),
      import('../../shared/pipeline/run-folder.ts'),
    ]);
  const { config, file } = await loadConfig(io.configFile, { root: io.cwd });
  const known = Object.keys(config.models);
  const unknown = args.models.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError('MODEL_UNKNOWN', `There is no model ${unknown} in ${file}.`, `The models there: ${known.join(', ')}.`);
  const models = monitoredModels(config, args.models);
  if (models.length === 0)
    throw new UserError(
      'NOTHING_TO_MONITOR',
      `No model of ${file} has \`drift:\`, so none is watched.`,
      'Add `drift: {window: 1d, log: …}` to a model, or name one.',
    );
  const folder = resolve(io.cwd, args.output);
  const files = { dashboard: join(folder, 'dashboard.json'), alerts: join(folder, 'alerts.yaml') };
  await writeWhole(files.dashboard, renderDashboard(models));
  await writeWhole(files.alerts, renderAlertRules(models));
  await io.writeJson({ models, files });
  const shown = (path: string) => relative(io.cwd, path) || path;
  io.print(`${io.colors.bold(shown(files.dashboard))}  import it in Grafana, with Prometheus as its source`);
  io.print(`${io.colors.bold(shown(files.alerts))}  name it under rule_files: of Prometheus`);
  io.print(`Of ${models.map(({ model, stage }) => `${model} ${stage}`).join(', ')}. Write both anew when limits or models change.`);
  return 0;
}
