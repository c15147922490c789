import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGithubStore } from '../../shared/adapters/github-store/create-github-store.ts';
import { keyOfRef, refOfKey, refPrefixes } from '../../shared/adapters/github-store/ref-of-key.ts';
import { claimVersion } from '../../shared/registry/claim-version.ts';
import { listVersions } from '../../shared/registry/read-versions.ts';
import { registerVersion } from '../../shared/registry/register-version.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { type GitDataDouble, startGitDataDouble } from '../support/github-store/git-data-double.ts';
import { registration, versionDraft } from '../support/registry/version-draft.ts';
import { describeObjectStore, listed } from './object-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const opened: GitDataDouble[] = [];
async function start(options?: Parameters<typeof startGitDataDouble>[0]) {
  const double = await startGitDataDouble(options);
  opened.push(double);
  return double;
}
afterAll(async () => {
  for (const double of opened) await double.close();
});

const waits: number[] = [];
const warnings: string[] = [];
const open = ({ url }: GitDataDouble, env: Record<string, string> = {}) =>
  createGithubStore(
    'acme/churn',
    { GITHUB_API_URL: url, GITHUB_TOKEN: 'right-token', ...env },
    {
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
      warn: (line) => warnings.push(line),
    },
  );

const githubs: GitHub[] = [];
afterAll(async () => {
  for (const github of githubs) {
    expect(github.unknown).toEqual([]);
    await github.close();
  }
});

/** As a job with `permissions: contents: write` sees a repository that has a first commit; real Git lies behind it. */
async function openRepository() {
  const github = await openGitHub();
  githubs.push(github);
  github.git.commit({ branch: 'main', files: { 'README.md': 'churn' } });
  const store = (permissions: Record<string, string> = { contents: 'write' }) =>
    createGithubStore('acme/churn', { GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: github.token.workflow(permissions) });
  return { github, store };
}

describeObjectStore('github', async () => {
  const { github, store } = await openRepository();
  return {
    store: store(),
    again: () => store(),
    overwrite: async (key, content) => {
      const { ref, path } = refOfKey(key);
      const { git } = github.repository;
      const tree = git.editTree(null, new Map([[path, { oid: git.writeBlob(Buffer.from(content)), mode: '100644' }]]));
      const at = { name: 'x', email: 'x@example.test', date: github.clock.iso() };
      const commit = git.writeCommit({ tree, parents: [], author: at, committer: at, message: 'Behind its back' });
      execFileSync('git', ['update-ref', ref, commit], { cwd: github.git.path });
    },
  };
});

it('registers a version as a tag and a release of a real repository, whose clone holds no model', async () => {
  const { github, store } = await openRepository();
  const handedIn = registration();
  const { record } = await registerVersion(store(), handedIn);
  expect(JSON.parse(github.git.file('churn@v1', 'version.json') ?? '')).toEqual(record);
  expect(github.releases()).toMatchObject([
    { tag: 'churn@v1', draft: false, assets: [{ name: 'version.json' }, { name: 'report.json' }, { name: 'churn-v1.onnx' }] },
  ]);
  const clone = await mkdtemp(join(tmpdir(), 'weighin-clone-'));
  execFileSync('git', ['clone', '-q', github.git.path, clone]);
  const refs = execFileSync('git', ['for-each-ref', '--format=%(refname)'], { cwd: clone, encoding: 'utf8' }).trim().split('\n');
  expect(refs).toEqual(expect.arrayContaining(['refs/tags/churn@v1', 'refs/remotes/origin/main']));
  expect(refs.filter((ref) => ref.includes('weighin'))).toEqual([]);
  await rm(clone, { recursive: true });
});

it('reads with a token that may only read, and says so where it is asked to write', async () => {
  const { store } = await openRepository();
  await store().create('a/b', bytes('x'));
  const reader = store({ contents: 'read' });
  expect(await listed(reader, 'a/')).toEqual(['a/b']);
  expect(await reader.read('a/b')).toEqual(bytes('x'));
  await expect(reader.create('a/c', bytes('x'))).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  await expect(store({ metadata: 'read' }).read('a/b')).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
});

it('names the ruleset that keeps it from making a tag', async () => {
  const { github, store } = await openRepository();
  github.protect({ refs: ['refs/tags/**'], rules: [{ type: 'creation' }] });
  await expect(registerVersion(store(), registration())).rejects.toMatchObject({
    code: 'STORE_READ_ONLY',
    hint: expect.stringContaining('ruleset'),
  });
});

let double: GitDataDouble;
beforeEach(async () => {
  double = await start();
});
afterEach(() => {
  waits.length = 0;
  warnings.length = 0;
});

describe('keys as refs', () => {
  const keys = ['a/b.json', 'a.b', 'a', 'a/b', 'a..b/c', 'x.lock', 'x.', 'models/churn/versions/12.json', 'models/churn/versions/012.json'];

  it('gives every key a ref of its own, and back', () => {
    const refs = [...keys, 'models/churn/versions/12.json.bak'].map((key) => {
      expect(keyOfRef(refOfKey(key).ref)).toBe(key);
      return refOfKey(key).ref;
    });
    expect(new Set(refs).size).toBe(refs.length);
    expect(refOfKey('models/churn/versions/12.json').ref).toBe('refs/tags/churn@v12');
  });

  it('makes no ref that Git forbids, nor one that is the folder of another', async () => {
    const store = open(double);
    for (const key of keys) expect(await store.create(key, bytes(key))).toBe(true);
    expect([...double.refs.keys()].filter((ref) => [...double.refs.keys()].some((other) => other.startsWith(`${ref}/`)))).toEqual([]);
    expect(await listed(store, '')).toEqual([...keys].sort());
  });

  it('finds a version below every beginning of its key, among tags that are not its own', async () => {
    const store = open(double);
    for (const number of [1, 2, 10]) await claimVersion(store, versionDraft({ seed: number }));
    double.overwrite('refs/tags/v1.0.0', 'a', bytes('the software'));
    double.overwrite('refs/tags/churn@v01', 'a', bytes('a look-alike'));
    const key = 'models/churn/versions/2.json';
    for (let end = 0; end < key.length; end++) {
      if (key[end - 1] === '/' || end === 0 || /[a-z0-9]$/.test(key.slice(0, end)))
        expect(await listed(store, key.slice(0, end))).toContain(key);
    }
    expect(await listed(store, 'models/churn/versions/')).toEqual([1, 2, 3].map((number) => `models/churn/versions/${number}.json`));
    expect(refPrefixes('blobs/sha256/')).toEqual(['refs/weighin/store/blobs,sha256,']);
  });
});

it('reads in two requests, and writes a small text in four', async () => {
  const store = open(double);
  await store.create('a/b', bytes('x'));
  expect(double.asked.map((question) => question.split(' ')[0])).toEqual(['GET', 'POST', 'POST', 'POST']);
  double.asked.length = 0;
  await store.read('a/b');
  expect(double.asked).toHaveLength(2);
});

it('lists every page', async () => {
  const store = open(double);
  for (let index = 0; index < 65; index++) double.overwrite(refOfKey(`looks/${index}`).ref, 'object', bytes('x'));
  expect(await listed(store, 'looks/')).toHaveLength(65);
});

it('keeps text byte for byte, a byte order mark and line ends too', async () => {
  const store = open(double);
  for (const text of ['\u{feff}bom', 'a\r\nb\r\n', '  spaces ', 'ü€😀', 'nul\0']) {
    const key = `t/${double.refs.size}`;
    await store.create(key, bytes(text));
    expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await store.read(key))).toBe(text);
  }
});

it('knows that it won where the answer was lost on its way', async () => {
  double.faults.push({ match: /^POST \/git\/refs/, status: 502, after: true });
  expect(await open(double).create('a', bytes('mine'))).toBe(true);
  expect(await open(double).create('a', bytes('mine'))).toBe(false);
  expect(waits).toEqual([1000]);
});

it('waits as the headers of a limit say', async () => {
  double.faults.push(
    { match: /^GET/, status: 403, headers: { 'retry-after': '7' } },
    { match: /^POST/, status: 429, headers: { 'retry-after': '3' } },
  );
  expect(await open(double).create('a', bytes('x'))).toBe(true);
  expect(waits).toEqual([7000, 3000]);
});

it('calls a limit that is not lifted an outage, not a refusal', async () => {
  double.faults.push({ match: /^POST/, status: 403, headers: { 'retry-after': '3600' } });
  await expect(open(double).create('a', bytes('x'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});

it('tells apart a repository that may only be read, a wrong token, none, and no repository', async () => {
  double.faults.push({ match: /^POST/, status: 403 });
  await expect(open(double).create('a', bytes('x'))).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  await expect(open(double, { GITHUB_TOKEN: 'wrong' }).read('a')).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
  const none = createGithubStore('acme/churn', { GITHUB_API_URL: double.url });
  await expect(none.read('a')).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  await expect(none.create('a', bytes('x'))).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  const silent = createGithubStore('acme/churn', { GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_TOKEN: 'x' }, { attempts: 1 });
  await expect(silent.read('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining('no answer') });
  const elsewhere = createGithubStore('acme/other', { GITHUB_API_URL: double.url, GITHUB_TOKEN: 'right-token' });
  await expect(elsewhere.read('a')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  await expect(listed(elsewhere, '')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  expect(() => createGithubStore(null, {})).toThrow(expect.objectContaining({ code: 'STORE_ADDRESS_INVALID' }));
});

it('does not mistake a failing server for a missing object, and repeats nothing of what it says', async () => {
  for (let again = 0; again < 4; again++) double.faults.push({ match: /^GET/, status: 500 });
  const error = await open(double)
    .read('a')
    .catch((cause: unknown) => cause as Error & { code: string });
  expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(String((error as Error).message)).not.toContain('right-token');
});

it('holds nothing in a repository without commits, and says what to do before it can', async () => {
  const empty = open(await start({ empty: true }));
  expect(await empty.read('a')).toBeUndefined();
  expect(await listed(empty, '')).toEqual([]);
  await expect(empty.create('a', bytes('x'))).rejects.toMatchObject({ message: expect.stringContaining('no commit yet') });
});

it('refuses what GitHub would not keep, and names the store that does', async () => {
  const huge = { byteLength: 75_000_001 } as Uint8Array;
  await expect(open(double).create('blobs/x', huge)).rejects.toMatchObject({
    code: 'STORE_OBJECT_TOO_LARGE',
    hint: expect.stringContaining('s3://'),
  });
  expect(double.asked).toEqual([]);
});

it('says so where somebody else made a tag that a version needs', async () => {
  double.overwrite('refs/tags/churn@v1', 'README.md', bytes('x'));
  await expect(claimVersion(open(double), versionDraft())).rejects.toMatchObject({
    code: 'RECORD_CORRUPT',
    message: expect.stringContaining('git push origin :refs/tags/churn@v1'),
  });
});

it('gives 8 clients at once 8 numbers, and each its release', async () => {
  const claims = await Promise.all(Array.from({ length: 8 }, (_, who) => claimVersion(open(double), versionDraft({ seed: who }))));
  expect(claims.map(({ record }) => record.number).sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, index) => index + 1));
  expect(new Set((await listVersions(open(double), 'churn')).map(({ record }) => record.subject.digest)).size).toBe(8);
  expect(warnings).toEqual([]);
  expect(new Set(double.releases.map(({ tag_name }) => tag_name)).size).toBe(8);
  expect(double.releases.filter(({ draft, assets }) => draft || assets.length === 0)).toEqual([]);
  expect(double.releases).toHaveLength(8);
});

describe('the release of a version', () => {
  it('says what the record says, as plain text, and holds model, report and record', async () => {
    const store = open(double);
    const hostile = registration({
      change: { attestation: { bundle: `sha256:${'b'.repeat(64)}`, signer: '@everyone <img src=x>', run: { id: 1, attempt: 1 } } },
    });
    const { record } = await registerVersion(store, hostile);
    expect(double.releases).toHaveLength(1);
    const [release] = double.releases;
    expect(release).toMatchObject({ tag_name: 'churn@v1', name: 'churn v1', draft: false, make_latest: 'false' });
    expect(release?.assets.map(({ name }) => name)).toEqual(['version.json', 'report.json', 'churn-v1.onnx']);
    expect(release?.assets[2]?.bytes.equals(Buffer.from(hostile.model))).toBe(true);
    expect(release?.body).toContain('**pass**, claimed');
    expect(release?.body).toContain(record.subject.digest);
    expect(release?.body).not.toMatch(/@everyone|<img/);
  });

  it('is made up for by the next version where a crash left it out, and a draft is filled, not doubled', async () => {
    const store = open(double);
    await registerVersion(store, registration({ seed: 1 }));
    double.faults.push({ match: /^GET \/releases\/tags/, status: 404 }, { match: /^POST \/uploads/, status: 400 });
    await registerVersion(store, registration({ seed: 2 }));
    expect(warnings).toEqual([expect.stringContaining('churn@v2 is registered')]);
    expect(double.releases.filter(({ draft }) => draft)).toHaveLength(1);
    expect((await listVersions(store, 'churn')).map(({ record }) => record.number)).toEqual([1, 2]);
    await registerVersion(store, registration({ seed: 3 }));
    expect(double.releases.map(({ tag_name, draft, assets }) => [tag_name, draft, assets.length])).toEqual([
      ['churn@v1', false, 3],
      ['churn@v2', false, 3],
      ['churn@v3', false, 3],
    ]);
  });

  it('is not removed by the run that published it and was told otherwise', async () => {
    double.faults.push({ match: /^PATCH \/releases/, status: 422, after: true });
    await registerVersion(open(double), registration());
    expect(double.releases).toMatchObject([{ tag_name: 'churn@v1', draft: false }]);
    expect(warnings).toEqual([]);
  });

  it('never loses the version by failing', async () => {
    for (let again = 0; again < 8; again++) double.faults.push({ match: /^POST \/releases/, status: 500 });
    const { record } = await registerVersion(open(double), registration());
    expect(record.number).toBe(1);
    expect(warnings).toHaveLength(1);
  });
});
