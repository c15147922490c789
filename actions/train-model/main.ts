import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { runProjectTests } from '../../shared/pipeline/run-project-tests.ts';
import { trainModel } from '../../shared/pipeline/train-model.ts';
import { worstVerdict } from '../../shared/verdict/verdict.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, context, shownPath, setOutput }) => {
  const model = oneModel(context, inputs.model);
  const tests = await runProjectTests(context, model);
  const verdict = worstVerdict(tests.map(({ status }) => status));
  setOutput('verdict', verdict);
  for (const test of tests) if (test.status !== 'pass') context.progress.warn(`${test.name}: ${test.message}`);
  const training = await trainModel(context, model);
  setOutput('training', shownPath(runFolder(context.output, model).trainingResult));
  setOutput('model-digest', training.model.digest);
  return { verdict, blocks: verdict === 'fail', mode: context.config.config.mode };
});
