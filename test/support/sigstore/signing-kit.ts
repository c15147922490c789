import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, sign } from 'node:crypto';
import { initializeCA, initializeTLog, initializeTSA } from '@sigstore/mock';

/** Whom a certificate names; as Fulcio writes it for a job of GitHub Actions. */
export interface SignedBy {
  readonly identity?: string;
  readonly issuer?: string;
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly runner?: string;
}

export const weighIdentity = 'https://github.com/acme/churn/.github/workflows/weighin-weigh.yml@refs/heads/main';

/** A certificate authority, its logs and clock, all of this process: bundles that are right, and roots that prove them. Offline. */
export async function createSigningKit({
  certificatesAt = aMinuteAgo(),
  private: isPrivate = false,
  unlogged = false,
}: {
  certificatesAt?: Date;
  private?: boolean;
  /** Certificates are not put into the log that the root names. */
  unlogged?: boolean;
} = {}) {
  const keys = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const [caKeys, ctKeys, logKeys, stampKeys] = [keys('P-384'), keys('P-256'), keys('P-256'), keys('P-256')];
  const ctlog = createCertificateLog(ctKeys);
  const ca = await initializeCA(caKeys, isPrivate || unlogged ? undefined : ctlog, certificatesAt);
  const tlog = await initializeTLog('https://rekor.sigstore.dev', logKeys);
  // Whole seconds: stamps are read without fractions.
  // Half a minute on: the certificates below begin with the second in which they are made, which must not be later than the stamp.
  const tsa = await initializeTSA(stampKeys, new Date(Math.floor(Date.now() / 1000) * 1000 + 30_000));

  const since = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString();
  const log = (publicKey: Buffer, keyId: Buffer) => ({
    baseUrl: 'https://rekor.sigstore.dev',
    logId: { keyId: keyId.toString('base64') },
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: publicKey.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: { start: since } },
  });
  const authority = (uri: string, certificates: readonly Buffer[]) => ({
    subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
    uri,
    certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes: rawBytes.toString('base64') })) },
    validFor: { start: since },
  });
  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: isPrivate ? [] : [log(tlog.publicKey, createHash('sha256').update(tlog.publicKey).digest())],
    certificateAuthorities: [authority('https://fulcio.sigstore.dev', [ca.rootCertificate])],
    ctlogs: isPrivate ? [] : [log(ctlog.publicKey, ctlog.logID)],
    timestampAuthorities: isPrivate ? [authority('https://timestamp.githubapp.com', [tsa.intCertificate, tsa.rootCertificate])] : [],
  };

  return { trustedRoot, signStatement };

  async function signStatement(statement: unknown, by: SignedBy = {}) {
    const leaf = keys('P-256');
    const certificate = await ca.issueCertificate({
      publicKey: leaf.publicKey.export({ format: 'der', type: 'spki' }),
      subjectAltName: by.identity ?? weighIdentity,
      extensions: [
        [8, by.issuer ?? 'https://token.actions.githubusercontent.com'],
        [11, by.runner ?? 'github-hosted'],
        [12, by.repository ?? 'https://github.com/acme/churn'],
        [15, by.repositoryId ?? '81234567'],
        [21, 'https://github.com/acme/churn/actions/runs/19100001/attempts/1'],
      ].map(([last, value]) => ({ oid: `1.3.6.1.4.1.57264.1.${last}`, value: String(value) })),
    });
    const payload = Buffer.from(JSON.stringify(statement));
    const payloadType = 'application/vnd.in-toto+json';
    const preAuth = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
    const signature = sign('sha256', preAuth, leaf.privateKey);
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: isPrivate ? [] : [await logged(payload, signature, certificate)],
        timestampVerificationData: { rfc3161Timestamps: isPrivate ? [{ signedTimestamp: await stamped(signature) }] : [] },
      },
      dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig: signature.toString('base64'), keyid: '' }] },
    };
  }

  async function logged(payload: Buffer, signature: Buffer, certificate: Buffer) {
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const [entry] = Object.values<LogEntry>(
      await tlog.log({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
          signatures: [{ signature: signature.toString('base64'), verifier: Buffer.from(pem).toString('base64') }],
        },
      }),
    );
    if (!entry?.verification?.inclusionProof) throw new Error('The mock logged nothing.');
    const { inclusionProof: proof, signedEntryTimestamp } = entry.verification;
    return {
      logIndex: String(entry.logIndex),
      logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp },
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
        treeSize: String(proof.treeSize),
        hashes: [],
        checkpoint: { envelope: proof.checkpoint },
      },
      canonicalizedBody: entry.body,
    };
  }

  async function stamped(signature: Buffer) {
    const answer = await tsa.timestamp({
      artifactHash: createHash('sha256').update(signature).digest(),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: randomBytes(4).readUInt32BE(),
      policyOID: '1.3.6.1.4.1.57264.2',
    });
    return answer.toString('base64');
  }
}

/** What the mock's log answers; its own types leave it open. */
interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification?: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof?: {
      readonly logIndex: number;
      readonly treeSize: number;
      readonly rootHash: string;
      readonly checkpoint: string;
    };
  };
}

/** A certificate transparency log of RFC 6962 (the mock's own writes empty signatures with the pkijs that is installed). */
function createCertificateLog({ publicKey, privateKey }: KeyPairKeyObjectResult) {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const logID = createHash('sha256').update(spki).digest();
  return {
    publicKey: spki,
    logID,
    async log(certificate: ArrayBuffer, issuer: ArrayBuffer): Promise<ArrayBuffer> {
      const tbs = firstElement(Buffer.from(certificate));
      const at = Buffer.alloc(8);
      at.writeBigUInt64BE(BigInt(Date.now()));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(tbs.length);
      const signed = [Buffer.from([0, 0]), at, Buffer.from([0, 1]), Buffer.from(issuer), length.subarray(1), tbs, Buffer.from([0, 0])];
      const signature = sign('sha256', Buffer.concat(signed), privateKey);
      const entry = [Buffer.from([0]), logID, at, Buffer.from([0, 0, 4, 3]), uint16(signature.length), signature];
      const sct = Buffer.concat(entry);
      return new Uint8Array(Buffer.concat([uint16(sct.length), sct])).buffer;
    },
  };
}

const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);

/** The first element of a DER sequence, whole: the part of a certificate that is signed. */
function firstElement(der: Buffer): Buffer {
  const header = (at: number) => {
    const first = der[at + 1] ?? 0;
    const extra = first < 0x80 ? 0 : first & 0x7f;
    return { start: at + 2 + extra, length: extra === 0 ? first : der.readUIntBE(at + 2, extra) };
  };
  const inner = header(0).start;
  const { start, length } = header(inner);
  return der.subarray(inner, start + length);
}

/** Stamps are of whole seconds, so a certificate of this moment could be younger than its stamp. */
const aMinuteAgo = () => new Date(Date.now() - 60_000);
