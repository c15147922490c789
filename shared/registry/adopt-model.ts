import { readFile } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import { digestOf } from '../digest/canonical-json.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import type { ModelFormat } from '../training/training-result.ts';
import type { ObjectStore } from './object-store.ts';
import { readStage } from './read-stage.ts';
import { registerVersion } from './register-version.ts';
import { stageOfConfig } from './stage-of-config.ts';
import type { VersionRecord } from './version-record.ts';
import { type StageChange, writeStage } from './write-promotion.ts';

export interface Adoption {
  readonly root: string;
  readonly store: ObjectStore;
  readonly config: Config;
  readonly model: string;
  readonly stage: string;
  /** Path of the model file that runs today. */
  readonly file: string;
  readonly now: Date;
  /** What the caller read from an ONNX file; the format is weighin.yaml's by default. */
  readonly subject?: { readonly format?: ModelFormat; readonly opset?: number | null; readonly signature?: string | null };
  /** Where it happens, as far as it is known. */
  readonly source?: Partial<Omit<VersionRecord['source'], 'builder'>>;
}

/**
 * Takes in the model that runs at a stage today: nobody trained or evaluated it here, so its record says `adopted` and `claimed`,
 * and it is a baseline from now on.
 * @throws UserError MODEL_FILE_MISSING, STAGE_NOT_EMPTY where the stage points at another model already.
 */
export async function adoptModel({ root, store, config, model, stage, file, now, subject, source }: Adoption): Promise<StageChange> {
  const declared = stageOfConfig(config, model, stage);
  const bytes = await readModelFile(file);
  const digest = digestOf(bytes);
  const current = await readStage(root, model, stage);
  if (current?.document.version.digest === digest) {
    const { document, plan, record } = current;
    const message = `${model} ${stage} is at this model already, v${record.number}; nothing to do.`;
    const version = { record, digest: document.version.record };
    return { changed: false, document, plan, version, files: [], notices: [{ code: 'ALREADY_AT_STAGE', message }] };
  }
  if (current)
    throw new UserError(
      'STAGE_NOT_EMPTY',
      `${model} ${stage} is at v${current.record.number}, which is another model.`,
      'Only a stage that points at nothing yet takes in a model. Register this one and promote it.',
    );
  const { record, digest: recordDigest } = await registerVersion(store, {
    model: bytes,
    report: null,
    draft: {
      model,
      createdAt: now.toISOString(),
      trust: 'claimed',
      subject: {
        digest,
        bytes: bytes.byteLength,
        format: subject?.format ?? declared.model.model.format,
        opset: subject?.opset ?? null,
        signature: subject?.signature ?? null,
      },
      source: {
        repositoryId: null,
        repository: null,
        commit: null,
        base: null,
        tree: null,
        pull: null,
        authors: [],
        actors: [],
        ...source,
        builder: 'adopted',
      },
      training: null,
      dataset: null,
      evaluation: null,
      attestation: null,
    },
  });
  const version = { record, digest: recordDigest };
  return writeStage({ root, config, model, stage, operation: 'adopt', version, current: undefined, notices: [] });
}

async function readModelFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR')
      throw new UserError(
        'MODEL_FILE_MISSING',
        `There is no model file ${file}.`,
        'Give the path of the file that production loads today.',
      );
    throw new InfrastructureError('MODEL_FILE_UNREADABLE', `${file} could not be read (${code}).`, { cause });
  }
}
