import { performance } from 'node:perf_hooks';
import { readManifest } from '../dataset/unchanged.ts';
import { UserError } from '../errors.ts';
import { runTraining } from '../training/run-training.ts';
import type { TrainingResult } from '../training/training-result.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { writeJson } from './run-folder.ts';

/** Step 4: the candidate. Reads the dataset's manifest, writes training.json and the model beside it. */
export async function trainModel(context: RunContext, model: string): Promise<TrainingResult> {
  return trainModelOf(context, modelRun(context, model));
}

export async function trainModelOf(context: RunContext, run: ModelRun): Promise<TrainingResult> {
  const { config, folder, name, root } = run;
  const { training } = config;
  context.progress.step('training', training?.command ?? training?.trainer ?? `takes ${config.model.file ?? 'the model file'} as it is`);
  const manifest = (await readManifest(folder.dataset)) ?? null;
  if (config.data && !manifest)
    throw new UserError('STEP_MISSING', `There is no dataset of ${name} in ${folder.dataset}.`, `Run \`weighin dataset ${name}\` first.`);
  const { runProcess, engine, progress, env, version } = context;
  const outcome = await runTraining(
    {
      model: name,
      task: config.task,
      training,
      modelFile: config.model,
      manifest,
      datasetFolder: folder.dataset,
      outputFolder: folder.training,
      root,
    },
    // How long it took is measured by a clock that never jumps, whatever date the run pretends.
    { runProcess, engine, progress, env, now: () => new Date(performance.timeOrigin + performance.now()), version },
  );
  for (const notice of outcome.result.notices) progress.warn(`${notice.code} ${notice.message}`);
  await writeJson(folder.trainingResult, outcome.result);
  return outcome.result;
}
