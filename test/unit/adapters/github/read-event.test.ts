import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventFacts, readEvent } from '../../../../shared/adapters/github/read-event.ts';
import { whyNotRegister } from '../../../../shared/adapters/github/why-not-register.ts';

const runner = {
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_REPOSITORY: 'acme/models',
  GITHUB_ACTOR: 'octocat',
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_RUN_ID: '99',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://github.example',
};
const pull = (head: string | null) => ({
  repository: { default_branch: 'main' },
  pull_request: {
    number: 7,
    head: { sha: 'b'.repeat(40), repo: head === null ? null : { full_name: head } },
    base: { sha: 'a'.repeat(40), ref: 'main', repo: { full_name: 'acme/models' } },
  },
});
const push = { repository: { default_branch: 'main' } };

describe('the event of a job', () => {
  it('says what is judged, against what, and where the run is', () => {
    expect(eventFacts(runner, pull('acme/models'))).toEqual({
      name: 'pull_request',
      owner: 'acme',
      repo: 'models',
      actor: 'octocat',
      ref: 'refs/pull/7/merge',
      defaultBranch: 'main',
      onDefaultBranch: false,
      pull: { number: 7, baseSha: 'a'.repeat(40), baseRef: 'main', headSha: 'b'.repeat(40) },
      withoutCredentials: null,
      attempt: 2,
      runUrl: 'https://github.example/acme/models/actions/runs/99',
    });
  });

  it.each([
    ['a fork', { ...runner }, pull('mallory/models'), 'fork'],
    ['a fork that was deleted', { ...runner }, pull(null), 'fork'],
    ['Dependabot', { ...runner, GITHUB_ACTOR: 'dependabot[bot]' }, pull('acme/models'), 'dependabot'],
    ["Dependabot's push", { ...runner, GITHUB_ACTOR: 'dependabot[bot]', GITHUB_EVENT_NAME: 'push' }, push, 'dependabot'],
    [
      'a fork, with the base repository’s own workflow',
      { ...runner, GITHUB_EVENT_NAME: 'pull_request_target' },
      pull('mallory/models'),
      null,
    ],
    ['a push', { ...runner, GITHUB_EVENT_NAME: 'push' }, push, null],
  ])('knows whether %s has credentials', (_, env, payload, expected) => {
    expect(eventFacts(env, payload).withoutCredentials).toBe(expected);
  });

  it('is empty outside Actions, and a file that cannot be read is an error with a code', async () => {
    expect(await readEvent({})).toMatchObject({ name: '', pull: null, runUrl: null, attempt: 1, withoutCredentials: null });
    const file = join(await mkdtemp(join(tmpdir(), 'weighin-event-')), 'event.json');
    await expect(readEvent({ GITHUB_EVENT_PATH: file })).rejects.toMatchObject({ code: 'EVENT_UNREADABLE' });
    await writeFile(file, '{');
    await expect(readEvent({ GITHUB_EVENT_PATH: file })).rejects.toMatchObject({ code: 'EVENT_UNREADABLE' });
    await writeFile(file, JSON.stringify(pull('acme/models')));
    expect((await readEvent({ ...runner, GITHUB_EVENT_PATH: file })).pull?.number).toBe(7);
  });
});

describe('a version is born', () => {
  const main = { ...runner, GITHUB_REF: 'refs/heads/main' };
  it.each(['push', 'workflow_dispatch', 'repository_dispatch'])('by %s on the default branch', (name) => {
    expect(whyNotRegister(eventFacts({ ...main, GITHUB_EVENT_NAME: name }, push))).toBeNull();
  });

  it('by a schedule, whose payload names no branch', () => {
    expect(whyNotRegister(eventFacts({ ...main, GITHUB_EVENT_NAME: 'schedule' }, {}))).toBeNull();
  });

  it.each([
    ['a pull request', eventFacts(runner, pull('acme/models')), /pull request registers nothing/],
    [
      'a pull request onto main by pull_request_target',
      eventFacts({ ...main, GITHUB_EVENT_NAME: 'pull_request_target' }, pull('acme/models')),
      /pull request registers nothing/,
    ],
    ['a merge queue', eventFacts({ ...main, GITHUB_EVENT_NAME: 'merge_group' }, push), /pull request registers nothing/],
    [
      'what a pull request’s run started',
      eventFacts({ ...main, GITHUB_EVENT_NAME: 'workflow_run' }, push),
      /workflow_run registers nothing/,
    ],
    [
      'another branch',
      eventFacts({ ...main, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/try' }, push),
      /refs\/heads\/try is not the default branch \(main\)/,
    ],
    [
      'a tag with the name of the branch',
      eventFacts({ ...main, GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/tags/main' }, push),
      /not the default branch/,
    ],
    ['Dependabot', eventFacts({ ...main, GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'dependabot[bot]' }, push), /no credentials/],
    ['a laptop', eventFacts({}, {}), /Outside GitHub Actions/],
  ])('never by %s', (_, event, reason) => {
    expect(whyNotRegister(event)).toMatch(reason);
  });
});
