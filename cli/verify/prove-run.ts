import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { broken, open, type Proof, proved } from '../../shared/pipeline/verify/proof.ts';
import type { ProvedVersion } from '../../shared/pipeline/verify/prove-version.ts';
import { acceptedDocumentSchema } from '../../shared/promotion/accepted-document.ts';
import { evidenceArtifact, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { acceptedPath, stateBranch } from '../../shared/promotion/state-paths.ts';
import { readArchive } from '../../shared/source/read-archive.ts';

const largestArtifact = 50_000_000;
const largestRecord = 1_000_000;
/** Events that run the default branch's code. */
const events = ['workflow_run', 'repository_dispatch', 'push', 'schedule', 'workflow_dispatch'];

/** The facts of the run that measured a version, from the Actions API: the bot noted which run that was, and is not believed beyond it. */
export async function proveRun(forge: Forge, { record, digest }: ProvedVersion): Promise<readonly Proof[]> {
  const { model, number } = record;
  const path = acceptedPath(model, number);
  const [state] = await forge.git.read([{ ref: stateBranch, paths: [path] }]);
  const text = state?.files.get(path) ?? null;
  const accepted = text === null ? undefined : acceptedDocumentSchema.safeParse(parse(text)).data;
  if (!accepted || accepted.record !== digest)
    return [broken('EVIDENCE', 'It says that it was measured, but no attestation and no weigh run stands behind it.')];
  const { run: named } = accepted.evidence;
  const run = await forge.actions.run(named.id);
  if (!run) return [broken('RUN', `Run ${named.id}, which is said to have measured it, is not there.`)];
  const { defaultBranch, id } = forge.repository;
  const wrong =
    run.path !== weighWorkflow
      ? `it is of ${run.path}`
      : !events.includes(run.event)
        ? `it was started by ${run.event}`
        : run.headBranch !== defaultBranch
          ? `it is of ${run.headBranch ?? 'no branch'}`
          : run.headRepository?.id !== id
            ? 'it is of another repository'
            : null;
  if (wrong) return [broken('RUN', `Run ${named.id} is no weigh run of ${defaultBranch}: ${wrong}.`)];
  const facts = proved('RUN', `Measured by run ${named.id}: ${run.path} of ${defaultBranch}, by ${run.event}.`);
  return [facts, await proveArtifact(forge, named, model, digest)];
}

async function proveArtifact(
  forge: Forge,
  run: { readonly id: number; readonly attempt: number },
  model: string,
  digest: string,
): Promise<Proof> {
  const name = evidenceArtifact(model, run.attempt);
  const artifact = (await forge.actions.artifacts(run.id)).find((one) => one.name === name);
  if (!artifact || artifact.expired) return open('ARTIFACT', `${name} has expired; what the bot accepted is in ${stateBranch}.`);
  const zip = await forge.actions.download(artifact.id, largestArtifact);
  if (artifact.digest === null || digestOf(zip) !== artifact.digest)
    return broken('ARTIFACT', `${name} does not have the digest that the Actions API says.`, digestOf(zip));
  const bytes = await readRecord(zip, `${model}/version.json`);
  return bytes && digestOf(bytes) === digest
    ? proved('ARTIFACT', `${name} holds this record.`, artifact.digest)
    : broken('ARTIFACT', `${name} holds another record.`, artifact.digest);
}

/** A zip that is refused holds no record; GitHub may have kept it all the same. */
async function readRecord(zip: Uint8Array, file: string): Promise<Uint8Array | undefined> {
  try {
    return (await readArchive(zip, { maxBytes: largestRecord, maxFiles: 100, allow: (path) => path === file })).get(file);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
