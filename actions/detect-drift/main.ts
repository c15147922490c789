import { join } from 'node:path';
import { byModel } from '../../shared/adapters/github/deliver-reports.ts';
import { monitorModels, stageMonitoring } from '../../shared/adapters/github/monitor-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { alarms } from '../../shared/monitoring/alarms.ts';
import { worstVerdict } from '../../shared/verdict/verdict.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, shownPath, setOutput }) => {
  const { mode } = context.config.config;
  const { stage, current, reference, labels, time, until, metrics, push } = inputs;
  const { reports, folders, mistake } = await monitorModels(context, inputs.model, {
    ...{ stage, current, reference, labels, time, metrics, push },
    until: until ? new Date(until) : undefined,
  });
  const ofEach = <Value extends string>(value: (index: number) => Value) =>
    byModel(reports.map(({ model }, index) => [model, value(index)]));
  const verdict = worstVerdict(reports.map(({ drift }) => drift?.verdict ?? 'inconclusive'));
  setOutput('verdict', verdict);
  setOutput(
    'level',
    ofEach((index) => reports[index]?.drift?.dataset.level ?? 'none'),
  );
  setOutput(
    'drifted',
    JSON.stringify(reports.flatMap(({ drift }) => drift?.columns.filter(({ drifted }) => drifted).map(({ column }) => column) ?? [])),
  );
  setOutput(
    'episode',
    ofEach((index) => reports[index]?.episodes.findLast(({ until: end }) => end === null)?.id ?? ''),
  );
  setOutput(
    'retrain',
    ofEach((index) => reports[index]?.retrain?.cause ?? ''),
  );
  setOutput(
    'report',
    ofEach((index) => shownPath(folders[index]?.report ?? '')),
  );
  setOutput(
    'html',
    ofEach((index) => shownPath(folders[index]?.html ?? '')),
  );
  setOutput(
    'metrics',
    ofEach((index) => shownPath(folders[index]?.metrics ?? '')),
  );
  if (inputs.upload && reports.length > 0)
    await stageMonitoring(reports, folders, {
      folder: join(process.env['RUNNER_TEMP'] ?? context.output, 'weighin-monitoring'),
      attempt: event.attempt,
    });
  for (const { model, drift } of reports) context.progress.note(`${model}: ${drift?.headline ?? 'no window is over yet'}`);
  if (mistake) throw mistake;
  return { verdict, blocks: reports.some(alarms), mode };
});
