import type { Signer } from './check-signer.ts';
import type { EvaluationPredicate, ExpectedStatement } from './statement.ts';

/** Where attestations lie: a forge is one. */
export interface AttestationSource {
  readonly repository: {
    readonly id: number;
    readonly owner: string;
    readonly name: string;
    readonly defaultBranch: string;
    /** `https://github.com/acme/churn`. */
    readonly url: string;
  };
  readonly actions: {
    /** Bundles of a subject; null where the server keeps none. */
    attestations(digest: string): Promise<readonly unknown[] | null>;
  };
}

export type EvidenceVerdict =
  | { readonly level: 'attested'; readonly why: string; readonly signer: Signer; readonly predicate: EvaluationPredicate }
  /** none: nobody attested an evaluation of these bytes. refused: somebody did, and it does not hold; nothing weaker may stand in for it. */
  | { readonly level: 'none' | 'refused'; readonly why: string };

/**
 * Proves that the weigh run of the default branch judged these bytes so.
 * @throws InfrastructureError where it could not be asked, which is none of the answers
 */
export type VerifyEvidence = (source: AttestationSource, expected: ExpectedStatement) => Promise<EvidenceVerdict>;
