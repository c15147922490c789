import { expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';
import { churnRepository } from '../support/churn-repository.ts';

const event = (fields: object) => JSON.stringify({ repository: { default_branch: 'main' }, ...fields, sender: { login: 'ada' } });
const side = (sha: string) => ({ sha: sha.repeat(40), ref: 'main', repo: { full_name: 'acme/churn' } });

it('registers nothing in the job of a pull request, and does on the default branch', async () => {
  const team = churnRepository({ rows: 2_000 });
  await team.run('run');
  team.write('pull.json', event({ pull_request: { number: 7, head: side('1'), base: side('2') } }));
  team.write('push.json', event({ ref: 'refs/heads/main' }));
  const inJob = (name: string, file: string) =>
    weighin(['register', '--json', '-'], {
      cwd: team.folder,
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: name,
        GITHUB_EVENT_PATH: file,
        GITHUB_REPOSITORY: 'acme/churn',
        GITHUB_REF: name === 'push' ? 'refs/heads/main' : 'refs/pull/7/merge',
      },
    });

  const pull = await inJob('pull_request', 'pull.json');
  expect([pull.status, JSON.parse(pull.stdout)]).toMatchObject([0, { registered: false, version: null }]);
  expect(team.has('.weighin/store/models')).toBe(false);
  const push = await inJob('push', 'push.json');
  expect([push.status, JSON.parse(push.stdout)]).toMatchObject([0, { registered: true, version: 1 }]);
});
