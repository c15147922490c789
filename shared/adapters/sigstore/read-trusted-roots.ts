import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfrastructureError, UserError } from '../../errors.ts';

/**
 * Trusted roots of a file: one JSON document, or one a line as `gh attestation trusted-root` prints them.
 * @throws UserError TRUSTED_ROOT_INVALID
 */
export async function readTrustedRoots(file: string): Promise<readonly unknown[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw invalid(file, `it can't be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})`);
  });
  try {
    return [asObject(JSON.parse(text))];
  } catch {
    try {
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      if (lines.length === 0) throw new TypeError('empty');
      return lines.map((line) => asObject(JSON.parse(line)));
    } catch {
      throw invalid(file, 'it is no JSON');
    }
  }
}

function asObject(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError('no object');
}

const invalid = (file: string, why: string) =>
  new UserError(
    'TRUSTED_ROOT_INVALID',
    `${file} is no trusted root: ${why}.`,
    'Write one: gh attestation trusted-root > trusted-root.jsonl',
  );

/** A root is asked for again after so long: keys are replaced, seldom. */
const freshForMs = 24 * 60 * 60 * 1000;

/**
 * The roots that attestations are held against: the file that WEIGHIN_TRUSTED_ROOT names (needed for private repositories, whose
 * attestations GitHub signs itself, for Enterprise servers and offline), else Sigstore's public one, by TUF.
 * @throws InfrastructureError TRUSTED_ROOT_UNREACHABLE
 */
export function createTrustedRoots(
  env: Readonly<Record<string, string | undefined>>,
  { now = () => Date.now() }: { readonly now?: () => number } = {},
): () => Promise<readonly unknown[]> {
  let kept: { readonly at: number; readonly roots: Promise<readonly unknown[]> } | undefined;
  return async () => {
    if (!kept || now() - kept.at > freshForMs) {
      const file = env['WEIGHIN_TRUSTED_ROOT'];
      kept = { at: now(), roots: file ? readTrustedRoots(file) : fetchPublicRoot() };
    }
    try {
      return await kept.roots;
    } catch (error) {
      // The next question tries again.
      kept = undefined;
      throw error;
    }
  };
}

async function fetchPublicRoot(): Promise<readonly unknown[]> {
  const [{ getTrustedRoot }, { TrustedRoot }] = await Promise.all([import('@sigstore/tuf'), import('@sigstore/protobuf-specs')]);
  // A folder of this process's own: what lies in one that others may write to would be trusted.
  const cachePath = await mkdtemp(join(tmpdir(), 'weighin-sigstore-'));
  try {
    return [TrustedRoot.toJSON(await getTrustedRoot({ cachePath }))];
  } catch (cause) {
    throw new InfrastructureError(
      'TRUSTED_ROOT_UNREACHABLE',
      'The root that signatures are held against could not be fetched (tuf-repo-cdn.sigstore.dev). Try again, or give a file in WEIGHIN_TRUSTED_ROOT.',
      { cause },
    );
  } finally {
    await rm(cachePath, { recursive: true, force: true });
  }
}
