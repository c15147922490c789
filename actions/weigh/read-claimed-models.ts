import { entryName } from '../../shared/config/schema-parts.ts';
import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { plainName } from '../../shared/pipeline/weigh/find-candidate.ts';
import type { Artifact, Forge, WorkflowRun } from '../../shared/promotion/forge.ts';
import { readArchive } from '../../shared/source/read-archive.ts';
import { trainingResultSchema } from '../../shared/training/training-result.ts';

/** Of a claimed run, model bytes and nothing else: by digest, under a plain name. */
export interface ClaimedModel {
  readonly model: string;
  readonly file: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What an artifact of models may be. A runner has 16 GB; the archive and what it holds are in memory at once. */
const limits = { archive: 1_000_000_000, maxFiles: 5_000, maxFileBytes: 1_000_000_000, maxBytes: 2_000_000_000, document: 5_000_000 };

/**
 * The models in the artifacts `weighin-files-…` of a run. An artifact is whatever the pull request's code made of it: the archive is held
 * against the digest that GitHub kept, its names and sizes against limits, and each model against the digest that its own training.json
 * names. Whether those words are true is nobody's concern here: the bytes are what is weighed.
 */
export async function readClaimedModels(forge: Forge, run: WorkflowRun): Promise<readonly ClaimedModel[]> {
  const found = new Map<string, ClaimedModel>();
  for (const artifact of newestOfEach(await forge.actions.artifacts(run.id), run.attempt)) {
    if (artifact.expired)
      throw new UserError('ARTIFACT_EXPIRED', `The files of run ${run.id} are gone.`, 'Run the workflow weighin again.');
    const zip = await forge.actions.download(artifact.id, limits.archive);
    if (artifact.digest !== null && digestOf(zip) !== artifact.digest)
      throw new UserError(
        'ARTIFACT_DIGEST_MISMATCH',
        `The artifact ${artifact.id} of run ${run.id} is not the one that was uploaded.`,
        'Run the workflow weighin again.',
      );
    for (const claimed of await readModels(zip)) {
      if (found.has(claimed.model))
        throw new UserError(
          'MODEL_AMBIGUOUS',
          `Two artifacts of run ${run.id} hold a model ${claimed.model}.`,
          'Weigh each model in one job of the run.',
        );
      found.set(claimed.model, claimed);
    }
  }
  return [...found.values()];
}

/** A run that was repeated keeps the artifacts of the jobs that were not: of each subject the newest attempt counts. */
function newestOfEach(artifacts: readonly Artifact[], attempt: number): readonly Artifact[] {
  const newest = new Map<string, { readonly attempt: number; readonly artifact: Artifact }>();
  for (const artifact of artifacts) {
    const [, subject, digits] = /^weighin-files-([a-z0-9+-]+)-([1-9]\d{0,5})$/.exec(artifact.name) ?? [];
    if (subject === undefined || Number(digits) > attempt) continue;
    if ((newest.get(subject)?.attempt ?? 0) < Number(digits)) newest.set(subject, { attempt: Number(digits), artifact });
  }
  return [...newest.values()].map(({ artifact }) => artifact);
}

async function readModels(zip: Uint8Array): Promise<readonly ClaimedModel[]> {
  const documents = await readArchive(zip, { ...limits, allow: (name) => /^[^/]+\/training\.json$/.test(name) });
  const claims = [...documents].flatMap(([name, bytes]) => {
    const model = name.split('/')[0] ?? '';
    if (!entryName.safeParse(model).success || bytes.byteLength > limits.document) return [];
    const training = trainingResultSchema.safeParse(parseJson(bytes)).data;
    // A file of numbers is no model: it stays claimed, and nobody is called for that.
    const weighable = training?.model.format === 'onnx' || training?.model.format === 'command';
    return training && weighable ? [{ model, path: `${model}/training/${training.model.file}`, digest: training.model.digest }] : [];
  });
  const wanted = new Set(claims.map(({ path }) => path));
  const files = await readArchive(zip, { ...limits, allow: (name) => wanted.has(name) });
  return claims.flatMap(({ model, path, digest }) => {
    const bytes = files.get(path);
    // A predictions file never leaves its runner, and numbers are no model.
    if (!bytes) return [];
    if (digestOf(bytes) !== digest)
      throw new UserError(
        'MODEL_DIGEST_MISMATCH',
        `The file of ${model} is not the one that its training.json names.`,
        'Run the workflow weighin again.',
      );
    return [{ model, file: plainName(path), digest, bytes }];
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
