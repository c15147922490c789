import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { prepareDataset } from '../../shared/pipeline/prepare-dataset.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { validateData } from '../../shared/pipeline/validate-data.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, context, shownPath, setOutput }) => {
  const model = oneModel(context, inputs.model);
  const { mode } = context.config.config;
  const result = await validateData(context, model);
  const verdict = result?.verdict ?? 'pass';
  const blocks = verdict === 'fail' || verdict === 'error';
  setOutput('verdict', verdict);
  setOutput('contract', result ? shownPath(runFolder(context.output, model).contract) : '');
  for (const check of result?.checks ?? []) if (check.status !== 'pass') context.progress.note(`${check.status}: ${check.message}`);
  // Nothing is made of data that are broken: a leak is stopped before anyone trains on it.
  const dataset = blocks ? null : await prepareDataset(context, model);
  setOutput('dataset-version', dataset?.version);
  return { verdict, blocks, mode };
});
