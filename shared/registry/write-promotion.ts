import type { Config } from '../config/schema.ts';
import { canonicalBytes } from '../digest/canonical-json.ts';
import type { Notice } from '../verdict/notice.ts';
import { getBlob } from './blobs.ts';
import { checkPromotion } from './check-promotion.ts';
import type { ObjectStore } from './object-store.ts';
import { readStage } from './read-stage.ts';
import { readVersion, type Version } from './read-versions.ts';
import { renderPlan } from './render-plan.ts';
import type { PlanDocument, StageDocument } from './stage-document.ts';
import { stageOfConfig } from './stage-of-config.ts';
import { wasAtStage } from './was-at-stage.ts';
import { planPath, recordPath, stagePath } from './work-tree-paths.ts';
import { writeFiles } from './write-files.ts';

export interface PromotionRequest {
  /** Folder of weighin.yaml in the work tree. */
  readonly root: string;
  readonly store: ObjectStore;
  readonly config: Config;
  readonly model: string;
  readonly version: number;
  readonly stage: string;
}

export interface StageChange {
  /** false with ALREADY_AT_STAGE among the notices: nothing to do, and nothing was written. */
  readonly changed: boolean;
  readonly document: StageDocument;
  readonly plan: PlanDocument;
  readonly version: Version;
  /** Paths to commit, relative to the root. */
  readonly files: readonly string[];
  readonly notices: readonly Notice[];
}

/**
 * Points a stage at a version, in the files of an ordinary pull request: plan, copy of the record, stage file. Model and report
 * are read and verified first: what cannot be read cannot be served.
 * @throws UserError MODEL_UNKNOWN, STAGE_UNKNOWN, VERSION_NOT_FOUND, and the refusals of `checkPromotion`.
 */
export async function writePromotion(request: PromotionRequest): Promise<StageChange> {
  const { root, store, config, model, stage } = request;
  const declared = stageOfConfig(config, model, stage);
  const current = await readStage(root, model, stage);
  const version = await readVersion(store, model, request.version);
  if (current && current.document.version.number === version.record.number) {
    const message = `${model} ${stage} is at v${version.record.number} already; nothing to do.`;
    return {
      changed: false,
      document: current.document,
      plan: current.plan,
      version,
      files: [],
      notices: [{ code: 'ALREADY_AT_STAGE', message }],
    };
  }
  const { subject, evaluation } = version.record;
  const report = evaluation && (await getBlob(store, evaluation.report));
  const { after } = declared.stage;
  const notices = checkPromotion({
    record: version.record,
    report,
    stage,
    stageConfig: declared.stage,
    modelConfig: declared.model,
    wasAtStageBefore: after === undefined || (await wasAtStage(root, model, after, subject.digest)),
  });
  await getBlob(store, subject.digest);
  return writeStage({ root, config, model, stage, operation: 'promote', version, current: current?.document, notices });
}

interface StageToWrite {
  readonly root: string;
  readonly config: Config;
  readonly model: string;
  readonly stage: string;
  readonly operation: StageDocument['operation'];
  readonly version: Version;
  readonly current: StageDocument | undefined;
  readonly notices: readonly Notice[];
}

/** Writes the three files of a change, the one that points at the others last. */
export async function writeStage({ root, notices, ...change }: StageToWrite): Promise<StageChange> {
  const { model, stage, version } = change;
  const { plan, document } = renderPlan(change);
  const files = [
    { path: recordPath(model, version.record.number), bytes: canonicalBytes(version.record) },
    { path: planPath(model, stage, document.generation), bytes: canonicalBytes(plan) },
    { path: stagePath(model, stage), bytes: canonicalBytes(document) },
  ];
  await writeFiles(root, files);
  return { changed: true, document, plan, version, files: files.map((file) => file.path), notices };
}
