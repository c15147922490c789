import { checkSigner, type ExpectedSigner } from '../../attestation/check-signer.ts';
import { checkStatement, type ExpectedStatement, type Objection } from '../../attestation/statement.ts';
import type { AttestationSource, EvidenceVerdict, VerifyEvidence } from '../../attestation/verify-evidence.ts';
import { UserError } from '../../errors.ts';
import { type EvidenceDocument, weighWorkflow } from '../../promotion/evidence-document.ts';

export interface EvidenceOptions {
  readonly trustedRoots: () => Promise<readonly unknown[]>;
  /** `github-hosted` alone by default: on a runner of one's own, an earlier job may have left something behind. */
  readonly runners?: readonly string[];
  /** Of an Enterprise server or enterprise; GitHub's own by default. */
  readonly issuer?: string;
}

/** What an operator sets: `WEIGHIN_RUNNERS` (`github-hosted,self-hosted`), and `WEIGHIN_OIDC_ISSUER` of an Enterprise server. */
export function evidenceSettings(env: Readonly<Record<string, string | undefined>>): Pick<EvidenceOptions, 'runners' | 'issuer'> {
  const runners = (env['WEIGHIN_RUNNERS'] ?? '').split(/[\s,]+/).filter((runner) => runner !== '');
  const issuer = env['WEIGHIN_OIDC_ISSUER'];
  return { ...(runners.length > 0 ? { runners } : {}), ...(issuer ? { issuer } : {}) };
}

/** Bundles of one subject that are looked at. */
const most = 30;

/** Attestations of the forge, held against trusted roots, the weigh run's signature and what the caller expects them to say. */
export function createVerifyEvidence({ trustedRoots, runners = ['github-hosted'], issuer }: EvidenceOptions): VerifyEvidence {
  return async (source, expected) => {
    const bundles = await source.actions.attestations(expected.subject);
    if (bundles === null) return { level: 'none', why: 'This server keeps no attestations.' };
    if (bundles.length === 0) return { level: 'none', why: 'Nobody attested these bytes.' };
    const roots = await trustedRoots();
    const signer = { ...weighRunOf(source), runners, ...(issuer === undefined ? {} : { issuer }) };
    let objection: Objection | undefined;
    for (const bundle of bundles.slice(0, most)) {
      const answer = await judge(bundle, roots, signer, expected);
      if ('level' in answer) return answer;
      if (!beside.has(answer.code)) objection ??= answer;
    }
    return objection
      ? { level: 'refused', why: objection.message }
      : { level: 'none', why: 'These bytes are attested, but not as evaluated.' };
  };
}

/** Attestations of another kind, as a build's provenance is, say nothing for or against an evaluation. */
const beside = new Set(['PREDICATE_OTHER', 'STATEMENT_INVALID']);

export function weighRunOf({ repository }: Pick<AttestationSource, 'repository'>): Omit<ExpectedSigner, 'runners'> {
  return {
    server: new URL(repository.url).origin,
    repository: `${repository.owner}/${repository.name}`,
    repositoryId: repository.id,
    workflow: weighWorkflow,
    branch: repository.defaultBranch,
  };
}

/** One bundle: attested, or the first thing that is not as it must be. */
export async function judge(
  bundle: unknown,
  trustedRoots: readonly unknown[],
  expectedSigner: ExpectedSigner,
  expected: ExpectedStatement,
): Promise<Extract<EvidenceVerdict, { level: 'attested' }> | Objection> {
  const { verifyBundle } = await import('./verify-bundle.ts');
  try {
    const { signer, statement } = verifyBundle(bundle, { trustedRoots });
    const said = checkStatement(statement, expected);
    if ('objection' in said && beside.has(said.objection.code)) return said.objection;
    const foreign = checkSigner(signer, expectedSigner);
    if (foreign) return foreign;
    if ('objection' in said) return said.objection;
    return { level: 'attested', why: `Signed by ${signer.identity}.`, signer, predicate: said.predicate };
  } catch (error) {
    if (error instanceof UserError) return { code: error.code, message: error.message };
    throw error;
  }
}

/**
 * For the bot, which asks of one repository's evidence: `attested`, or `none` where nobody attested it.
 * @throws UserError EVIDENCE_REFUSED where somebody did and it does not hold; InfrastructureError where it could not be asked
 */
export const createVerifyAttestation =
  (verify: VerifyEvidence, source: AttestationSource) =>
  async ({ subject, model, report, decision }: EvidenceDocument): Promise<'attested' | 'none'> => {
    const { level, why } = await verify(source, { subject, predicate: { model, report, decision } });
    if (level !== 'refused') return level;
    throw new UserError(
      'EVIDENCE_REFUSED',
      `The attestation of ${model} does not hold: ${why}`,
      'Let the weigh run measure and sign it again.',
    );
  };
