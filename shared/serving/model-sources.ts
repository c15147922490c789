import type { Contract } from '../contract/contract.ts';
import { digestOf } from '../digest/canonical-json.ts';
import { UserError } from '../errors.ts';
import { getBlob } from '../registry/blobs.ts';
import { parseReport } from '../registry/check-promotion.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { readVersion } from '../registry/read-versions.ts';
import { reportSchema } from '../report/report.ts';
import type { ModelSource, ServedTask } from './served-model.ts';

/** What weighin.yaml says of a model that answers; all of it may be missing, for a file without a project. */
export interface ServingConfig {
  readonly task: ServedTask | null;
  readonly score: string | undefined;
  readonly positive: string | null;
  readonly contract: Contract | null;
}

/**
 * A version from the store: its bytes by their digest, and the columns and positive class of its own report. The contract of this checkout
 * counts only if it is the one that the version was judged by.
 * @throws UserError VERSION_NOT_FOUND, SERVE_NEEDS_ONNX; InfrastructureError of the store
 */
export async function sourceOfVersion(
  store: ObjectStore,
  model: string,
  number: number,
  config: ServingConfig,
  warn: (line: string) => void,
): Promise<ModelSource> {
  const { record } = await readVersion(store, model, number);
  if (record.subject.format !== 'onnx')
    throw new UserError(
      'SERVE_NEEDS_ONNX',
      `${model}@v${number} has format ${record.subject.format}; Weighin answers rows with ONNX models.`,
      'Export the model to ONNX (model.format: onnx), or serve it with your own service: docs/serving.md says what that needs.',
    );
  const bytes = await getBlob(store, record.subject.digest);
  const stored = record.evaluation && parseReport(await getBlob(store, record.evaluation.report));
  const report = stored ? reportSchema.safeParse(stored).data : undefined;
  const sameContract = config.contract !== null && record.dataset?.contract === config.contract.digest;
  if (config.contract && !sameContract && record.dataset?.contract)
    warn(`v${number} was judged by another contract than ${config.contract.file} is now: its ranges are not held against requests.`);
  return {
    version: `v${number}`,
    bytes,
    digest: record.subject.digest,
    task: config.task,
    score: config.score,
    positive: report?.dataset?.positive ?? config.positive,
    features: report?.dataset?.features ?? null,
    contract: sameContract ? config.contract : null,
  };
}

/** A model file on its own. The contract of the checkout, where there is one, is taken at its word. */
export function sourceOfFile(version: string, bytes: Uint8Array, config: ServingConfig): ModelSource {
  return { version, bytes, digest: digestOf(bytes), features: null, ...config };
}
