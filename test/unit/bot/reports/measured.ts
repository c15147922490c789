import { strToU8, zipSync } from 'fflate';
import { canonicalBytes, canonicalJson, digestOf } from '../../../../shared/digest/canonical-json.ts';
import type { EvidenceDocument } from '../../../../shared/promotion/evidence-document.ts';
import { decisionDigest } from '../../../../shared/report/canonical-report.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { headSha } from '../fake-forge.ts';

/** A report as the weigh run writes it. */
export function measured(report: Report): Report {
  return { ...report, evidence: 'measured', decisionDigest: decisionDigest(report) };
}

export function evidenceOf(report: Report, given: Partial<EvidenceDocument> = {}): EvidenceDocument {
  return {
    schema: 'weighin/evidence@1',
    purpose: 'pull',
    model: report.model,
    subject: report.training?.model.digest ?? digestOf(new Uint8Array()),
    pull: 57,
    headSha,
    run: { id: 43, attempt: 1 },
    claimedRun: { id: 42, attempt: 1 },
    promotion: null,
    version: null,
    report: digestOf(canonicalBytes(report)),
    decision: report.decisionDigest,
    ...given,
  };
}

export function evidenceZip(report: Report, document: EvidenceDocument, more: Readonly<Record<string, string>> = {}): Uint8Array {
  return zipSync({
    [`${report.model}/evidence.json`]: strToU8(canonicalJson(document)),
    [`${report.model}/report.json`]: canonicalBytes(report),
    ...Object.fromEntries(Object.entries(more).map(([path, text]) => [path, strToU8(text)])),
  });
}

export const evidenceArtifactOf = (report: Report, given: Partial<EvidenceDocument> = {}) => ({
  name: `weighin-evidence-${report.model}-1`,
  zip: evidenceZip(report, evidenceOf(report, given)),
});
