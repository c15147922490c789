import { randomUUID } from 'node:crypto';
import { InfrastructureError } from '../../errors.ts';
import { assertObjectPrefix } from '../../registry/object-key.ts';
import type { ObjectStore } from '../../registry/object-store.ts';
import { describeFailure, type RetryOptions, retryRequest, statusOf } from '../github/retry-request.ts';
import { checkedRepository, connectGithub, type GithubConnection, type GithubEnvironment } from './connect-github.ts';
import { githubStoreError, largestObject, objectTooLarge } from './github-store-error.ts';
import { publishReleases } from './publish-releases.ts';
import { keyOfRef, refOfKey, refPrefixes, type StoredAt } from './ref-of-key.ts';
import { writeCommit } from './write-commit.ts';

export interface GithubStoreOptions extends RetryOptions {
  /** Told where a version stands but its release could not be written. */
  readonly warn?: (line: string) => void;
}

/** So often a ref that is neither taken nor given is asked for again: other writes of it were under way. */
const claimTries = 6;

/**
 * A store in a repository of GitHub. Every object is one file of a commit without parents, and the ref that points at it claims the key:
 * creating a ref succeeds once, so nothing is half-visible and exactly one writer wins. Blobs lie under refs that no clone fetches.
 * The record of a version is claimed by its tag, `<model>@v<N>`, and gets a release, which is for people: nothing reads it, and one that
 * a crash left out is made up for at the next version. Nothing is asked before the first use.
 *
 * Objects of at most 75 MB. Rules for tags (`*@v*`) keep records from being moved; blobs are verified by their digest.
 */
export function createGithubStore(repository: string | null, env: GithubEnvironment, options: GithubStoreOptions = {}): ObjectStore {
  const { owner, repo } = checkedRepository(repository);
  const location = `github:${owner}/${repo}`;
  const { sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)) } = options;
  let connection: Promise<GithubConnection> | undefined;
  const connect = () => (connection ??= connectGithub(env, location));
  const ask = async <Answer>(work: (github: GithubConnection) => Promise<Answer>): Promise<Answer> => {
    const github = await connect();
    return retryRequest(() => work(github), { ...options, sleep });
  };

  const matching = (ref: string) =>
    ask((github) =>
      // Answers of many refs come in pages where the server makes pages of them.
      github.paginate<{ readonly ref: string; readonly object: { readonly sha: string } }>({
        method: 'GET',
        url: '/repos/{owner}/{repo}/git/matching-refs/{ref}',
        owner,
        repo,
        ref: ref.slice('refs/'.length),
        per_page: 100,
      }),
    );
  /** By prefix, since "no such ref" and "no such repository" are the same 404 to the question for one ref. */
  const find = async (wanted: string) => (await matching(wanted)).find(({ ref }) => ref === wanted)?.object.sha;

  const store: ObjectStore = {
    location,

    async read(key) {
      const at = refOfKey(key);
      try {
        const commit = await find(at.ref);
        return commit === undefined ? undefined : await readFile(at, commit);
      } catch (cause) {
        if (statusOf(cause) === 409) return undefined;
        throw githubStoreError(location, `reading ${key}`, false, cause);
      }
    },

    async create(key, bytes) {
      const at = refOfKey(key);
      if (bytes.byteLength > largestObject) throw objectTooLarge(location, key, bytes.byteLength);
      const taken = await find(at.ref).catch((cause: unknown) => {
        throw githubStoreError(location, `reading ${key}`, false, cause);
      });
      if (taken !== undefined) return false;
      try {
        // A commit of this writer's own: after an answer that was lost, the ref itself says whether it is the one that won.
        const message = `${at.version ? at.version.tag : key}\n\nKept by Weighin.\nWriter: ${randomUUID()}`;
        const commit = await writeCommit(ask, { owner, repo }, { path: at.path, bytes, message });
        if (!(await claim(at.ref, commit))) return false;
      } catch (cause) {
        throw githubStoreError(location, `writing ${key}`, true, cause);
      }
      if (at.version)
        await publishReleases({ ask, owner, repo, store, version: at.version }).catch((cause: unknown) => {
          const status = statusOf(cause);
          options.warn?.(
            `${at.version?.tag} is registered; its release could not be written (${status === null ? 'no answer' : `HTTP ${status}`}). The next version makes up for it.`,
          );
        });
      return true;
    },

    async *list(prefix) {
      assertObjectPrefix(prefix);
      const keys: string[] = [];
      try {
        for (const start of refPrefixes(prefix))
          for (const { ref } of await matching(start)) {
            const key = keyOfRef(ref);
            if (key?.startsWith(prefix)) keys.push(key);
          }
      } catch (cause) {
        if (statusOf(cause) !== 409) throw githubStoreError(location, `listing ${prefix}`, false, cause);
      }
      // Refs sort by their own characters, keys by theirs.
      yield* keys.sort();
    },
  };
  return store;

  async function claim(ref: string, commit: string): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await ask((github) => github.request('POST /repos/{owner}/{repo}/git/refs', { owner, repo, ref, sha: commit }));
        return true;
      } catch (cause) {
        if (statusOf(cause) !== 422) throw cause;
        const holds = await find(ref);
        if (holds !== undefined) return holds === commit;
        if (attempt >= claimTries || /rule violation/i.test(describeFailure(cause))) throw cause;
        await sleep(50 * 2 ** attempt);
      }
    }
  }

  async function readFile({ path, ref }: StoredAt, commit: string): Promise<Uint8Array> {
    try {
      return await ask(async (github) => {
        const { data } = await github.request('GET /repos/{owner}/{repo}/contents/{path}', {
          owner,
          repo,
          path,
          ref: commit,
          headers: { accept: 'application/vnd.github.raw+json' },
          // Read as text where the answer says that it is, which it says of any bytes.
          request: { parseSuccessResponseBody: false },
        });
        return new Uint8Array(await new Response(data as unknown as ReadableStream).arrayBuffer());
      });
    } catch (cause) {
      if (statusOf(cause) !== 404) throw cause;
      throw new InfrastructureError(
        'RECORD_CORRUPT',
        `${ref} of ${location} was not made by Weighin: it holds no ${path}. Remove it: git push origin :${ref}`,
      );
    }
  }
}
