import { describe, expect, it } from 'vitest';
import { readEvidence } from '../../../../bot/reports/read-evidence.ts';
import { canonicalJson, digestOf } from '../../../../shared/digest/canonical-json.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { VersionRecord } from '../../../../shared/registry/version-record.ts';
import { better } from '../../../support/reports/reports.ts';
import { fakeForge, run, weighRun } from '../fake-forge.ts';
import { evidenceArtifactOf, evidenceOf, evidenceZip, measured } from './measured.ts';

const report = measured(better());
const reading = (artifacts: Parameters<typeof fakeForge>[0]) => fakeForge(artifacts).forge;

describe('evidence of the weigh run', () => {
  it('is run-verified by the facts of the Actions API', async () => {
    const forge = reading({ artifacts: { 43: [evidenceArtifactOf(report)] } });
    const { evidence, problems } = await readEvidence(forge, weighRun());
    expect(problems).toEqual([]);
    expect(evidence.map(({ level, document, report: { model } }) => [level, document.pull, model])).toEqual([
      ['run-verified', 57, 'churn'],
    ]);
    expect(digestOf(new TextEncoder().encode(evidence[0]?.texts.report))).toBe(evidence[0]?.document.report);
  });

  it('is attested where a signed statement holds, and nothing where one contradicts it', async () => {
    const forge = reading({ artifacts: { 43: [evidenceArtifactOf(report)] } });
    expect((await readEvidence(forge, weighRun(), async () => 'attested')).evidence[0]?.level).toBe('attested');
    expect((await readEvidence(forge, weighRun(), async () => 'none')).evidence[0]?.level).toBe('run-verified');
    const contradicted = await readEvidence(forge, weighRun(), async () => {
      throw new UserError('ATTESTATION_INVALID', 'Another signer.', 'Look.');
    });
    expect(contradicted.evidence).toEqual([]);
    expect(contradicted.problems.map(({ code }) => code)).toEqual(['ATTESTATION_INVALID']);
  });

  it.each([
    ['a pull request’s own workflow', run({ id: 43 })],
    ['another branch', weighRun({ headBranch: 'evil' })],
    ['a pull request event', weighRun({ event: 'pull_request' })],
    ['a dispatch by hand, which picks its branch', weighRun({ event: 'workflow_dispatch' })],
    ["a push, of a tag that bears the branch's name", weighRun({ event: 'push' })],
    ['another repository', weighRun({ headRepository: { id: 6, fullName: 'mallory/churn' } })],
    ['a run under way', weighRun({ status: 'in_progress' })],
  ])('is never taken from %s', async (_, from) => {
    const { forge, calls } = fakeForge({ artifacts: { 43: [evidenceArtifactOf(report)] } });
    const { evidence, problems } = await readEvidence(forge, from);
    expect(evidence).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['NOT_THE_WEIGH_RUN']);
    expect(calls).toEqual([]);
  });

  it.each<[string, Parameters<typeof evidenceOf>[1], string]>([
    ['another report digest', { report: digestOf(new Uint8Array([1])) }, "report's digest"],
    ['another decision', { decision: digestOf(new Uint8Array([1])) }, "decision's digest"],
    ['another model file', { subject: digestOf(new Uint8Array([1])) }, "model's digest"],
    ['another run', { run: { id: 44, attempt: 1 } }, 'another run'],
    ['a version without its record', { version: { number: 12, record: digestOf(new Uint8Array([1])) } }, 'the version'],
  ])('is refused with %s', async (_, given, says) => {
    const forge = reading({ artifacts: { 43: [evidenceArtifactOf(report, given)] } });
    const { evidence, problems } = await readEvidence(forge, weighRun());
    expect(evidence).toEqual([]);
    expect(problems[0]?.message).toContain(says);
  });

  it('is refused when the zip is not the one that the API names, or the report is only claimed', async () => {
    const swapped = reading({ artifacts: { 43: [{ ...evidenceArtifactOf(report), digest: digestOf(new Uint8Array([1])) }] } });
    expect((await readEvidence(swapped, weighRun())).problems[0]?.message).toContain('Actions API');
    const claimed = reading({ artifacts: { 43: [evidenceArtifactOf(better())] } });
    expect((await readEvidence(claimed, weighRun())).problems[0]?.message).toContain('not measured');
  });

  it('recomputes the decision: a report cannot name another', async () => {
    const forged = { ...report, gates: report.gates.slice(1) };
    const forge = reading({ artifacts: { 43: [evidenceArtifactOf(forged)] } });
    expect((await readEvidence(forge, weighRun())).problems[0]?.message).toContain("decision's digest");
  });

  it('takes the record of a version that was born, to the byte', async () => {
    const record = recordOf();
    const text = canonicalJson(record);
    const document = evidenceOf(report, {
      purpose: 'register',
      pull: null,
      version: { number: 12, record: digestOf(new TextEncoder().encode(text)) },
    });
    const good = reading({
      artifacts: { 43: [{ name: 'weighin-evidence-churn-1', zip: evidenceZip(report, document, { 'churn/version.json': text }) }] },
    });
    const { evidence, problems } = await readEvidence(good, weighRun());
    expect(problems).toEqual([]);
    expect(evidence[0]?.texts.record).toBe(text);
    const other = canonicalJson({ ...record, createdAt: '2026-11-21T09:14:04Z' });
    const bad = reading({
      artifacts: { 43: [{ name: 'weighin-evidence-churn-1', zip: evidenceZip(report, document, { 'churn/version.json': other }) }] },
    });
    expect((await readEvidence(bad, weighRun())).problems[0]?.message).toContain("record's digest");
  });
});

function recordOf(): VersionRecord {
  const digest = digestOf(new Uint8Array());
  const { report: reportDigest, decision, subject } = evidenceOf(report);
  return {
    schema: 'weighin/version@1',
    model: 'churn',
    number: 12,
    createdAt: '2026-11-21T09:14:03Z',
    trust: 'measured',
    subject: { digest: subject, bytes: 10, format: 'onnx', opset: 17, signature: null },
    source: {
      repositoryId: 5,
      repository: 'acme/churn',
      commit: null,
      base: null,
      tree: null,
      pull: 57,
      authors: [11],
      actors: [11],
      builder: 'actions',
    },
    training: null,
    dataset: null,
    evaluation: { report: reportDigest, decision, policy: digest, baseline: null, verdict: 'pass' },
    attestation: null,
  };
}
