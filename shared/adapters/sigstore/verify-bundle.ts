import { type Bundle, bundleFromJSON, isBundleWithDsseEnvelope } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { Signer } from '../../attestation/check-signer.ts';
import { UserError } from '../../errors.ts';

export interface VerifiedBundle {
  /** JSON of the payload, whose signature is right; what it says is checked elsewhere. */
  readonly statement: unknown;
  readonly signer: Signer;
}

export interface VerifyOptions {
  /** `trusted_root.json` documents; one that proves the bundle is enough. */
  readonly trustedRoots: readonly unknown[];
}

/** Fulcio's extensions of a certificate: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const oid = (last: number) => `1.3.6.1.4.1.57264.1.${last}`;
const runnerEnvironment = oid(11);
const sourceRepository = oid(12);
const sourceRepositoryId = oid(15);
const runInvocation = oid(21);

/**
 * Proves a Sigstore bundle: certificate, logs or timestamps, and signature over its statement. A trusted root that names a log wants the
 * bundle to be in it; GitHub's own for private repositories names none and stamps the time instead.
 * @throws UserError ATTESTATION_INVALID, with why
 */
export function verifyBundle(bundle: unknown, { trustedRoots }: VerifyOptions): VerifiedBundle {
  const read = readBundle(bundle);
  if (!isBundleWithDsseEnvelope(read)) throw invalid('it holds no statement');
  const { payload, payloadType } = read.content.dsseEnvelope;
  if (payloadType !== 'application/vnd.in-toto+json') throw invalid('its payload is no statement of in-toto');
  let why = 'there is no trusted root to hold it against';
  for (const document of trustedRoots) {
    try {
      return { signer: signerOf(verify(read, document)), statement: parse(payload) };
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      why = cause instanceof Error ? cause.message : 'unknown';
    }
  }
  throw invalid(why);
}

function readBundle(bundle: unknown): Bundle {
  try {
    return bundleFromJSON(bundle);
  } catch {
    throw invalid('it is no bundle');
  }
}

type Identity = NonNullable<ReturnType<Verifier['verify']>['identity']>;

function verify(bundle: Bundle, document: unknown): Identity | undefined {
  const root = TrustedRoot.fromJSON(document);
  const verifier = new Verifier(toTrustMaterial(root), {
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  return verifier.verify(toSignedEntity(bundle)).identity;
}

function signerOf(identity: Identity | undefined): Signer {
  if (!identity?.subjectAlternativeName) throw invalid('its signer has no name');
  const text = (wanted: string) => {
    const found = identity.oids?.find(({ oid: each }) => each?.id.join('.') === wanted);
    return found ? utf8String(found.value) : null;
  };
  const id = text(sourceRepositoryId);
  return {
    identity: identity.subjectAlternativeName,
    issuer: identity.extensions?.issuer ?? null,
    repository: text(sourceRepository),
    repositoryId: id !== null && /^[1-9]\d{0,15}$/.test(id) ? Number(id) : null,
    runner: text(runnerEnvironment),
    run: text(runInvocation),
  };
}

/** An ASN.1 UTF8String of DER; null for any other value. */
function utf8String(der: Buffer): string | null {
  const [tag, first = 0] = der;
  if (tag !== 0x0c) return null;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 2) return null;
  const length = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  return der.length === start + length ? der.toString('utf8', start) : null;
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw invalid('its statement is no JSON');
  }
}

const invalid = (why: string) =>
  new UserError(
    'ATTESTATION_INVALID',
    `The attestation does not prove anything: ${why.replace(/\.$/, '')}.`,
    'Let the weigh run sign the model again; for a private repository or an Enterprise server give its trusted root (`gh attestation trusted-root`).',
  );
