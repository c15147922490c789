import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { outcomeOf } from '../../shared/adapters/github/deliver-reports.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { settleReport } from '../../shared/adapters/github/settle-report.ts';
import { assembleReport } from '../../shared/pipeline/assemble-report.ts';
import { evaluateModel } from '../../shared/pipeline/evaluate-model.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, shownPath, setOutput }) => {
  const model = oneModel(context, inputs.model);
  const folder = runFolder(context.output, model);
  const { gates } = await evaluateModel(context, model);
  for (const gate of gates) context.progress.note(`${gate.status}: ${gate.message}`);
  const report = await settleReport(context, await assembleReport(context, model), event);
  setOutput('verdict', report.verdict);
  setOutput('evaluation', shownPath(folder.evaluation));
  setOutput('report', shownPath(folder.report));
  return outcomeOf([report]);
});
