import { deliverReports, outcomeOf, summaryLines } from '../../shared/adapters/github/deliver-reports.ts';
import { gatherReports } from '../../shared/adapters/github/gather-reports.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, endSteps, atRepository, shownPath, setOutput }) => {
  const reports = await gatherReports(context, inputs.model, event);
  const outcome = outcomeOf(reports);
  const [first, ...others] = reports;
  setOutput('verdict', outcome.verdict);
  setOutput('summary', summaryLines(reports));
  if (first)
    setOutput('report', shownPath(others.length > 0 ? runFolder(context.output, '').path : runFolder(context.output, first.model).report));
  endSteps();
  context.progress.note(summaryLines(reports));
  await deliverReports(reports, {
    event,
    output: context.output,
    config: inputs.config,
    atRepository,
    token: inputs['github-token'],
    comment: inputs.comment,
    upload: inputs.upload,
  });
  return outcome;
});
