import type { z } from 'zod';
import type { configSchema } from '../config/schema.ts';
import type { ContractResult } from '../contract/contract-result.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import type { EvaluationResult, GateResult } from '../evaluation/evaluation-result.ts';
import type { TrainingResult } from '../training/training-result.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** What the card says of a model: a report has all of it, and the version joins it once there is one. */
export interface CardFacts {
  readonly model: string;
  /** null: a candidate that has no number yet. */
  readonly version: number | null;
  readonly description?: string | undefined;
  readonly task: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly evidence: 'claimed' | 'measured';
  readonly verdict: Verdict;
  readonly headline: string;
  readonly contract: ContractResult | null;
  readonly dataset: DatasetManifest | null;
  readonly training: TrainingResult | null;
  readonly evaluation: EvaluationResult | null;
  readonly gates: readonly GateResult[];
  readonly source: { readonly repository: string | null; readonly commit: string | null; readonly dirty: boolean };
  readonly policy: { readonly digest: string; readonly file: string };
  readonly decisionDigest: string;
}

export type CardConfig = z.infer<typeof configSchema>['models'][string]['card'];
export type CardSection = CardConfig['require'][number];

/** Sections that only a person can write, as Markdown: paths in the config are already read. */
export interface CardTexts {
  readonly intendedUse?: string | undefined;
  readonly users?: string | undefined;
  readonly outOfScope?: string | undefined;
  readonly limitations?: string | undefined;
  readonly ethics?: string | undefined;
}
