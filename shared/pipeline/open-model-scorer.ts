import type { DatasetManifest } from '../dataset/manifest.ts';
import { openCommandScorer } from '../scoring/open-command-scorer.ts';
import { openOnnxScorer } from '../scoring/open-onnx-scorer.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** A model file ready to answer test rows: ONNX in this process, or the team's own command. */
export async function openModelScorer(
  context: RunContext,
  run: ModelRun,
  manifest: DatasetManifest,
  model: { readonly bytes: () => Promise<Uint8Array>; readonly path: string },
): Promise<Scorer> {
  const { task, model: file } = run.config;
  const { runProcess, progress, env } = context;
  if (file.format === 'command')
    return openCommandScorer(
      { predict: file.predict ?? '', file: model.path, cwd: run.root, task, features: manifest.features, score: file.score },
      { runProcess, env, note: (line) => progress.note(`predict │ ${line}`) },
    );
  return openOnnxScorer(
    await model.bytes(),
    { openSession: context.openSession },
    { task: task === 'ranking' ? 'regression' : task, score: file.score, positive: manifest.positive, features: manifest.features },
  );
}
