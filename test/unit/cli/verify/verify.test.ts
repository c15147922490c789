import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createColors } from '../../../../cli/colors.ts';
import type { CommandIo } from '../../../../cli/command.ts';
import { run } from '../../../../cli/commands/verify.ts';
import { createFolderStore } from '../../../../shared/adapters/folder-store/create-folder-store.ts';
import { evaluationPredicateType } from '../../../../shared/attestation/statement.ts';
import { canonicalBytes, digestOf } from '../../../../shared/digest/canonical-json.ts';
import { silent } from '../../../../shared/pipeline/progress.ts';
import { draftVersion } from '../../../../shared/pipeline/register-model.ts';
import { type EvidenceDocument, evidenceArtifact, weighWorkflow } from '../../../../shared/promotion/evidence-document.ts';
import { acceptedPath, stateBranch } from '../../../../shared/promotion/state-paths.ts';
import { putBlob } from '../../../../shared/registry/blobs.ts';
import { registerVersion } from '../../../../shared/registry/register-version.ts';
import type { VersionRecord } from '../../../../shared/registry/version-record.ts';
import { decisionDigest } from '../../../../shared/report/canonical-report.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';
import { better } from '../../../support/reports/reports.ts';
import { createSigningKit, type SignedBy } from '../../../support/sigstore/signing-kit.ts';

const model = new TextEncoder().encode('the bytes of a model');
const config = `version: 1
models:
  churn: {task: binary, data: {source: a.csv, label: y}, training: {command: b}, evaluation: {gates: [{metric: roc_auc, min: 0.5}]}}
`;
const commit = 'c'.repeat(40);

let github: GitHub;
let kit: Awaited<ReturnType<typeof createSigningKit>>;
let root: string;
const roots: string[] = [];
beforeAll(async () => {
  kit = await createSigningKit();
  github = await openGitHub();
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': config } });
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-verify-'));
  roots.push(root);
  await write('weighin.yaml', config);
  await write('roots.json', JSON.stringify(kit.trustedRoot));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
  await Promise.all(roots.map((folder) => rm(folder, { recursive: true })));
});

async function write(file: string, content: string | Uint8Array) {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}
const blobFile = (digest: string) => `.weighin/store/blobs/sha256/${digest.slice(7)}`;

/** What the weigh run left behind. */
async function register({
  evidence = 'measured',
  attested,
  by = {},
}: {
  evidence?: Report['evidence'];
  attested?: SignedBy | 'elsewhere';
  by?: SignedBy;
} = {}) {
  const store = createFolderStore(join(root, '.weighin/store'));
  const made = better();
  if (!made.training) throw new Error('the fixture has a candidate');
  const candidate = { ...made.training.model, digest: digestOf(model), bytes: model.byteLength };
  const measured = { ...made, evidence, training: { ...made.training, model: candidate } };
  const report: Report = { ...measured, decisionDigest: decisionDigest(measured) };
  const bytes = canonicalBytes(report);
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'churn', digest: { sha256: digestOf(model).slice(7) } }],
    predicateType: evaluationPredicateType,
    predicate: {
      model: 'churn',
      verdict: report.verdict,
      report: digestOf(bytes),
      decision: report.decisionDigest,
      policy: report.policy.digest,
      dataset: report.dataset?.version ?? null,
      baseline: report.evaluation?.baseline?.digest ?? null,
      commit,
      weighin: '0.1.0',
    },
  };
  const bundle = await kit.signStatement(statement, attested === 'elsewhere' ? by : attested);
  const kept = attested && attested !== 'elsewhere' ? await putBlob(store, Buffer.from(JSON.stringify(bundle))) : null;
  const signer = `acme/churn/${weighWorkflow}@refs/heads/main`;
  const draft = draftVersion(report, {
    reportDigest: digestOf(bytes),
    createdAt: new Date('2026-11-21T09:14:03Z'),
    source: {
      repositoryId: github.repository.id,
      repository: 'acme/churn',
      commit,
      base: null,
      tree: null,
      pull: null,
      authors: [],
      actors: [],
      builder: 'actions',
    },
    attestation: kept === null ? null : { bundle: kept, signer, run: { id: 1, attempt: 1 } },
  });
  const { record, digest } = await registerVersion(store, { draft, model, report: bytes });
  return { record, digest, report, bundle };
}

/** As the bot notes a version that the weigh run handed over. */
function accept({ record, digest, report }: { record: VersionRecord; digest: string; report: Report }, run: Partial<Played> = {}) {
  const played = github.playRun({
    path: weighWorkflow,
    event: 'push',
    headBranch: 'main',
    headSha: github.git.head('main') ?? '',
    actor: 'octocat',
    ...run,
    artifacts: run.artifacts ?? [{ name: evidenceArtifact('churn', 1), files: { 'churn/version.json': canonicalBytes(record) } }],
  });
  const evidence: EvidenceDocument = {
    schema: 'weighin/evidence@1',
    purpose: 'register',
    model: 'churn',
    subject: record.subject.digest,
    pull: null,
    headSha: commit,
    run: { id: played.id, attempt: 1 },
    claimedRun: null,
    promotion: null,
    version: { number: record.number, record: digest },
    report: record.evaluation?.report ?? '',
    decision: report.decisionDigest,
  };
  const accepted = {
    schema: 'weighin/accepted@1',
    level: 'run-verified',
    record: digest,
    evidence,
    at: '2026-11-21T09:20:00Z',
    by: 'weighin[bot]/0.1.0',
  };
  github.git.commit({ branch: stateBranch, files: { [acceptedPath('churn', record.number)]: JSON.stringify(accepted) } });
}
type Played = Parameters<GitHub['playRun']>[0];

interface Answer {
  readonly exit: number;
  readonly text: string;
  readonly json: {
    readonly level: string;
    readonly proved: boolean;
    readonly proofs: readonly { code: string; status: string; says: string }[];
  };
}
async function verify(
  args: { bundle?: string; 'trusted-root'?: string; branch?: string; 'self-hosted'?: boolean } = {},
  env: Record<string, string> = {},
): Promise<Answer> {
  const lines: string[] = [];
  let json: unknown;
  const io: CommandIo = {
    cwd: root,
    env: { GITHUB_REPOSITORY: 'acme/churn', GITHUB_API_URL: github.apiUrl, GITHUB_SERVER_URL: 'https://github.com', ...env },
    configFile: 'weighin.yaml',
    version: '0.1.0',
    colors: createColors(false),
    columns: 80,
    progress: silent,
    wantsJson: false,
    print: (line) => lines.push(line),
    writeJson: async (value) => {
      json = value;
    },
  };
  const given = {
    version: 'churn@v1',
    bundle: undefined,
    'trusted-root': join(root, 'roots.json'),
    branch: 'main',
    'self-hosted': false,
    ...args,
  };
  return { exit: await run(given, io), text: lines.join('\n'), json: json as Answer['json'] };
}
const online = () => ({ GH_TOKEN: github.token.workflow({ contents: 'read', actions: 'read', attestations: 'read', metadata: 'read' }) });
const broken = ({ json }: Answer) => json.proofs.filter(({ status }) => status === 'broken').map(({ code }) => code);

describe('without asking GitHub', () => {
  const bundleFile = async (bundle: unknown) => {
    await write('bundle.json', JSON.stringify(bundle));
    return { bundle: join(root, 'bundle.json') };
  };

  it('proves every digest, the decision and the signature of a bundle', async () => {
    const { bundle } = await register({ attested: 'elsewhere' });
    const answer = await verify(await bundleFile(bundle));
    expect(answer.text.replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')).toMatchInlineSnapshot(`
      "✓ churn@v1: proved; measured and signed by the weigh run
        ✓ The record is whole; no copy of it is in registry/churn/versions/v1.json.
          sha256:…
        ✓ The model is the one that was registered (20 bytes).
          sha256:…
        ✓ The report is the one that judged it.
          sha256:…
        ✓ The decision follows from what the report says: pass.
          sha256:…
        ✓ Signed by https://github.com/acme/churn/.github/workflows/weighin-weigh.yml@refs/heads/main (github-hosted)."
    `);
    expect(answer.exit).toBe(0);
    expect(answer.json).toMatchObject({ level: 'attested', proved: true });
  });

  it('finds by itself the bundle that the weigh run kept', async () => {
    await register({ attested: {} });
    expect(await verify()).toMatchObject({ exit: 0, json: { level: 'attested' } });
  });

  it.each<[string, SignedBy]>([
    ['another workflow', { identity: 'https://github.com/acme/churn/.github/workflows/evil.yml@refs/heads/main' }],
    [
      'another repository',
      { identity: `https://github.com/evil/churn/${weighWorkflow}@refs/heads/main`, repository: 'https://github.com/evil/churn' },
    ],
    ['a runner of our own', { runner: 'self-hosted' }],
  ])('does not take the signature of %s', async (_, by) => {
    await register({ attested: by });
    const answer = await verify();
    expect(answer.exit).toBe(1);
    expect(broken(answer)).toEqual(['EVIDENCE']);
    expect(answer.text.split('\n')[0]).toBe('✗ churn@v1 is not what it says: EVIDENCE');
  });

  it('takes another branch and a runner of our own where it is told to', async () => {
    const identity = `https://github.com/acme/churn/${weighWorkflow}@refs/heads/trunk`;
    await register({ attested: { identity, runner: 'self-hosted' } });
    expect((await verify({ branch: 'trunk' })).exit).toBe(1);
    expect((await verify({ branch: 'trunk', 'self-hosted': true })).exit).toBe(0);
  });

  it('does not call proved what nobody could be asked about', async () => {
    await register();
    const answer = await verify();
    expect(answer).toMatchObject({ exit: 3, json: { level: 'unknown', proved: false } });
    expect(answer.text).toContain('GH_TOKEN');
  });

  it('says of a claimed version that its digests are right, and no more', async () => {
    await register({ evidence: 'claimed' });
    const answer = await verify();
    expect(answer).toMatchObject({ exit: 0, json: { level: 'claimed' } });
    expect(answer.text.split('\n')[0]).toContain('claimed');
  });

  it('refuses what is no bundle, and a root that is none', async () => {
    await register();
    await write('bundle.json', 'x');
    await expect(verify({ bundle: join(root, 'bundle.json') })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    const { bundle } = await register({ attested: 'elsewhere' });
    await write('roots.json', 'x');
    await expect(verify(await bundleFile(bundle))).rejects.toMatchObject({ code: 'TRUSTED_ROOT_INVALID' });
  });
});

describe('a byte that differs', () => {
  it.each<[string, string, (made: Awaited<ReturnType<typeof register>>) => Promise<void>]>([
    ['of the model', 'MODEL_BYTES', async ({ record }) => write(blobFile(record.subject.digest), 'another model')],
    ['of the report', 'REPORT_BYTES', async ({ record }) => write(blobFile(record.evaluation?.report ?? ''), '{}')],
    [
      'of the copy in Git',
      'RECORD',
      async ({ record }) => write('registry/churn/versions/v1.json', canonicalBytes({ ...record, createdAt: '2026-11-21T09:14:04Z' })),
    ],
    [
      'of the record itself',
      'RECORD',
      async ({ record }) => write('.weighin/store/models/churn/versions/1.json', JSON.stringify(record, null, 2)),
    ],
    [
      'of what the record says of the decision',
      'DECISION',
      async ({ record }) => rewrite(record, { decision: `sha256:${'0'.repeat(64)}` }),
    ],
    ['of what it says of the verdict', 'RECORD_AND_REPORT', async ({ record }) => rewrite(record, { verdict: 'warn' })],
  ])('%s is found', async (_, code, change) => {
    const made = await register({ evidence: 'claimed' });
    await change(made);
    const answer = await verify();
    expect(answer.exit).toBe(1);
    expect(broken(answer)).toEqual([code]);
  });

  const rewrite = (record: VersionRecord, change: Partial<NonNullable<VersionRecord['evaluation']>>) => {
    if (!record.evaluation) throw new Error('it was evaluated');
    return write(
      '.weighin/store/models/churn/versions/1.json',
      canonicalBytes({ ...record, evaluation: { ...record.evaluation, ...change } }),
    );
  };
});

describe('by asking GitHub', () => {
  it('proves by the signature that GitHub keeps, of the repository that GitHub says', async () => {
    const repository = `${github.url}/acme/churn`;
    const by = { repository, repositoryId: String(github.repository.id), identity: `${repository}/${weighWorkflow}@refs/heads/main` };
    const made = await register({ attested: 'elsewhere', by });
    github.attest(made.record.subject.digest, made.bundle);
    expect(await verify({}, online())).toMatchObject({ exit: 0, json: { level: 'attested' } });
    github.repository.attestations.clear();
  });

  it('proves by the run where nothing was signed, and says so', async () => {
    accept(await register());
    const answer = await verify({}, online());
    expect(answer).toMatchObject({ exit: 0, json: { level: 'run-verified' } });
    expect(answer.json.proofs.map(({ code, status }) => [code, status])).toEqual([
      ['RECORD', 'proved'],
      ['MODEL_BYTES', 'proved'],
      ['REPORT_BYTES', 'proved'],
      ['DECISION', 'proved'],
      ['RUN', 'proved'],
      ['ARTIFACT', 'proved'],
    ]);
  });

  it.each<[string, Partial<Played>, string]>([
    ['another workflow', { path: '.github/workflows/evil.yml' }, 'RUN'],
    ['a pull request', { event: 'pull_request' }, 'RUN'],
    ['another branch', { headBranch: 'evil' }, 'RUN'],
    [
      'an artifact with another record',
      { artifacts: [{ name: evidenceArtifact('churn', 1), files: { 'churn/version.json': '{}' } }] },
      'ARTIFACT',
    ],
  ])('finds that the run is of %s', async (_, run, code) => {
    accept(await register(), run);
    const answer = await verify({}, online());
    expect(answer.exit).toBe(1);
    expect(broken(answer)).toEqual([code]);
  });

  it('finds that the run is of a fork, and that the bot accepted another record', async () => {
    github.users.add({ login: 'mallory' });
    const made = await register();
    accept(made, { headRepo: github.forkOf('mallory') });
    expect(broken(await verify({}, online()))).toEqual(['RUN']);
    accept({ ...made, digest: `sha256:${'0'.repeat(64)}` });
    expect(broken(await verify({}, online()))).toEqual(['EVIDENCE']);
  });

  it('says so where nothing stands behind what says that it was measured', async () => {
    github.git.commit({ branch: stateBranch, files: { [acceptedPath('churn', 1)]: null, 'README.md': 'state' } });
    await register();
    const answer = await verify({}, online());
    expect(answer.exit).toBe(1);
    expect(broken(answer)).toEqual(['EVIDENCE']);
  });

  it('does not take the run for a signature that does not hold', async () => {
    const made = await register();
    accept(made);
    github.attest(made.record.subject.digest, made.bundle);
    // The certificate names another repository id than the double's.
    const answer = await verify({}, online());
    expect(answer.exit).toBe(1);
    expect(broken(answer)).toEqual(['EVIDENCE']);
  });

  it('could not ask where GitHub refuses the token', async () => {
    await register();
    const answer = await verify({}, { GH_TOKEN: 'ghs_nobody' });
    expect(answer).toMatchObject({ exit: 3, json: { level: 'unknown' } });
  });
});
