import { canonicalBytes, digestOf, digestOfDocument } from '../digest/canonical-json.ts';
import type { Report } from './report.ts';

/**
 * `report.json` as it is written: canonical JSON (RFC 8785) in UTF-8, and the sha256 of exactly these bytes.
 * @throws Error where a number is NaN or infinite: no report holds one.
 */
export function canonicalReport(report: Report): { readonly bytes: Uint8Array; readonly digest: string } {
  const bytes = canonicalBytes(report);
  return { bytes, digest: digestOf(bytes) };
}

export type DecisionParts = Pick<Report, 'model' | 'dataset' | 'training' | 'evaluation' | 'gates' | 'policy'>;

/** What was decided, of what, by which policy: nothing that another machine or another hour would change. */
export function decisionCore({ model, dataset, training, evaluation, gates, policy }: DecisionParts) {
  const part = (split: { readonly digest: string; readonly rowIds: string }) => ({ digest: split.digest, rowIds: split.rowIds });
  return {
    schema: 'weighin/decision@1',
    model,
    subject: training?.model.digest ?? null,
    baseline: evaluation?.baseline?.digest ?? null,
    dataset: dataset && {
      version: dataset.version,
      splits: { train: part(dataset.splits.train), validation: part(dataset.splits.validation), test: part(dataset.splits.test) },
    },
    testRows: evaluation?.testDigest ?? null,
    gates: gates
      // Times differ from machine to machine, and so may what is decided on them.
      .filter(({ unit, metric }) => unit !== 'ms' && !metric.startsWith('latency'))
      .map(({ id, kind, metric, slice, rule, limit, prove, decide, severity, status, reason }) => ({
        id,
        kind,
        metric,
        slice,
        rule,
        limit,
        prove,
        decide,
        severity,
        status,
        reason,
      })),
    policy: policy.digest,
  };
}

/** sha256 of the canonical decision core: two runs with the same one took the same decision. */
export const decisionDigest = (parts: DecisionParts): string => digestOfDocument(decisionCore(parts));
