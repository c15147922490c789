import { spec } from '../../actions/detect-drift/spec.ts';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { readUntil } from '../../shared/monitoring/read-until.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'monitor',
  summary: 'Judge a model in production by the windows that are over: drift, performance, retraining',
  description: [
    'Reads the prediction log (`drift: {log: …}`), counts each whole window once and keeps the counts in the store. The newest window is compared with the profile of what the version was trained on; the training data are not read again. An alarm needs that enough of the last windows agree (`drift: {agree: 2 of 3}`).',
    'Leaves monitoring.json, the drift report (JSON, HTML, Markdown) and a page of OpenMetrics in the output folder. Running it twice changes nothing.',
    'A new version begins a new series of windows: what drifted under the old one is over, and asked anew.',
  ],
  positionals: [{ name: 'model', description: 'Name of a model in weighin.yaml; not needed where there is one.' }],
  options: {
    stage: spec.inputs.stage,
    current: {
      description: 'Rows to judge: a prediction log, or a table with a column of times; drift.log by default.',
      kind: 'path',
      placeholder: 'FILE',
    },
    labels: spec.inputs.labels,
    reference: { description: 'A profile to compare with, or "training-of STAGE"; drift.reference by default.', placeholder: 'PROFILE' },
    time: spec.inputs.time,
    until: spec.inputs.until,
    metrics: spec.inputs.metrics,
    push: spec.inputs.push,
    keep: { description: 'Keep what was counted in the store; --no-keep judges and keeps nothing.', kind: 'flag', default: 'true' },
    output: spec.inputs.output,
  },
  examples: [
    { command: 'weighin monitor churn', does: 'what the scheduled workflow does' },
    { command: 'weighin monitor churn --current "logs/*.jsonl" --no-keep', does: 'a look at a log that changes nothing' },
    { command: 'weighin monitor churn --metrics /var/lib/node_exporter/weighin.prom', does: 'a page for the textfile collector' },
  ],
  exits: { 1: 'enough windows agree that something drifted, or performance is worse (mode: enforce)' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  const until = args.until === undefined ? undefined : readUntil(args.until);
  return withContext(args, io, async (context) => {
    const [{ monitorModel }, { writeMonitoring, metricsPage }, { alarms }, { resolve }] = await Promise.all([
      import('../../shared/pipeline/monitor-model.ts'),
      import('../../shared/pipeline/write-monitoring.ts'),
      import('../../shared/monitoring/alarms.ts'),
      import('node:path'),
    ]);
    const model = oneModel(context, args.model);
    const { stage, current, labels, reference, time, keep } = args;
    const { report, notices } = await monitorModel(context, model, { stage, current, labels, reference, time, keep, until });
    const folder = await writeMonitoring(context.output, report, { metrics: args.metrics && resolve(io.cwd, args.metrics) });
    await io.writeJson(report);
    if (!io.wantsJson) await printMonitoring(report, folder.html, io);
    for (const notice of notices) io.progress.warn(visibleText(notice));
    if (args.push !== undefined) {
      const { pushMetrics } = await import('../../shared/adapters/push-gateway/push-metrics.ts');
      await pushMetrics({ url: args.push, group: { model, stage: report.stage }, page: metricsPage(report), env: io.env });
    }
    return alarms(report) && context.config.config.mode === 'enforce' ? 1 : 0;
  });
}

async function printMonitoring(report: MonitoringReport, html: string, io: CommandIo): Promise<void> {
  const { model, stage, version, window, drift, performance, episodes, retrain } = report;
  const subject = `${model}${version === null ? '' : `@${version}`} ${stage}`;
  if (!drift || !window) {
    io.print(`${subject}: no window is over yet, so there is nothing to judge.`);
    return;
  }
  const { renderDriftTerminal } = await import('../../shared/report/drift/render-drift-terminal.ts');
  io.print(renderDriftTerminal(drift, { color: io.colors.isColorSupported, width: io.columns, open: html, cwd: io.cwd }));
  const day = (moment: string) => moment.slice(0, 16).replace('T', ' ');
  io.print(`\nWindow ${day(window.start)} to ${day(window.end)} UTC, ${formatCount(window.rows)} rows.`);
  if (performance) {
    const { metric, value, interval, reference, n } = performance;
    const bounds = interval ? ` (${interval.map((bound) => bound.toFixed(3)).join(' … ')})` : '';
    io.print(
      `${metric} ${value?.toFixed(3) ?? '–'}${bounds} on ${formatCount(n)} labelled rows; the reference is ${reference?.toFixed(3) ?? 'not known'}.`,
    );
    const { sayCalibration } = await import('../../shared/report/drift/drift-words.ts');
    const calibration = sayCalibration(performance);
    if (calibration !== null) io.print(`${calibration}.`);
    if (performance.since) io.print(`It changed at ${day(performance.since)} UTC.`);
  }
  for (const { kind, since, until } of episodes)
    if (until === null) io.print(`${kind === 'drift' ? 'Drift' : 'Degraded performance'} since ${day(since)} UTC.`);
  if (retrain) io.print(`Retraining is asked for: ${visibleText(retrain.reason)}`);
}
