import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createVerifyAttestation, createVerifyEvidence } from '../../../shared/adapters/sigstore/create-verify-evidence.ts';
import { createTrustedRoots } from '../../../shared/adapters/sigstore/read-trusted-roots.ts';
import { verifyBundle } from '../../../shared/adapters/sigstore/verify-bundle.ts';
import { checkSigner, type ExpectedSigner } from '../../../shared/attestation/check-signer.ts';
import { checkStatement, type EvaluationPredicate, evaluationPredicateType } from '../../../shared/attestation/statement.ts';
import { InfrastructureError } from '../../../shared/errors.ts';
import type { EvidenceDocument } from '../../../shared/promotion/evidence-document.ts';
import { createSigningKit, type SignedBy } from '../../support/sigstore/signing-kit.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const predicate: EvaluationPredicate = {
  model: 'churn',
  verdict: 'pass',
  report: digest('6'),
  decision: digest('7'),
  policy: digest('8'),
  dataset: digest('9'),
  baseline: null,
  commit: 'c'.repeat(40),
  weighin: '0.1.0',
};
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'churn.onnx', digest: { sha256: 'a'.repeat(64) } }],
  predicateType: evaluationPredicateType,
  predicate,
};
const expected = { subject: digest('a'), predicate: { report: predicate.report, decision: predicate.decision, baseline: null } };
const weighRun: ExpectedSigner = {
  server: 'https://github.com',
  repository: 'acme/churn',
  repositoryId: 81234567,
  workflow: '.github/workflows/weighin-weigh.yml',
  branch: 'main',
  runners: ['github-hosted'],
};

let kit: Awaited<ReturnType<typeof createSigningKit>>;
beforeAll(async () => {
  kit = await createSigningKit();
});
const prove = async (signed: unknown, root: unknown = kit.trustedRoot) => verifyBundle(signed, { trustedRoots: [root] });

it('proves a bundle: its signer, its statement', async () => {
  const { signer, statement: said } = await prove(await kit.signStatement(statement));
  expect(checkSigner(signer, weighRun)).toBeNull();
  expect(checkStatement(said, expected)).toEqual({ predicate });
  expect(signer.run).toBe('https://github.com/acme/churn/actions/runs/19100001/attempts/1');
});

it('proves one of a private repository, which GitHub stamps and does not publish', async () => {
  const own = await createSigningKit({ private: true });
  const bundle = await own.signStatement(statement);
  const { signer } = verifyBundle(bundle, { trustedRoots: [kit.trustedRoot, own.trustedRoot] });
  expect(checkSigner(signer, weighRun)).toBeNull();
  await expect(prove(bundle)).rejects.toMatchObject({ code: 'ATTESTATION_INVALID' });
});

it.each<[string, SignedBy, string]>([
  ['another workflow', { identity: 'https://github.com/acme/churn/.github/workflows/evil.yml@refs/heads/main' }, 'SIGNER_OTHER'],
  ['another branch', { identity: 'https://github.com/acme/churn/.github/workflows/weighin-weigh.yml@refs/heads/evil' }, 'SIGNER_OTHER'],
  ['a branch that begins the same', { identity: `${weighIdentityOf('acme/churn')}-2` }, 'SIGNER_OTHER'],
  ['a pull request', { identity: 'https://github.com/acme/churn/.github/workflows/weighin-weigh.yml@refs/pull/7/merge' }, 'SIGNER_OTHER'],
  ['a workflow of another repository that ours calls', { identity: weighIdentityOf('evil/churn') }, 'SIGNER_OTHER'],
  [
    'another repository',
    { identity: weighIdentityOf('evil/churn'), repository: 'https://github.com/evil/churn', repositoryId: '666' },
    'REPOSITORY_OTHER',
  ],
  ['a repository that took our name', { repositoryId: '666' }, 'REPOSITORY_OTHER'],
  ['another issuer', { issuer: 'https://accounts.google.com' }, 'ISSUER_OTHER'],
  ['a runner of our own where that is refused', { runner: 'self-hosted' }, 'RUNNER_NOT_ACCEPTED'],
])('refuses what was signed by %s', async (_, by, code) => {
  const { signer } = await prove(await kit.signStatement(statement, by));
  expect(checkSigner(signer, weighRun)).toMatchObject({ code });
});

it('takes a runner of our own where it is accepted, and a repository by its name where no id is known', async () => {
  const { signer } = await prove(await kit.signStatement(statement, { runner: 'self-hosted' }));
  expect(checkSigner(signer, { ...weighRun, runners: ['github-hosted', 'self-hosted'] })).toBeNull();
  const byName = { ...weighRun, repositoryId: null, runners: ['self-hosted'] };
  expect(checkSigner(signer, byName)).toBeNull();
  expect(checkSigner(signer, { ...byName, repository: 'acme/other' })).toMatchObject({ code: 'REPOSITORY_OTHER' });
});

it('knows a repository that was renamed by its id', async () => {
  const { signer } = await prove(await kit.signStatement(statement));
  expect(checkSigner(signer, { ...weighRun, repository: 'acme/churn-models' })).toBeNull();
});

describe('a bundle that proves nothing', () => {
  it.each<[string, (bundle: Bundle) => unknown]>([
    ['a changed statement', (bundle) => withPayload(bundle, { ...statement, predicate: { ...predicate, verdict: 'fail' } })],
    ['another signature', (bundle) => withSignature(bundle, Buffer.alloc(70, 1).toString('base64'))],
    ['no entry in the log', (bundle) => ({ ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [] } })],
    ['no bundle at all', () => ({ hello: 'world' })],
    ['null', () => null],
    ['a payload of another kind', (bundle) => ({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payloadType: 'text/plain' } })],
  ])('%s', async (_, change) => {
    await expect(prove(change(await kit.signStatement(statement)))).rejects.toMatchObject({ code: 'ATTESTATION_INVALID' });
  });

  it('a foreign authority', async () => {
    const foreign = await createSigningKit();
    await expect(prove(await foreign.signStatement(statement))).rejects.toMatchObject({ code: 'ATTESTATION_INVALID' });
  });

  it('a certificate that no log has seen', async () => {
    const unlogged = await createSigningKit({ unlogged: true });
    await expect(prove(await unlogged.signStatement(statement), unlogged.trustedRoot)).rejects.toMatchObject({
      code: 'ATTESTATION_INVALID',
    });
  });

  it('a certificate that had expired when it signed', async () => {
    const late = await createSigningKit({ certificatesAt: new Date(Date.now() - 60 * 60 * 1000) });
    await expect(prove(await late.signStatement(statement), late.trustedRoot)).rejects.toMatchObject({ code: 'ATTESTATION_INVALID' });
  });

  it('no trusted root', async () => {
    const bundle = await kit.signStatement(statement);
    expect(() => verifyBundle(bundle, { trustedRoots: [] })).toThrow(/no trusted root/);
  });
});

describe('a statement', () => {
  it.each<[string, unknown, string]>([
    ['about other bytes', { ...statement, subject: [{ name: 'x', digest: { sha256: 'b'.repeat(64) } }] }, 'SUBJECT_OTHER'],
    ['about the right bytes by another algorithm', { ...statement, subject: [{ digest: { sha512: 'a'.repeat(64) } }] }, 'SUBJECT_OTHER'],
    ['of another type', { ...statement, predicateType: 'https://slsa.dev/provenance/v1' }, 'PREDICATE_OTHER'],
    ['of another report', { ...statement, predicate: { ...predicate, report: digest('0') } }, 'PREDICATE_DIFFERS'],
    ['of another baseline', { ...statement, predicate: { ...predicate, baseline: digest('0') } }, 'PREDICATE_DIFFERS'],
    ['with a key that nobody knows', { ...statement, predicate: { ...predicate, also: 1 } }, 'PREDICATE_INVALID'],
    ['without a predicate', { ...statement, predicate: null }, 'PREDICATE_INVALID'],
    ['that is none', { _type: 'https://in-toto.io/Statement/v0.1' }, 'STATEMENT_INVALID'],
  ])('%s is not believed', (_, said, code) => {
    expect(checkStatement(said, expected)).toMatchObject({ objection: { code } });
  });
});

it('reads roots of a file, one or one a line, and no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-roots-'));
  const file = join(folder, 'roots');
  const read = async (text: string) => {
    await writeFile(file, text);
    return createTrustedRoots({ WEIGHIN_TRUSTED_ROOT: file })();
  };
  expect(await read('{"a": 1}')).toEqual([{ a: 1 }]);
  expect(await read('{"a":1}\n{"b":2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  for (const text of ['', 'x', '[]', '1', '{"a":1}\nx']) await expect(read(text)).rejects.toMatchObject({ code: 'TRUSTED_ROOT_INVALID' });
  await rm(folder, { recursive: true });
  await expect(createTrustedRoots({ WEIGHIN_TRUSTED_ROOT: file })()).rejects.toMatchObject({ code: 'TRUSTED_ROOT_INVALID' });
});

describe('the evidence of a version', () => {
  const source = (bundles: readonly unknown[] | null) => ({
    repository: { id: 81234567, owner: 'acme', name: 'churn', defaultBranch: 'main', url: 'https://github.com/acme/churn' },
    actions: { attestations: async (asked: string) => (asked === expected.subject ? bundles : []) },
  });
  const verify = createVerifyEvidence({ trustedRoots: async () => [kit.trustedRoot] });
  const evil = { identity: 'https://github.com/acme/churn/.github/workflows/evil.yml@refs/heads/main' };

  it('is attested where one of the bundles proves it', async () => {
    const provenance = await kit.signStatement({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' });
    const bundles = [provenance, await kit.signStatement(statement, evil), await kit.signStatement(statement)];
    expect(await verify(source(bundles), expected)).toMatchObject({ level: 'attested', predicate: { verdict: 'pass' } });
  });

  it('is refused where somebody else signed it, or it says something else', async () => {
    expect(await verify(source([await kit.signStatement(statement, evil)]), expected)).toMatchObject({ level: 'refused' });
    const older = await kit.signStatement({ ...statement, predicate: { ...predicate, report: digest('0') } });
    expect(await verify(source([older]), expected)).toMatchObject({ level: 'refused', why: expect.stringContaining('report') });
    const foreign = await createSigningKit();
    expect(await verify(source([await foreign.signStatement(statement)]), expected)).toMatchObject({ level: 'refused' });
  });

  it('is none where nobody attested an evaluation', async () => {
    expect(await verify(source(null), expected)).toMatchObject({ level: 'none' });
    expect(await verify(source([]), expected)).toMatchObject({ level: 'none' });
    const provenance = await kit.signStatement({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' }, evil);
    expect(await verify(source([provenance]), expected)).toMatchObject({ level: 'none' });
  });

  it('is for the bot attested, none, an error where it does not hold, and another where it could not be asked', async () => {
    const document = { subject: expected.subject, model: 'churn', report: predicate.report, decision: predicate.decision };
    const ask = async (bundles: readonly unknown[] | null, roots = async (): Promise<readonly unknown[]> => [kit.trustedRoot]) =>
      createVerifyAttestation(createVerifyEvidence({ trustedRoots: roots }), source(bundles))(document as EvidenceDocument);
    const good = await kit.signStatement(statement);
    expect(await ask([good])).toBe('attested');
    expect(await ask(null)).toBe('none');
    await expect(ask([await kit.signStatement(statement, evil)])).rejects.toMatchObject({ code: 'EVIDENCE_REFUSED' });
    const unreachable = async () => {
      throw new InfrastructureError('TRUSTED_ROOT_UNREACHABLE', 'no network');
    };
    await expect(ask([good], unreachable)).rejects.toMatchObject({ code: 'TRUSTED_ROOT_UNREACHABLE' });
  });
});

type Bundle = Awaited<ReturnType<(typeof kit)['signStatement']>>;
const withPayload = (bundle: Bundle, said: unknown) => ({
  ...bundle,
  dsseEnvelope: { ...bundle.dsseEnvelope, payload: Buffer.from(JSON.stringify(said)).toString('base64') },
});
const withSignature = (bundle: Bundle, sig: string) => ({
  ...bundle,
  dsseEnvelope: { ...bundle.dsseEnvelope, signatures: [{ sig, keyid: '' }] },
});
function weighIdentityOf(repository: string) {
  return `https://github.com/${repository}/.github/workflows/weighin-weigh.yml@refs/heads/main`;
}
