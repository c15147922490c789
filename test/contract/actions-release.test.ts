import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../support/act-actions.ts';

/** The scripts of release.yml, run against a repository of the test instead of GitHub. */
interface Workflow {
  readonly jobs: Record<
    string,
    { readonly permissions: Record<string, string>; readonly steps: readonly { readonly name?: string; readonly run?: string }[] }
  >;
}
const workflow = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')) as Workflow;
const script = (job: string, name: string) => workflow.jobs[job]?.steps.find((step) => step.name === name)?.run ?? '';

let base: string;
let origin: string;
let source: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'weighin-publish-'));
  origin = join(base, 'origin.git');
  git(base, 'init', '-q', '--bare', '-b', 'main', origin);
  const author = join(base, 'author');
  git(base, 'clone', '-q', origin, author);
  git(author, 'checkout', '-qb', 'main');
  writeFileSync(join(author, 'package.json'), '{"version": "1.2.3"}');
  writeFileSync(join(author, '.gitignore'), 'dist/\n');
  git(author, 'add', '-A');
  git(author, '-c', 'user.name=anna', '-c', 'user.email=anna@example.com', 'commit', '-qm', 'source');
  git(author, 'push', '-q', 'origin', 'main');
  source = git(author, 'rev-parse', 'HEAD');
});

function git(folder: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** As GitHub runs it: a fresh checkout, `bash -e`, and pushes that arrive in the test's repository. */
function run(text: string, tag: string, dist = 'one') {
  const folder = mkdtempSync(join(base, 'checkout-'));
  git(base, 'clone', '-q', origin, folder);
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'weighin.js'), dist);
  return spawnSync('bash', ['-e', '-o', 'pipefail', '-c', text], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TOKEN: 'ghs_t',
      GITHUB_REF_NAME: tag,
      GITHUB_SERVER_URL: 'https://github.test',
      GITHUB_REPOSITORY: 'acme/weighin',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${origin}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://x-access-token:ghs_t@github.test/acme/weighin',
    },
  });
}

it('puts dist on a commit that no branch holds, and the tags on that', () => {
  const { status, stderr } = run(script('publish', 'Commit dist, tag it'), 'release-1.2.3');
  expect(status, stderr).toBe(0);
  expect(git(origin, 'show', 'v1.2.3:dist/weighin.js')).toBe('one');
  expect(git(origin, 'rev-parse', 'v1.2.3^{commit}^')).toBe(source);
  expect(git(origin, 'rev-parse', 'v1^{commit}')).toBe(git(origin, 'rev-parse', 'v1.2.3^{commit}'));
  expect(git(origin, 'rev-parse', 'main')).toBe(source);
  expect(git(origin, 'branch', '--contains', 'v1.2.3')).toBe('');
});

it('never moves a version that exists, nor the major tag with it', () => {
  run(script('publish', 'Commit dist, tag it'), 'release-1.2.3');
  const before = git(origin, 'show-ref');
  expect(run(script('publish', 'Commit dist, tag it'), 'release-1.2.3', 'two').status).not.toBe(0);
  expect(git(origin, 'show-ref')).toBe(before);
  expect(run(script('publish', 'Commit dist, tag it'), 'release-1.3.0', 'three').status).toBe(0);
  expect(git(origin, 'show', 'v1:dist/weighin.js')).toBe('three');
  expect(git(origin, 'show', 'v1.2.3:dist/weighin.js')).toBe('one');
});

it('releases the version that package.json says, of a commit of main', () => {
  const check = script('build', 'The tag is the version, of a commit of main');
  expect(run(check, 'release-1.2.3').status).toBe(0);
  expect(run(check, 'release-1.2.4').status).not.toBe(0);
  const aside = `git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m aside\n${check}`;
  expect(run(aside, 'release-1.2.3').status).not.toBe(0);
});

it('gives the write permission to the one job that runs nothing of npm', () => {
  expect(Object.entries(workflow.jobs).map(([name, { permissions }]) => [name, permissions])).toEqual([
    ['build', { contents: 'read' }],
    ['publish', { contents: 'write' }],
  ]);
  expect(workflow.jobs['publish']?.steps.map(({ run: text }) => text ?? '').join()).not.toMatch(/\b(?:npm|npx|node)\b/);
});
