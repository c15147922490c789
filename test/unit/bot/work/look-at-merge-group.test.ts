import { Octokit } from 'octokit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createContext } from '../../../../bot/create-context.ts';
import { lookAtMergeGroup } from '../../../../bot/work/look-at-merge-group.ts';
import { createGitHubForge } from '../../../../shared/adapters/github-forge/create-github-forge.ts';
import { openRegisteredTeam, type RegisteredTeam } from '../../../support/bot/registered-team.ts';

let team: RegisteredTeam;
beforeAll(async () => {
  team = await openRegisteredTeam();
});
afterAll(() => team.close());

const stageFile = 'registry/churn/stages/production.json';
let groups = 0;
async function verdictOf(files: Readonly<Record<string, string>>) {
  const { github } = team;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const octokit = new Octokit({ auth: github.token.installation(), baseUrl: github.apiUrl, throttle: { enabled: false }, log: silent });
  const forge = await createGitHubForge({ octokit, owner: 'acme', repo: 'churn', appId: github.app.id });
  const parts = {
    forge,
    version: '0.1.0',
    log: silent,
    notify() {},
    mode: 'server' as const,
    verifyNewEvidence: async () => 'none' as const,
  };
  const branch = `gh-readonly-queue/main/pr-${++groups}`;
  const sha = github.git.commit({ branch, base: 'main', files, by: 'ben' });
  await lookAtMergeGroup(createContext(parts), { sha, branch });
  return team.check(sha)?.conclusion;
}

it('stops a stage file that is no JSON, and speaks', async () => {
  expect(await verdictOf({ 'train.py': 'print(2)\n' })).toBe('success');
  expect(await verdictOf({ [stageFile]: '{' })).toBe('failure');
});

it('stops a change of registry/ while the policy cannot be read, and lets through what mends it', async () => {
  const { github } = team;
  const good = github.git.file('main', 'weighin.yaml') ?? '';
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': 'models: [' }, by: 'ben' });
  expect(await verdictOf({ [stageFile]: '{}' })).toBe('failure');
  expect(await verdictOf({ 'weighin.yaml': good })).toBe('success');
});
