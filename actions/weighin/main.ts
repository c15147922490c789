import { chooseModels } from '../../shared/adapters/github/choose-models.ts';
import { byModel, deliverReports, outcomeOf, summaryLines } from '../../shared/adapters/github/deliver-reports.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { weighModel } from '../../shared/adapters/github/weigh-model.ts';
import { whyNotRegister } from '../../shared/adapters/github/why-not-register.ts';
import { registerModel } from '../../shared/pipeline/register-model.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { unchangedHeadline } from '../../shared/report/compose-words.ts';
import type { Report } from '../../shared/report/report.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, atRepository, shownPath, setOutput }) => {
  const models = await chooseModels(context, inputs.model, event);
  setOutput('matrix', JSON.stringify({ model: models }));
  if (inputs.plan || models.length === 0) {
    setOutput('summary', models.length === 0 ? 'No model is affected.' : `Affected: ${models.join(', ')}.`);
    setOutput('registered', false);
    if (models.length === 0) setOutput('verdict', 'pass');
    return undefined;
  }

  const refusal = whyNotRegister(event);
  const reports: Report[] = [];
  const registrations: { readonly model: string; readonly registered: boolean; readonly version: number | null }[] = [];
  const mistakes: unknown[] = [];
  for (const model of models) {
    const { report, mistake } = await weighModel(context, model, event);
    if (report) reports.push(report);
    if (mistake) mistakes.push(mistake);
    else if (report && report.headline !== unchangedHeadline && !refusal)
      registrations.push({ model, ...(await registerModel(context, model)) });
  }
  if (refusal) context.progress.note(refusal);

  const outcome = outcomeOf(reports);
  const [first, ...others] = reports;
  setOutput('verdict', mistakes.length > 0 ? 'error' : outcome.verdict);
  setOutput('summary', summaryLines(reports));
  if (first)
    setOutput('report', shownPath(others.length > 0 ? runFolder(context.output, '').path : runFolder(context.output, first.model).report));
  setOutput('dataset-version', byModel(reports.map(({ model, dataset }) => [model, dataset?.version ?? null])));
  setOutput('model-digest', byModel(reports.map(({ model, training }) => [model, training?.model.digest ?? null])));
  setOutput('model-version', byModel(registrations.map(({ model, version }) => [model, version])));
  setOutput('registered', registrations.length === models.length && registrations.every(({ registered }) => registered));
  await deliverReports(reports, {
    event,
    output: context.output,
    config: inputs.config,
    atRepository,
    token: inputs['github-token'],
    comment: inputs.comment,
    upload: inputs.upload,
  });
  if (mistakes.length > 0) throw mistakes[0];
  return outcome;
});
