import { readModel } from '../onnx/read-model.ts';
import { refuseDangerousModel } from '../onnx/refuse-dangerous-model.ts';
import { rewriteZipMap } from '../onnx/rewrite-zip-map.ts';
import type { OpenSession } from './inference-session.ts';
import { type FeatureColumn, planInputs } from './plan-inputs.ts';
import { type OutputWish, planOutputs } from './plan-outputs.ts';
import type { Scorer } from './scorer.ts';

export interface OnnxScorerDeps {
  readonly openSession: OpenSession;
  /** Threads within an operator; all cores by default. */
  readonly threads?: number;
}

export interface OnnxScorerOptions extends OutputWish {
  /** Columns that a model may read, in the dataset's order. Without them every column of the rows may be read by name. */
  readonly features?: readonly FeatureColumn[] | undefined;
}

/** A scorer for an ONNX file, which is refused first where it is dangerous. Batches are as large as the tables it is given. */
export async function openOnnxScorer(bytes: Uint8Array, deps: OnnxScorerDeps, options: OnnxScorerOptions): Promise<Scorer> {
  refuseDangerousModel(bytes);
  const runnable = rewriteZipMap(bytes);
  // Class names stand in the ZipMap that the rewriting removes.
  const info = { ...readModel(runnable), classLabels: readModel(bytes).classLabels };
  const inputs = planInputs(info, options.features);
  const outputs = planOutputs(info, options);
  const session = await deps.openSession(runnable, deps.threads === undefined ? {} : { threads: deps.threads });
  return {
    inputs: inputs.columns,
    score: async (rows) => outputs.read(await session.run(inputs.feed(rows), outputs.fetches), rows.rowCount),
    close: () => session.close(),
  };
}
