import { Octokit } from 'octokit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GitHub, openGitHub } from '../../support/github/open-github.ts';

let github: GitHub;
const at = { owner: 'acme', repo: 'churn' };
const octokit = (token: string) =>
  new Octokit({ auth: token, baseUrl: github.apiUrl, throttle: { enabled: false }, retry: { enabled: false }, log: quiet });
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const statusOf = (asked: Promise<{ status: number }>): Promise<number> =>
  asked.then(
    ({ status }) => status,
    (error: { status?: number }) => error.status ?? 0,
  );

beforeAll(async () => {
  github = await openGitHub({ ...at, privateRepo: true });
  github.users.add({ login: 'alice', role: 'maintain', teams: ['ml'] });
  github.users.add({ login: 'bob', role: 'write' });
  github.users.add({ login: 'mallory' });
  github.git.commit({ branch: 'main', files: { 'README.md': 'hello\n', 'models/churn/weighin.yaml': 'a: 1\n' } });
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

let branches = 0;
function pullOf(by = 'bob', files: Record<string, string> = { 'new.txt': `${branches}\n` }) {
  const branch = `topic-${++branches}`;
  const sha = github.git.commit({ branch, base: 'main', files, by });
  return { branch, sha, number: github.openPull({ branch, title: `Topic ${branches}`, by }).number };
}

it('merges a pull request only at the head that is asked for', async () => {
  const { number, branch, sha } = pullOf();
  const bot = octokit(github.token.installation());
  const moved = github.git.commit({ branch, files: { 'more.txt': 'x\n' }, by: 'bob' });
  expect(await statusOf(bot.rest.pulls.merge({ ...at, pull_number: number, sha }))).toBe(409);
  expect((await bot.rest.pulls.get({ ...at, pull_number: number })).data.head.sha).toBe(moved);
  const { data } = await bot.rest.pulls.merge({ ...at, pull_number: number, sha: moved });
  expect(github.git.head('main')).toBe(data.sha);
  expect(github.git.file('main', 'more.txt')).toBe('x\n');
});

it('answers 201 to the first reaction of an account, 200 to the next', async () => {
  const { number } = pullOf();
  const { id } = github.comment(number, '/status', 'alice');
  const bot = octokit(github.token.installation());
  const ask = () => statusOf(bot.rest.reactions.createForIssueComment({ ...at, comment_id: id, content: 'eyes' }));
  expect([await ask(), await ask()]).toEqual([201, 200]);
});

it('commits by GraphQL only on the head that was expected', async () => {
  const bot = octokit(github.token.installation());
  const head = github.git.head('main');
  const commit = () =>
    bot.graphql<{ createCommitOnBranch: { commit: { oid: string } } }>(
      'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid signature { isValid } } } }',
      {
        input: {
          branch: { repositoryNameWithOwner: 'acme/churn', branchName: 'main' },
          expectedHeadOid: head,
          message: { headline: 'State' },
          fileChanges: { additions: [{ path: 'state.json', contents: Buffer.from('{}').toString('base64') }] },
        },
      },
    );
  expect((await commit()).createCommitOnBranch.commit.oid).toBe(github.git.head('main'));
  await expect(commit()).rejects.toMatchObject({ errors: [{ type: 'STALE_DATA' }] });
});

it('reads files, pulls and people by GraphQL', async () => {
  const { number } = pullOf();
  github.review(number, 'alice', 'APPROVED');
  const bot = octokit(github.token.installation());
  const answer = await bot.graphql<Record<string, unknown>>(
    `query($owner: String!, $repo: String!, $number: Int!) {
      repository(owner: $owner, name: $repo) {
        object(expression: "main:models/churn/weighin.yaml") { ... on Blob { text byteSize isBinary } }
        folder: object(expression: "main:models") { ... on Tree { entries { name type } } }
        pullRequest(number: $number) {
          author { login ... on User { databaseId } }
          mergeable isInMergeQueue isMergeQueueEnabled isCrossRepository
          files(first: 100) { nodes { path } }
          commits(first: 10) { nodes { commit { authors(first: 5) { nodes { user { login } } } signature { isValid } } } }
          reviews(first: 10) { nodes { state authorCanPushToRepository author { login } } }
        }
        collaborators(first: 10) { edges { permission node { login } } }
      }
      organization(login: $owner) { team(slug: "ml") { members(first: 5) { nodes { login } } } }
      viewer { login }
    }`,
    { ...at, number },
  );
  expect(answer).toMatchObject({
    repository: {
      object: { text: 'a: 1\n', byteSize: 5, isBinary: false },
      folder: { entries: [{ name: 'churn', type: 'tree' }] },
      pullRequest: {
        author: { login: 'bob' },
        mergeable: 'MERGEABLE',
        reviews: { nodes: [{ state: 'APPROVED', authorCanPushToRepository: true }] },
      },
    },
    organization: { team: { members: { nodes: [{ login: 'alice' }] } } },
    viewer: { login: 'weighin[bot]' },
  });
});
