import { join } from 'node:path';
import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { compareSides, stageComparison } from '../../shared/adapters/github/compare-sides.ts';
import { byModel } from '../../shared/adapters/github/deliver-reports.ts';
import { monitorModels, stageMonitoring } from '../../shared/adapters/github/monitor-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import type { DriftReport } from '../../shared/drift/drift-report.ts';
import { alarms } from '../../shared/monitoring/alarms.ts';
import { readUntil } from '../../shared/monitoring/read-until.ts';
import { worstVerdict } from '../../shared/verdict/verdict.ts';
import { spec } from './spec.ts';

const driftedOf = (drift: DriftReport | null) => drift?.columns.filter(({ drifted }) => drifted).map(({ column }) => column) ?? [];

await runAction(spec, async ({ inputs, event, context, shownPath, setOutput }) => {
  const artifactFolder = (name: string) => join(process.env['RUNNER_TEMP'] ?? context.output, name);
  const { mode } = context.config.config;
  const { stage, current, reference, labels, time, metrics, push } = inputs;
  if (inputs.mode === 'compare') {
    const model = oneModel(context, inputs.model);
    const compared = await compareSides(context, model, { reference, current });
    const { drift, report, html } = compared;
    setOutput('verdict', drift.verdict);
    setOutput('level', drift.dataset.level);
    setOutput('drifted', JSON.stringify(driftedOf(drift)));
    setOutput('report', shownPath(report));
    setOutput('html', shownPath(html));
    if (inputs.upload) await stageComparison(model, compared, { folder: artifactFolder('weighin-drift'), attempt: event.attempt });
    context.progress.note(drift.headline);
    return { verdict: drift.verdict, blocks: drift.verdict === 'fail', mode };
  }
  const until = inputs.until ? readUntil(inputs.until) : undefined;
  const request = { stage, current, reference, labels, time, metrics, push, until };
  const { reports, folders, mistake } = await monitorModels(context, inputs.model, request);
  const verdict = worstVerdict(reports.map(({ drift }) => drift?.verdict ?? 'inconclusive'));
  const ofEach = (value: (index: number) => string) => byModel(reports.map(({ model }, index) => [model, value(index)]));
  setOutput('verdict', verdict);
  setOutput(
    'level',
    ofEach((index) => reports[index]?.drift?.dataset.level ?? 'none'),
  );
  setOutput('drifted', JSON.stringify(reports.flatMap(({ drift }) => driftedOf(drift))));
  setOutput(
    'episode',
    ofEach((index) => reports[index]?.episodes.findLast(({ until: end }) => end === null)?.id ?? ''),
  );
  setOutput(
    'retrain',
    ofEach((index) => reports[index]?.retrain?.cause ?? ''),
  );
  for (const file of ['report', 'html', 'metrics'] as const)
    setOutput(
      file,
      ofEach((index) => shownPath(folders[index]?.[file] ?? '')),
    );
  if (inputs.upload && reports.length > 0) {
    await stageMonitoring(reports, folders, { folder: artifactFolder('weighin-monitoring'), attempt: event.attempt });
  }
  for (const { model, drift } of reports) context.progress.note(`${model}: ${drift?.headline ?? 'no window is over yet'}`);
  if (mistake) throw mistake;
  return { verdict, blocks: reports.some(alarms), mode };
});
