import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KeepRequest, keepWeighed, type Weighed } from '../../../../actions/weigh/keep-weighed.ts';
import { digestOf } from '../../../../shared/digest/canonical-json.ts';
import { findMeasuredCandidate } from '../../../../shared/registry/measured-candidates.ts';
import { canonicalReport } from '../../../../shared/report/canonical-report.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { createMemoryStore } from '../../../support/registry/memory-store.ts';
import { better, worse } from '../../../support/reports/reports.ts';

const model = new TextEncoder().encode('the bytes of a model');
const row = 'e'.repeat(64);
const profile = `monitoring/churn/reference/${'d'.repeat(32)}.${'c'.repeat(12)}.json`;
const answers = `monitoring/churn/reference/${'d'.repeat(32)}.answers.json`;
const inputs = digestOf(new TextEncoder().encode('inputs'));
let request: KeepRequest;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-keep-'));
  mkdirSync(join(folder, 'rows'));
  writeFileSync(join(folder, 'model.onnx'), model);
  writeFileSync(join(folder, 'rows', `rows+${row}`), new Uint8Array(8));
  for (const key of [profile, answers]) writeFileSync(join(folder, 'rows', key.replaceAll('/', '+')), '{}');
  writeFileSync(join(folder, 'rows', profile.replaceAll('/', '+').replace('churn', 'fraud')), '{}');
  writeFileSync(join(folder, 'rows', 'models+churn+versions+9.json'), '{}');
  writeFileSync(join(folder, 'rows', '..x'), new Uint8Array(8));
  request = {
    taskFolder: folder,
    rows: join(folder, 'rows'),
    bundle: new TextEncoder().encode('{}'),
    run: { id: 9, attempt: 2 },
    now: new Date('2026-11-21T10:00:00Z'),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function weighed(purpose: 'pull' | 'register', report: Report = better(), createdAt = report.createdAt): Weighed {
  if (!report.training) throw new Error('the fixture was trained');
  const own: Report = {
    ...report,
    createdAt,
    model: 'churn',
    evidence: 'measured',
    training: { ...report.training, model: { ...report.training.model, digest: digestOf(model), bytes: model.byteLength } },
  };
  const { bytes, digest } = canonicalReport(own);
  const commit = 'a'.repeat(40);
  const subject = { file: 'model.onnx', digest: digestOf(model), bytes: model.byteLength };
  return {
    task: {
      schema: 'weighin/weigh-task@1',
      purpose,
      model: 'churn',
      repositoryId: 5,
      repository: 'acme/churn',
      defaultBranch: 'main',
      config: 'weighin.yaml',
      policyCommit: commit,
      headSha: commit,
      base: null,
      pull: 12,
      claimedRun: { id: 7, attempt: 1 },
      promotion: null,
      stage: null,
      version: null,
      candidate: subject,
      reuse: true,
      authors: [1],
      actors: [2],
      changed: [],
    },
    judged: {
      schema: 'weighin/judged@1',
      task: inputs,
      model: 'churn',
      verdict: own.verdict,
      headSha: commit,
      tree: 'b'.repeat(40),
      subject,
      origin: 'artifact',
      inputs,
      report: digest,
      decision: own.decisionDigest,
      testDigest: own.evaluation?.testDigest ?? null,
      version: null,
      pull: 12,
      base: null,
      authors: [1],
      actors: [2],
    },
    report: own,
    reportBytes: bytes,
  };
}
const keysOf = (store: ReturnType<typeof createMemoryStore>) => [...store.objects.keys()].map((key) => key.split('/')[0]).sort();

it('keeps a pull request’s candidate where its merge will find it, and gives it no version', async () => {
  const store = createMemoryStore();
  const pull = weighed('pull');
  expect(await keepWeighed(store, pull, request)).toBeNull();
  expect(new Set(keysOf(store))).toEqual(new Set(['blobs', 'candidates', 'looks', 'monitoring', 'rows']));
  expect([...store.objects.keys()].filter((key) => key.startsWith('rows/'))).toEqual([`rows/${row}`]);
  expect([...store.objects.keys()].filter((key) => /^(?:monitoring|models)/.test(key)).sort()).toEqual([answers, profile].sort());
  expect(await findMeasuredCandidate(store, 'churn', inputs)).toMatchObject({
    subject: digestOf(model),
    pull: 12,
    authors: [1],
    actors: [2],
  });
  expect(await findMeasuredCandidate(store, 'fraud', inputs)).toBeNull();
});

it('bears one version of the same bytes, however often they are weighed', async () => {
  const store = createMemoryStore();
  const first = await keepWeighed(store, weighed('register'), request);
  expect(first?.record).toMatchObject({
    number: 1,
    trust: 'measured',
    createdAt: '2026-11-21T10:00:00.000Z',
    source: {
      repositoryId: 5,
      repository: 'acme/churn',
      commit: 'a'.repeat(40),
      tree: 'b'.repeat(40),
      pull: 12,
      authors: [1],
      actors: [2],
      builder: 'actions',
    },
    attestation: {
      bundle: digestOf(new TextEncoder().encode('{}')),
      signer: 'acme/churn/.github/workflows/weighin-weigh.yml@refs/heads/main',
      run: { id: 9, attempt: 2 },
    },
  });
  const later = weighed('register', better(), '2026-11-22T10:00:00.000Z');
  const again = await keepWeighed(store, later, { ...request, run: { id: 10, attempt: 1 } });
  expect(again?.digest).toBe(first?.digest);
  expect(digestOf(again?.reportBytes ?? new Uint8Array())).toBe(first?.record.evaluation?.report);
  expect([...store.objects.keys()].filter((key) => key.startsWith('models/'))).toHaveLength(1);
});

it('says that nobody signed, where nobody did', async () => {
  expect((await keepWeighed(createMemoryStore(), weighed('register'), { ...request, bundle: null }))?.record.attestation).toBeNull();
});

it('bears no version of a model that a gate stops, and keeps nothing of one that could not be judged', async () => {
  const store = createMemoryStore();
  expect(await keepWeighed(store, weighed('register', worse()), request)).toBeNull();
  expect(keysOf(store)).not.toContain('models');
  const empty = createMemoryStore();
  expect(await keepWeighed(empty, weighed('register', { ...better(), verdict: 'error' }), request)).toBeNull();
  expect(keysOf(empty)).toEqual([]);
});

it('attack: other bytes than those that were judged', async () => {
  writeFileSync(join(folder, 'model.onnx'), 'other bytes');
  await expect(keepWeighed(createMemoryStore(), weighed('register'), request)).rejects.toMatchObject({ code: 'MODEL_DIGEST_MISMATCH' });
});
