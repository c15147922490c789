import { createHash } from 'node:crypto';
import type { Artifact, Forge, PullSnapshot, WorkflowRun } from '../../../shared/promotion/forge.ts';

/** What a test says of the repository; every method that a test does not give refuses to be asked. */
export interface FakeParts {
  readonly runs?: readonly WorkflowRun[];
  readonly artifacts?: Readonly<
    Record<number, readonly { readonly name: string; readonly zip: Uint8Array; readonly expired?: boolean; readonly digest?: string }[]>
  >;
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pulls?: readonly PullSnapshot[];
  readonly appId?: number | null;
}

export interface StoredComment {
  readonly id: number;
  readonly author: { readonly id: number; readonly login: string; readonly type: 'User' | 'Bot' };
  body: string;
}

export const bot = { id: 900, login: 'weighin[bot]', type: 'Bot' as const };
export const headSha = 'a1'.repeat(20);
export const mainSha = 'b2'.repeat(20);

export function fakeForge({ runs = [], artifacts = {}, files = {}, pulls = [], appId = 77 }: FakeParts = {}) {
  const calls: string[] = [];
  const comments = new Map<number, StoredComment[]>();
  const checks: {
    id: number;
    sha: string;
    name: string;
    externalId: string;
    conclusion: string | undefined;
    status: string;
    title: string;
    summary: string;
    text: string | undefined;
    annotations: readonly unknown[] | undefined;
  }[] = [];
  let nextId = 1000;
  const zips = new Map<number, Uint8Array>();
  const stored = new Map<number, Artifact[]>();
  for (const [run, list] of Object.entries(artifacts))
    stored.set(
      Number(run),
      list.map(({ name, zip, expired = false, digest }) => {
        const id = nextId++;
        zips.set(id, zip);
        return { id, name, bytes: zip.length, expired, digest: digest ?? `sha256:${createHash('sha256').update(zip).digest('hex')}` };
      }),
    );
  const counted =
    <Rest extends readonly unknown[], Answer>(name: string, answer: (...rest: Rest) => Answer) =>
    async (...rest: Rest): Promise<Awaited<Answer>> => {
      calls.push(name);
      return await answer(...rest);
    };
  const asComment = ({ id, author, body }: StoredComment) => ({ id, author, body, createdAt: '', updatedAt: '', appId, url: '' });
  const forge = {
    repository: { id: 5, owner: 'acme', name: 'churn', defaultBranch: 'main', private: false, url: 'https://github.example/acme/churn' },
    identity: { id: bot.id, login: bot.login, appId },
    now: async () => new Date('2026-11-21T12:00:00Z'),
    git: {
      read: counted('git.read', (wanted: readonly { readonly ref: string; readonly paths: readonly string[] }[]) =>
        wanted.map(({ ref, paths }) => ({
          ref,
          commit: ref === 'main' ? mainSha : ref,
          files: new Map(paths.map((path) => [path, files[ref]?.[path] ?? null])),
        })),
      ),
    },
    pulls: {
      read: counted(
        'pulls.read',
        (number: number) => pulls.filter((pull) => pull.number === number).map((pull) => ({ ...pull }))[0] ?? null,
      ),
      open: counted('pulls.open', () => pulls.filter(({ state }) => state === 'open')),
      ofHead: counted('pulls.ofHead', (head: string) => pulls.filter((pull) => `${pull.head.owner}:${pull.head.branch}` === head)),
    },
    actions: {
      run: counted('actions.run', (id: number) => runs.find((run) => run.id === id) ?? null),
      runs: counted('actions.runs', ({ workflow, sha }: { workflow: string; sha?: string }) =>
        runs.filter((run) => run.path.endsWith(workflow) && (sha === undefined || run.headSha === sha)),
      ),
      artifacts: counted('actions.artifacts', (run: number) => stored.get(run) ?? []),
      download: counted('actions.download', (id: number) => zips.get(id) ?? new Uint8Array()),
    },
    comments: {
      list: counted('comments.list', (number: number) => (comments.get(number) ?? []).map(asComment)),
      create: counted('comments.create', (number: number, body: string) => {
        const made: StoredComment = { id: nextId++, author: bot, body };
        comments.set(number, [...(comments.get(number) ?? []), made]);
        return asComment(made);
      }),
      edit: counted('comments.edit', (id: number, body: string) => {
        for (const list of comments.values()) for (const comment of list) if (comment.id === id) comment.body = body;
      }),
      remove: counted('comments.remove', (id: number) => {
        for (const [number, list] of comments)
          comments.set(
            number,
            list.filter((comment) => comment.id !== id),
          );
      }),
    },
    checks: {
      list: counted('checks.list', (sha: string) => checks.filter((check) => check.sha === sha).map((check) => ({ ...check, appId }))),
      write: counted(
        'checks.write',
        (check: {
          id?: number;
          sha: string;
          name: string;
          externalId: string;
          conclusion?: string;
          status: string;
          title: string;
          summary: string;
          text?: string;
          annotations?: readonly unknown[];
        }) => {
          const id = check.id ?? nextId++;
          const at = checks.findIndex((known) => known.id === id);
          const made = { ...check, id, conclusion: check.conclusion, text: check.text, annotations: check.annotations };
          if (at < 0) checks.push(made);
          else checks[at] = made;
          return id;
        },
      ),
    },
  };
  // The double of a port: what a test does not need is not there, and asking for it fails loudly.
  return { forge: forge as unknown as Forge, calls, comments, checks };
}

export const run = (given: Partial<WorkflowRun> = {}): WorkflowRun => ({
  id: 42,
  attempt: 1,
  path: '.github/workflows/weighin.yml',
  event: 'pull_request',
  headBranch: 'fewer-columns',
  headSha,
  headRepository: { id: 5, fullName: 'acme/churn' },
  status: 'completed',
  conclusion: 'success',
  actor: { id: 11, login: 'anna', type: 'User' },
  triggeringActor: { id: 11, login: 'anna', type: 'User' },
  createdAt: '2026-11-21T10:00:00Z',
  url: 'https://github.example/acme/churn/actions/runs/42',
  ...given,
});

export const weighRun = (given: Partial<WorkflowRun> = {}): WorkflowRun =>
  run({
    id: 43,
    path: '.github/workflows/weighin-weigh.yml',
    event: 'workflow_run',
    headBranch: 'main',
    headSha: mainSha,
    createdAt: '2026-11-21T10:05:00Z',
    url: 'https://github.example/acme/churn/actions/runs/43',
    ...given,
  });

export const pull = (given: Partial<PullSnapshot> = {}): PullSnapshot => ({
  number: 57,
  state: 'open',
  draft: false,
  base: 'main',
  head: { sha: headSha, branch: 'fewer-columns', owner: 'acme', fork: false },
  author: { id: 11, login: 'anna', type: 'User' },
  updatedAt: '2026-11-21T10:00:00Z',
  title: 'Fewer columns',
  body: '',
  createdAt: '2026-11-21T09:00:00Z',
  mergedAs: null,
  mergeable: 'yes',
  queue: { required: false, queued: false },
  files: ['train.py'],
  moreFiles: false,
  commits: [],
  moreCommits: false,
  reviews: [],
  ...given,
});
