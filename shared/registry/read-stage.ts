import { digestOfDocument } from '../digest/canonical-json.ts';
import { invalid, readDocument } from './read-document.ts';
import { type PlanDocument, planDocumentSchema, type StageDocument, stageDocumentSchema } from './stage-document.ts';
import { checkedName } from './version-name.ts';
import { type VersionRecord, versionRecordSchema } from './version-record.ts';
import { planPath, recordPath, stagePath } from './work-tree-paths.ts';

export interface Stage {
  readonly document: StageDocument;
  readonly plan: PlanDocument;
  /** The promoted version, from its copy in Git. */
  readonly record: VersionRecord;
}

/**
 * What a stage of the work tree under `root` points at; null where it points at nothing yet. The three files that a promotion
 * wrote are held against each other, so that an edit by hand of any one is found.
 * @throws UserError REGISTRY_FILE_INVALID with the file.
 */
export async function readStage(root: string, model: string, stage: string): Promise<Stage | null> {
  const path = stagePath(checkedName(model, 'model'), checkedName(stage, 'stage'));
  const document = await readDocument(root, path, stageDocumentSchema);
  if (!document) return null;
  const { generation, version } = document;
  if (document.model !== model || document.stage !== stage) throw invalid(path, `it is of ${document.model} ${document.stage}`);

  const planFile = planPath(model, stage, generation);
  const plan = await readDocument(root, planFile, planDocumentSchema);
  if (!plan) throw invalid(path, `its plan ${planFile} is missing`);
  if (digestOfDocument(plan) !== document.plan) throw invalid(planFile, `its digest is not the one that ${path} names`);
  if (plan.to.number !== version.number || plan.to.digest !== version.digest || plan.generation !== generation)
    throw invalid(path, `it does not point where its plan ${planFile} says`);

  const recordFile = recordPath(model, version.number);
  const record = await readDocument(root, recordFile, versionRecordSchema);
  if (!record) throw invalid(path, `the record ${recordFile} of its version is missing`);
  if (digestOfDocument(record) !== version.record) throw invalid(recordFile, `its digest is not the one that ${path} names`);
  if (record.subject.digest !== version.digest || record.number !== version.number)
    throw invalid(path, `it names another model than the record ${recordFile}`);
  return { document, plan, record };
}
