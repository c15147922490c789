import { judge, weighRunOf } from '../../shared/adapters/sigstore/create-verify-evidence.ts';
import type { ExpectedSigner } from '../../shared/attestation/check-signer.ts';
import type { ExpectedStatement } from '../../shared/attestation/statement.ts';
import type { EvidenceVerdict, VerifyEvidence } from '../../shared/attestation/verify-evidence.ts';
import { InfrastructureError } from '../../shared/errors.ts';
import { broken, open, type Proof, proved } from '../../shared/pipeline/verify/proof.ts';
import type { ProvedVersion } from '../../shared/pipeline/verify/prove-version.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { getBlob } from '../../shared/registry/blobs.ts';
import type { ObjectStore } from '../../shared/registry/object-store.ts';
import { isStoreError } from '../../shared/registry/store-error.ts';
import type { VersionRecord } from '../../shared/registry/version-record.ts';
import { proveRun } from './prove-run.ts';

/** How far the evidence is believed; `unknown`: nobody could be asked. */
export type Level = 'attested' | 'run-verified' | 'claimed' | 'unknown';
export interface ProvedEvidence {
  readonly level: Level;
  readonly proofs: readonly Proof[];
}

export interface EvidenceQuestion {
  readonly version: ProvedVersion;
  readonly store: ObjectStore;
  /** null: offline, or nobody gave a token. Asked once at most. */
  readonly connect: () => Promise<Forge | null>;
  /** A bundle that was handed in; undefined where the record's own or the forge's is looked for. */
  readonly bundle: unknown;
  /** Who must have signed what was handed in, where no forge says it. */
  readonly signer: ExpectedSigner;
  readonly trustedRoots: () => Promise<readonly unknown[]>;
  readonly verify: VerifyEvidence;
}

/**
 * Who measured it: proved by a signature, else by the facts of the run that the Actions API tells, else not at all. A signature that does not
 * hold is broken, whatever else would be true.
 */
export async function proveEvidence(question: EvidenceQuestion): Promise<ProvedEvidence> {
  const { version } = question;
  const { record } = version;
  if (!record.evaluation || record.trust === 'claimed')
    return {
      level: 'claimed',
      proofs: [
        open(
          'EVIDENCE',
          record.evaluation ? 'Claimed: made where the training’s own code ran. There is nothing to prove.' : 'Adopted, never evaluated.',
        ),
      ],
    };
  try {
    const forge = await question.connect();
    const answer = await askSignature(question, forge, expectedOf(record, record.evaluation));
    if (answer?.level === 'attested')
      return { level: 'attested', proofs: [proved('EVIDENCE', `Signed by ${answer.signer.identity} (${answer.signer.runner}).`)] };
    if (answer?.level === 'refused')
      return { level: 'claimed', proofs: [broken('EVIDENCE', `Its attestation does not hold: ${answer.why}`)] };
    if (!forge) return { level: 'unknown', proofs: [open('EVIDENCE', nobodyAsked)] };
    const run = await proveRun(forge, version);
    return { level: run.every(({ status }) => status !== 'broken') ? 'run-verified' : 'claimed', proofs: run };
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return { level: 'unknown', proofs: [open('EVIDENCE', `${error.code}: ${error.message}`)] };
  }
}

const nobodyAsked = 'Nobody could be asked who measured it: give a token (GH_TOKEN), or --bundle and --trusted-root.';

async function askSignature(
  { version, store, bundle, signer, trustedRoots, verify }: EvidenceQuestion,
  forge: Forge | null,
  expected: ExpectedStatement,
): Promise<EvidenceVerdict | null> {
  const given = bundle ?? (await readKept(store, version.record));
  if (given !== undefined) {
    const who = bundle === undefined && forge ? { ...signer, ...weighRunOf(forge) } : signer;
    const answer = await judge(given, await trustedRoots(), who, expected);
    return 'level' in answer ? answer : { level: 'refused', why: answer.message };
  }
  return forge && (await verify(forge, expected));
}

function expectedOf(
  { model, subject, dataset, source }: VersionRecord,
  { report, decision, policy, baseline, verdict }: NonNullable<VersionRecord['evaluation']>,
): ExpectedStatement {
  const commit = source.commit === null ? {} : { commit: source.commit };
  return {
    subject: subject.digest,
    predicate: { model, report, decision, policy, baseline, verdict, dataset: dataset?.digest ?? null, ...commit },
  };
}

/** The bundle that the weigh run kept; undefined where the store has none, and the forge is asked. */
async function readKept(store: ObjectStore, { attestation }: VersionRecord): Promise<unknown> {
  if (!attestation) return undefined;
  try {
    return parse(await getBlob(store, attestation.bundle));
  } catch (error) {
    if (isStoreError(error, 'BLOB_MISSING')) return undefined;
    throw error;
  }
}

/** What is no JSON is no bundle, and is refused as one. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
