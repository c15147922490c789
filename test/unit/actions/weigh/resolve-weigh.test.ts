import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { type ResolveDeps, resolveWeigh } from '../../../../actions/weigh/resolve-weigh.ts';
import { UserError } from '../../../../shared/errors.ts';
import { weighTaskSchema } from '../../../../shared/pipeline/weigh/weigh-documents.ts';
import { claimWorkflow, type WeighRequest } from '../../../../shared/promotion/evidence-document.ts';
import type { Artifact, Forge, Person, PullSnapshot, WorkflowRun } from '../../../../shared/promotion/forge.ts';

const sha = (digit: string) => digit.repeat(40);
const person = (id: number, login: string): Person => ({ id, login, type: 'User' });
const [alice, bob, carol] = [person(1, 'alice'), person(2, 'bob'), person(3, 'carol')];
const text = (content: string) => new TextEncoder().encode(content);
const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const model = text('the bytes of a model');
const training = (overrides: object = {}) => ({
  by: 'trainer',
  command: null,
  trainer: 'logistic-regression',
  params: {},
  seed: 1,
  seconds: 1,
  model: {
    format: 'onnx',
    file: 'model.onnx',
    digest: digest(model),
    bytes: model.byteLength,
    opset: 17,
    inputs: [],
    outputs: [],
    ...overrides,
  },
  reported: {},
  curves: {},
  environment: {},
  notices: [],
});
const archive = (name = 'churn', overrides: object = {}) =>
  zipSync({ [`${name}/training.json`]: text(JSON.stringify(training(overrides))), [`${name}/training/model.onnx`]: model });

const run: WorkflowRun = {
  id: 7,
  attempt: 2,
  path: claimWorkflow,
  event: 'pull_request',
  headBranch: 'new',
  headSha: sha('a'),
  headRepository: { id: 5, fullName: 'acme/churn' },
  status: 'completed',
  conclusion: 'success',
  actor: alice,
  triggeringActor: bob,
  createdAt: '2026-11-21T09:00:00Z',
  url: '',
};
const pull: PullSnapshot = {
  number: 12,
  state: 'open',
  draft: false,
  base: 'main',
  head: { sha: sha('a'), branch: 'new', owner: 'acme', fork: false },
  author: alice,
  updatedAt: '',
  title: '',
  body: '',
  createdAt: '',
  mergedAs: null,
  mergeable: 'yes',
  queue: { required: false, queued: false },
  files: ['train.py'],
  moreFiles: false,
  commits: [{ oid: sha('a'), at: '', message: '', authors: [alice, carol, null], committer: alice, verified: false }],
  moreCommits: false,
  reviews: [],
};

interface World {
  readonly run: WorkflowRun | null;
  readonly pulls: readonly PullSnapshot[];
  readonly workflows: Readonly<Record<string, string | null>>;
  readonly artifacts: readonly (Omit<Artifact, 'bytes' | 'expired' | 'digest'> & {
    readonly zip: Uint8Array;
    readonly digest?: string | null;
  })[];
  readonly runs: readonly WorkflowRun[];
  readonly ofCommit: readonly number[];
}
const usual: World = {
  run,
  pulls: [pull],
  workflows: { main: 'name: weighin', [sha('a')]: 'name: weighin' },
  artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: archive() }],
  runs: [run],
  ofCommit: [],
};

/** A forge of which `resolve` asks only this; anything else fails the test. */
function deps(change: Partial<World> = {}): ResolveDeps {
  const world = { ...usual, ...change };
  const forge = {
    repository: { id: 5, owner: 'acme', name: 'churn', defaultBranch: 'main', private: true, url: '' },
    git: {
      read: async (wanted: readonly { ref: string; paths: readonly string[] }[]) =>
        wanted.map(({ ref, paths }) => ({
          ref,
          commit: ref === 'main' ? sha('d') : ref,
          files: new Map(paths.map((path) => [path, world.workflows[ref] ?? null])),
        })),
    },
    pulls: {
      ofHead: async (head: string) => world.pulls.filter(({ head: { owner, branch } }) => `${owner}:${branch}` === head),
      read: async (number: number) => world.pulls.find((one) => one.number === number) ?? null,
    },
    actions: {
      run: async (id: number) => (world.run?.id === id ? world.run : null),
      runs: async () => world.runs,
      artifacts: async () =>
        world.artifacts.map(({ zip, digest: said, ...artifact }) => ({
          ...artifact,
          bytes: zip.byteLength,
          expired: false,
          digest: said === undefined ? digest(zip) : said,
        })),
      download: async (id: number) => world.artifacts.find((artifact) => artifact.id === id)?.zip ?? new Uint8Array(),
    },
  };
  // Of the port only what is asked here.
  return { forge: forge as unknown as Forge, config: 'weighin.yaml', pullsOfCommit: async () => world.ofCommit };
}

const resolve = (change: Partial<World> = {}) => resolveWeigh(deps(change), { kind: 'run', id: 7 });
const refusal = async (promise: Promise<unknown>) => {
  const error = await promise.catch((cause: unknown) => cause);
  return error instanceof UserError ? error.code : error;
};

it('maps a run to its pull request, with the accounts behind it', async () => {
  const { tasks } = await resolve();
  expect(tasks).toHaveLength(1);
  expect(weighTaskSchema.parse(tasks[0]?.task)).toMatchObject({
    purpose: 'pull',
    model: 'churn',
    pull: 12,
    headSha: sha('a'),
    policyCommit: sha('d'),
    claimedRun: { id: 7, attempt: 2 },
    candidate: { file: 'model.onnx', digest: digest(model), bytes: model.byteLength },
    authors: [1, 3, 0],
    actors: [1, 2],
    reuse: false,
    changed: ['train.py'],
  });
  expect(tasks[0]?.model).toEqual(model);
});

it('attack: another file with the name of the workflow', async () => {
  expect(await refusal(resolve({ run: { ...run, path: '.github/workflows/mine.yml' } }))).toBe('NOT_OUR_WORKFLOW');
});

it('attack: workflow file changed in the PR', async () => {
  expect(await refusal(resolve({ workflows: { ...usual.workflows, [sha('a')]: 'name: weighin # mine' } }))).toBe('WORKFLOW_CHANGED');
  expect(await refusal(resolve({ workflows: { main: null, [sha('a')]: null } }))).toBe('WORKFLOW_CHANGED');
});

it.each([
  ['another event', { run: { ...run, event: 'workflow_dispatch' } }],
  ['a commit that the branch has left', { pulls: [{ ...pull, head: { ...pull.head, sha: sha('b') } }] }],
  ['a pull request onto another branch', { pulls: [{ ...pull, base: 'next' }] }],
  ['a closed pull request', { pulls: [{ ...pull, state: 'closed' as const }] }],
  ['a branch of the same name in another repository', { run: { ...run, headRepository: { id: 6, fullName: 'mallory/churn' } } }],
  ['a fork, until somebody asks', { pulls: [{ ...pull, head: { ...pull.head, fork: true } }] }],
  ['Dependabot, until somebody asks', { run: { ...run, actor: person(9, 'dependabot[bot]') } }],
  ['a run that left nothing', { artifacts: [] }],
])('weighs nothing of %s, and is quiet about it', async (_, change) => {
  expect((await resolve(change)).tasks).toEqual([]);
});

it('attack: forged artifact', async () => {
  expect(
    await refusal(resolve({ artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: archive(), digest: digest(text('other')) }] })),
  ).toBe('ARTIFACT_DIGEST_MISMATCH');
  expect(
    await refusal(
      resolve({ artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: archive('churn', { digest: digest(text('other')) }) }] }),
    ),
  ).toBe('MODEL_DIGEST_MISMATCH');
  expect(await refusal(resolve({ artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: text('no zip') }] }))).toBe('ARTIFACT_REFUSED');
  const two = [1, 2].map((id) => ({ id, name: `weighin-files-${id === 1 ? 'churn' : 'churn+x'}-2`, zip: archive() }));
  expect(await refusal(resolve({ artifacts: two }))).toBe('MODEL_AMBIGUOUS');
});

it('attack: model named ../../x, and a file that leaves its folder', async () => {
  expect((await resolve({ artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: archive('Churn') }] })).tasks).toEqual([]);
  const { tasks } = await resolve({
    artifacts: [{ id: 1, name: 'weighin-files-churn-2', zip: archive('churn', { file: '../../model.onnx' }) }],
  });
  expect(tasks).toEqual([]);
});

it('takes the newest attempt of each job, and none of a later one', async () => {
  const artifacts = [
    { id: 1, name: 'weighin-files-churn-1', zip: archive() },
    { id: 2, name: 'weighin-files-late-1', zip: archive('late') },
    { id: 3, name: 'weighin-files-churn-2', zip: archive() },
    { id: 4, name: 'weighin-files-churn-3', zip: text('not yet') },
    { id: 5, name: 'weighin-report-churn-2', zip: text('not asked for') },
  ];
  const { tasks } = await resolve({ artifacts });
  expect(tasks.map(({ task }) => task.model)).toEqual(['churn', 'late']);
});

const push = { ...run, event: 'push', headBranch: 'main' };

it('bears versions of a push onto the default branch, whose pull request names the authors', async () => {
  const merged: PullSnapshot = { ...pull, state: 'merged', head: { ...pull.head, sha: sha('b') } };
  const { tasks } = await resolve({ run: push, pulls: [merged], ofCommit: [12] });
  expect(tasks[0]?.task).toMatchObject({ purpose: 'register', pull: 12, authors: [1, 3, 0], actors: [1, 2], reuse: true });
  const own = await resolve({ run: { ...push, event: 'repository_dispatch' }, pulls: [merged], ofCommit: [12] });
  expect(own.tasks[0]?.task).toMatchObject({ purpose: 'register', pull: null, authors: [1, 3, 0], changed: [], reuse: false });
  const retrained = await resolve({ run: { ...push, event: 'schedule' }, pulls: [] });
  expect(retrained.tasks[0]?.task).toMatchObject({ purpose: 'register', pull: null, authors: [], reuse: false });
});

it('attack: a push elsewhere, or of a fork, bears nothing', async () => {
  expect((await resolve({ run: { ...push, headBranch: 'new' } })).tasks).toEqual([]);
  expect((await resolve({ run: { ...push, headRepository: { id: 6, fullName: 'mallory/churn' } } })).tasks).toEqual([]);
  expect((await resolve({ run: { ...push, event: 'pull_request_target' } })).tasks).toEqual([]);
});

const asked: WeighRequest = { schema: 'weighin/weigh@1', model: null, promotion: null, version: null, pull: 12, headSha: sha('a') };
const ask = (request: Partial<WeighRequest>, change: Partial<World> = {}) =>
  resolveWeigh(deps(change), { kind: 'request', request: { ...asked, ...request } });

it('weighs a fork for somebody who asks, at the commit that was asked for', async () => {
  const fork = { ...pull, head: { ...pull.head, fork: true, owner: 'mallory' } };
  const theirs = { ...run, headRepository: { id: 6, fullName: 'mallory/churn' } };
  expect((await ask({}, { pulls: [fork], runs: [theirs] })).tasks[0]?.task).toMatchObject({ purpose: 'pull', pull: 12, headSha: sha('a') });
  expect(await refusal(ask({ headSha: sha('c') }))).toBe('HEAD_MOVED');
  expect(await refusal(ask({}, { runs: [] }))).toBe('TRAINING_MISSING');
  expect(await refusal(ask({}, { runs: [{ ...run, headBranch: 'twin' }] }))).toBe('TRAINING_MISSING');
  expect(await refusal(ask({}, { artifacts: [] }))).toBe('TRAINING_MISSING');
  expect(await refusal(ask({}, { pulls: [{ ...pull, state: 'closed' }] }))).toBe('PULL_NOT_WEIGHED');
  expect(await refusal(ask({}, { workflows: { ...usual.workflows, [sha('a')]: 'mine' } }))).toBe('WORKFLOW_CHANGED');
});

it('weighs a version again for a promotion whose name fits', async () => {
  const promotion = { model: 'churn', promotion: 'churn.production.3', version: 4, pull: null, headSha: null };
  expect((await ask(promotion)).tasks[0]?.task).toMatchObject({
    purpose: 'promote',
    stage: 'production',
    version: 4,
    candidate: null,
    policyCommit: sha('d'),
  });
  expect(await refusal(ask({ ...promotion, model: 'fraud' }))).toBe('REQUEST_INVALID');
  expect(await refusal(ask({ ...promotion, version: null }))).toBe('REQUEST_INVALID');
});
