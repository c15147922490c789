import type { GithubConnection } from './connect-github.ts';

export type Ask = <Answer>(work: (github: GithubConnection) => Promise<Answer>) => Promise<Answer>;
export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** Text up to so many bytes goes along with the tree: one content write less, of which GitHub allows 80 a minute. */
const inlineText = 100_000;

/** A commit without parents whose tree is one file; nothing points at it yet. Gives its id. */
export async function writeCommit(
  ask: Ask,
  { owner, repo }: Repository,
  { path, bytes, message }: { readonly path: string; readonly bytes: Uint8Array; readonly message: string },
): Promise<string> {
  const text = plainText(bytes);
  const content =
    text === undefined
      ? {
          sha: (
            await ask((github) =>
              github.request('POST /repos/{owner}/{repo}/git/blobs', {
                owner,
                repo,
                content: Buffer.from(bytes).toString('base64'),
                encoding: 'base64',
              }),
            )
          ).data.sha,
        }
      : { content: text };
  const tree = await ask((github) =>
    github.request('POST /repos/{owner}/{repo}/git/trees', { owner, repo, tree: [{ path, mode: '100644', type: 'blob', ...content }] }),
  );
  const commit = await ask((github) =>
    github.request('POST /repos/{owner}/{repo}/git/commits', { owner, repo, message, tree: tree.data.sha, parents: [] }),
  );
  return commit.data.sha;
}

/** Bytes that are exactly this text in UTF-8; undefined for what must go as bytes. */
function plainText(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === 0 || bytes.byteLength > inlineText || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
