import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { runFolder } from '../../shared/pipeline/run-folder.ts';
import { writeCard } from '../../shared/pipeline/write-card.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, context, shownPath, setOutput }) => {
  const model = oneModel(context, inputs.model);
  const { missing } = await writeCard(context, model);
  setOutput('card', shownPath(runFolder(context.output, model).card));
  setOutput('missing', missing.join(', '));
  if (missing.length > 0)
    context.progress.note(`Not written yet: ${missing.join(', ')}. The report judges what the configuration requires.`);
});
