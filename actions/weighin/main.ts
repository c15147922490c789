import { chooseModels } from '../../shared/adapters/github/choose-models.ts';
import { byModel, deliverReports, outcomeOf, summaryLines } from '../../shared/adapters/github/deliver-reports.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { type WeighedModel, weighModel } from '../../shared/adapters/github/weigh-model.ts';
import { whyNotRegister } from '../../shared/adapters/github/why-not-register.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { worstVerdict } from '../../shared/verdict/verdict.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, endSteps, atRepository, shownPath, setOutput }) => {
  const models = await chooseModels(context, inputs.model, event);
  setOutput('matrix', JSON.stringify({ model: models }));
  if (inputs.plan || models.length === 0) {
    setOutput('summary', models.length === 0 ? 'No model is affected.' : `Affected: ${models.join(', ')}.`);
    setOutput('registered', false);
    if (models.length === 0) setOutput('verdict', 'pass');
    return undefined;
  }

  const weighed: WeighedModel[] = [];
  for (const model of models) weighed.push(await weighModel(context, model, event, inputs.register));
  const reports = weighed.flatMap(({ report }) => report ?? []);
  const mistakes = weighed.flatMap(({ mistake }) => mistake ?? []);
  const silent = weighed.filter(({ report, mistake }) => !report && !mistake).map(({ model }) => `${model}: inconclusive. NO_CREDENTIALS`);
  const outcome = outcomeOf(reports);
  const verdict = worstVerdict([
    outcome.verdict,
    ...(mistakes.length > 0 ? (['error'] as const) : silent.length > 0 ? (['inconclusive'] as const) : []),
  ]);
  const summary = [summaryLines(reports), ...silent].filter(Boolean).join('\n');
  const [only, ...others] = reports;

  setOutput('verdict', verdict);
  setOutput('summary', summary);
  setOutput(
    'report',
    only && shownPath(others.length > 0 ? runFolder(context.output, '').path : runFolder(context.output, only.model).report),
  );
  setOutput('dataset-version', byModel(reports.map(({ model, dataset }) => [model, dataset?.version ?? null])));
  setOutput('model-digest', byModel(reports.map(({ model, training }) => [model, training?.model.digest ?? null])));
  setOutput('model-version', byModel(weighed.map(({ model, registration }) => [model, registration?.version ?? null])));
  setOutput(
    'registered',
    weighed.every(({ registration }) => registration?.registered),
  );

  endSteps();
  const registered = weighed.flatMap(({ registration }) => registration?.reason ?? []);
  const why = inputs.register === 'off' ? null : whyNotRegister(event);
  for (const line of [summary, ...registered, why]) if (line) context.progress.note(line);
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
