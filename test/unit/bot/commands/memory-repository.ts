import type { BotContext } from '../../../../bot/bot-context.ts';
import { readPolicy } from '../../../../bot/state/read-policy.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { Comment, Forge, Person, PullSnapshot, Role, WorkflowRun } from '../../../../shared/promotion/forge.ts';

/** Thrown where the process is killed. */
export class Killed extends Error {}

export const bot: Person = { id: 1, login: 'weighin[bot]', type: 'Bot' };
export const anna: Person = { id: 11, login: 'anna', type: 'User' };
export const ben: Person = { id: 12, login: 'ben', type: 'User' };
export const eve: Person = { id: 66, login: 'eve', type: 'User' };
export const head = '3f2a9c1d5b7e8f90123456789abcdef012345678';

const commits = new Map([
  ['main', 'c0ffee'],
  ['weighin/state', '57a7e0'],
]);

export interface Kill {
  /** The how-manieth writing request, from 1. */
  readonly write: number;
  /** Whether what it asked for happened. */
  readonly when: 'before' | 'after';
}

/** As much of a repository on GitHub as commands touch; every writing request is counted and can be the last of its process. */
export function createRepository({ policy, isPrivate = true }: { readonly policy: string; readonly isPrivate?: boolean }) {
  const files = new Map<string, Map<string, string>>([
    ['main', new Map([['weighin.yaml', policy]])],
    ['weighin/state', new Map()],
  ]);
  const comments: Comment[] = [];
  const reactions = new Map<number, string[]>();
  const dispatched: { readonly type: string; readonly payload: Readonly<Record<string, unknown>> }[] = [];
  const runs: WorkflowRun[] = [];
  const calls: string[] = [];
  const roles: Record<string, Role> = { anna: 'write', ben: 'read', eve: 'none' };
  const teams: Record<string, readonly number[]> = {};
  let pull: PullSnapshot | null = openPull();
  let now = Date.parse('2026-11-21T11:00:00Z');
  let nextId = 900;
  let kill: Kill | null = null;
  let writes = 0;

  async function write<Answer>(name: string, effect: () => Answer): Promise<Answer> {
    writes += 1;
    calls.push(name);
    // What a killed process asks for no longer happens, whatever its code would have done then.
    if (kill && (writes > kill.write || (writes === kill.write && kill.when === 'before'))) throw new Killed();
    const answer = effect();
    if (kill?.write === writes) throw new Killed();
    return answer;
  }
  const read = async <Answer>(name: string, answer: () => Answer): Promise<Answer> => {
    calls.push(name);
    return answer();
  };
  const at = () => new Date(now).toISOString().replace('.000Z', 'Z');
  const branchOf = (ref: string) => [...commits].find(([, commit]) => commit === ref)?.[0] ?? ref;
  const filesAt = (ref: string) => files.get(branchOf(ref));

  const used = {
    repository: { id: 81, owner: 'acme', name: 'churn', defaultBranch: 'main', private: isPrivate, url: 'https://github.test/acme/churn' },
    identity: { id: bot.id, login: bot.login, appId: 7 },
    now: async () => new Date(now),
    git: {
      read: (wanted: Parameters<Forge['git']['read']>[0]) =>
        read('git.read', () =>
          wanted.map(({ ref, paths }) => ({
            ref,
            commit: filesAt(ref) ? (commits.get(branchOf(ref)) ?? ref) : null,
            files: new Map(paths.map((path) => [path, filesAt(ref)?.get(path) ?? null])),
          })),
        ),
      list: (ref: string, folder: string) =>
        read('git.list', () =>
          [...(filesAt(ref)?.keys() ?? [])]
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => ({ path, oid: 'f'.repeat(40), bytes: 1, mode: 'file' as const })),
        ),
    },
    pulls: { read: () => read('pulls.read', () => pull) },
    comments: {
      list: () => read('comments.list', () => [...comments]),
      create: (_: number, body: string) =>
        write('comments.create', () => {
          const made = comment(bot, body);
          comments.push(made);
          return made;
        }),
      remove: (id: number) =>
        write('comments.remove', () => {
          const found = comments.findIndex((one) => one.id === id);
          if (found >= 0) comments.splice(found, 1);
        }),
      react: (id: number, content: string) =>
        write(`react ${content}`, () => {
          const there = reactions.get(id) ?? [];
          if (there.includes(content)) return 'taken' as const;
          reactions.set(id, [...there, content]);
          return 'mine' as const;
        }),
    },
    people: {
      roleOf: (login: string) => read('people.roleOf', () => roles[login] ?? 'none'),
      teamMembers: (slug: string) =>
        read('people.teamMembers', () => {
          const members = teams[slug];
          if (!members) throw new UserError('CANNOT_READ_TEAM', `The team ${slug} can't be read.`, 'Mend its name.');
          return members;
        }),
    },
    actions: {
      runs: () => read('actions.runs', () => runs),
      dispatch: (type: string, payload: Readonly<Record<string, unknown>>) =>
        write('dispatch', () => {
          dispatched.push({ type, payload });
          runs.unshift(weighRun(runs.length + 1, at()));
        }),
    },
  };
  // Only what commands use is there; a call of anything else fails.
  let forge = used as unknown as Forge;

  function comment(author: Person, body: string): Comment {
    nextId += 1;
    return { id: nextId, author, body, createdAt: at(), updatedAt: at(), appId: author.type === 'Bot' ? 7 : null, url: '' };
  }

  const context: BotContext = {
    get forge() {
      return forge;
    },
    by: 'weighin[bot]/0.1.0',
    log: { info() {}, warn() {}, error: (fields) => logged.push(fields) },
    notify() {},
    mode: 'server',
    verifyNewEvidence: () => Promise.reject(new Error('commands take in no evidence')),
    verifyEvidence: () => Promise.reject(new Error('commands prove no evidence')),
    policy: () => readPolicy(forge, 'c0ffee', files.get('main')?.get('weighin.yaml') ?? null),
  };
  const logged: unknown[] = [];

  return {
    context,
    files,
    comments,
    dispatched,
    runs,
    calls,
    roles,
    teams,
    logged,
    reactionsTo: (id: number) => reactions.get(id) ?? [],
    setPull: (change: Partial<PullSnapshot> | null) => {
      pull = change && { ...openPull(), ...change };
    },
    /** What a person writes. */
    say(author: Person, body: string): Comment {
      const made = comment(author, body);
      comments.push(made);
      return made;
    },
    /** Another process: it remembers nothing. */
    restart: () => {
      forge = { ...forge };
    },
    pass: (minutes: number) => {
      now += minutes * 60_000;
    },
    killAt(next: Kill | null) {
      kill = next;
      writes = 0;
    },
    writes: () => writes,
    replies: () => comments.filter(({ author }) => author.id === bot.id).map(({ body }) => body),
  };
}
export type MemoryRepository = ReturnType<typeof createRepository>;

function openPull(): PullSnapshot {
  return {
    number: 57,
    state: 'open',
    draft: false,
    base: 'main',
    head: { sha: head, branch: 'faster', owner: 'eve', fork: true },
    author: eve,
    updatedAt: '2026-11-21T10:00:00Z',
    title: 'Faster',
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
  };
}

function weighRun(id: number, createdAt: string): WorkflowRun {
  return {
    id,
    attempt: 1,
    path: '.github/workflows/weighin-weigh.yml',
    event: 'repository_dispatch',
    headBranch: 'main',
    headSha: 'c0ffee',
    headRepository: null,
    status: 'queued',
    conclusion: null,
    actor: bot,
    triggeringActor: bot,
    createdAt,
    url: '',
  };
}
