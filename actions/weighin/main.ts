import { chooseModels } from '../../shared/adapters/github/choose-models.ts';
import { byModel, deliverReports, outcomeOf, summaryLines } from '../../shared/adapters/github/deliver-reports.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { whyNotRegister } from '../../shared/adapters/github/why-not-register.ts';
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

  const { runModel } = await import('../../shared/pipeline/run-model.ts');
  const { runFolder } = await import('../../shared/pipeline/run-folder.ts');
  const { registerModel } = await import('../../shared/pipeline/register-model.ts');
  const refusal = whyNotRegister(event);
  const reports: Report[] = [];
  const registrations: { readonly model: string; readonly registered: boolean; readonly version: number | null }[] = [];
  const mistakes: unknown[] = [];
  for (const model of models) {
    // One model's mistake does not hide what the others say; it still fails the step.
    try {
      const report = await runModel(context, model);
      reports.push(report);
      if (!refusal) registrations.push({ model, ...(await registerModel(context, model)) });
    } catch (error) {
      mistakes.push(error);
    }
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
