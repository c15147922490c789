import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { installNatives } from '../../shared/adapters/github/install-natives.ts';
import { readActionFile, root } from './act-actions.ts';

const here = join(root, 'test', 'e2e', 'act');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The tool, where `.ci/run` or the machine has it. A missing one is an error, never a skip. */
export function tool(variable: string, name: string): string {
  const path =
    process.env[variable] ??
    (process.env['PATH'] ?? '')
      .split(':')
      .map((folder) => join(folder, name))
      .find((found) => existsSync(found));
  if (!path || !existsSync(path)) throw new Error(`There is no ${name}: set ${variable}, or put it on the PATH. .ci/run installs it.`);
  return path;
}

/** What a release's tag holds: every action.yml and dist/, and the natives as an earlier job would have left them in the tool cache. */
export interface StagedRelease {
  readonly folder: string;
  readonly natives: string;
}

export async function stageRelease(): Promise<StagedRelease> {
  const dist = process.env['WEIGHIN_DIST'] ?? join(root, 'dist');
  if (!existsSync(join(dist, 'weighin.js'))) throw new Error('dist/ is not built: `npm run build`.');
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'weighin-release-')));
  const folder = join(base, 'release');
  mkdirSync(join(folder, 'actions'), { recursive: true });
  cpSync(join(root, 'action.yml'), join(folder, 'action.yml'));
  for (const name of readdirSync(join(root, 'actions')).filter((found) => existsSync(join(root, 'actions', found, 'action.yml')))) {
    mkdirSync(join(folder, 'actions', name));
    cpSync(join(root, 'actions', name, 'action.yml'), join(folder, 'actions', name, 'action.yml'));
  }
  cpSync(dist, join(folder, 'dist'), { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
  const natives = join(base, 'natives');
  const draft = join(base, 'draft');
  cpSync(join(folder, 'dist'), draft, { recursive: true });
  await installNatives({ dist: draft, store: natives, platform: process.platform, arch: process.arch, npmCi: copyInstalled });
  return { folder, natives };
}

/** The packages of dist's lock, taken from this repository's own installation: the same versions, without the registry. */
function copyInstalled(folder: string) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, unknown> };
  const other = new RegExp(`onnxruntime-node/bin/napi-v\\d+/(?!${process.platform}(?:/${process.arch}(?:/|$)|$))`);
  for (const path of Object.keys(packages).filter((key) => key !== '' && existsSync(join(root, key))))
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: (from) => !other.test(from) });
}

/** A repository of a team: what `write` puts on main, and what `change` puts on a branch, where one is given. */
export function stageRepository(write: (folder: string) => void, change?: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-consumer-'));
  const git = (...args: string[]) => {
    const done = spawnSync('git', ['-c', 'user.name=anna', '-c', 'user.email=anna@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
    return done.stdout.trim();
  };
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', 'https://github.com/acme/models.git');
  cpSync(join(here, 'workflows'), join(folder, '.github', 'workflows'), { recursive: true });
  write(folder);
  git('add', '-A');
  git('commit', '-qm', 'main');
  const base = git('rev-parse', 'HEAD');
  if (change) {
    git('checkout', '-qb', 'change');
    change(folder);
    git('add', '-A');
    git('commit', '-qm', 'change', '--allow-empty');
  }
  return { folder, base, head: git('rev-parse', 'HEAD'), git };
}
export type StagedRepository = ReturnType<typeof stageRepository>;

export const pullRequest = ({ base, head }: StagedRepository, from = 'acme/models') => ({
  action: 'opened',
  number: 7,
  pull_request: {
    number: 7,
    head: { ref: 'change', sha: head, repo: { full_name: from } },
    base: { ref: 'main', sha: base, repo: { full_name: 'acme/models' } },
  },
  repository: { name: 'models', full_name: 'acme/models', owner: { login: 'acme' }, default_branch: 'main' },
});

export const pushed = (ref = 'refs/heads/main') => ({
  ref,
  repository: { name: 'models', full_name: 'acme/models', owner: { login: 'acme' }, default_branch: 'main' },
});

export interface ActRequest {
  readonly release: StagedRelease;
  readonly repository: StagedRepository;
  /** Name of a file in test/e2e/act/workflows. */
  readonly workflow: string;
  readonly event: string;
  readonly payload: unknown;
  readonly api?: string;
  readonly token?: string;
  readonly actor?: string;
  /** Whether act's own INPUT_* are left in. */
  readonly leak?: boolean;
  /** Whether natives are in the tool cache already. */
  readonly natives?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ActAnnotation {
  readonly level: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: string;
  readonly title?: string;
}

export interface ActResult {
  readonly code: number;
  readonly log: string;
  /** By step id: what a step with `report: <json>` printed; see the workflows. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly summaries: readonly string[];
  readonly annotations: readonly ActAnnotation[];
  /** Folder of the artifacts that were uploaded. */
  readonly artifacts: string;
}

/** Runs a workflow with act on this machine, offline and without its environment. */
export async function runAct(request: ActRequest): Promise<ActResult> {
  const { release, repository, api = 'http://127.0.0.1:1', token = 'ghs_of_the_job' } = request;
  const work = mkdtempSync(join(tmpdir(), 'weighin-act-'));
  const [actions, artifacts, event] = [join(work, 'actions'), join(work, 'artifacts'), join(work, 'event.json')];
  mkdirSync(join(work, 'home'));
  writeFileSync(event, JSON.stringify(request.payload));
  if (request.natives !== false) {
    const kept = join(actions, 'tool_cache', 'weighin-natives', version);
    mkdirSync(dirname(kept), { recursive: true });
    symlinkSync(release.natives, kept);
  }
  const args = [
    request.event,
    ...['-P', 'ubuntu-latest=-self-hosted', '-W', `.github/workflows/${request.workflow}`, '-e', event, '--json'],
    ...[
      '--use-gitignore=false',
      '--action-offline-mode',
      '--no-cache-server',
      '--action-cache-path',
      actions,
      '--rm',
      '--concurrent-jobs',
      '1',
    ],
    ...['--local-repository', `weighin/weighin@v0=${release.folder}`, ...standIns(release.folder)],
    ...['--actor', request.actor ?? 'anna', '--secret', `GITHUB_TOKEN=${token}`, '--env', `GITHUB_API_URL=${api}`],
    ...['--env', `STANDIN_ARTIFACTS=${artifacts}`],
    ...(request.leak ? [] : ['--env', `NODE_OPTIONS=--import=${join(here, 'unleak.mjs')}`]),
    ...Object.entries(request.env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  ];
  const lines: string[] = [];
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(tool('WEIGHIN_ACT', 'act'), args, {
      cwd: repository.folder,
      // Whatever this machine has set must not make a job pass.
      env: {
        PATH: process.env['PATH'],
        HOME: join(work, 'home'),
        LANG: 'C.UTF-8',
        DOCKER_HOST: 'unix:///nonexistent',
        XDG_CONFIG_HOME: join(work, 'config'),
        XDG_CACHE_HOME: join(work, 'cache'),
      },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    child.on('error', reject);
    child.on('close', (status) => {
      lines.push(...text.split('\n').filter(Boolean));
      resolve(status ?? 1);
    });
  });
  rmSync(actions, { recursive: true, force: true });
  return { code, ...readLog(lines), artifacts };
}

/** Each `uses:` of GitHub's own, at the very commit that is pinned, becomes the stand-in of that name. */
function standIns(release: string): string[] {
  const pinned = new Set(
    ['weighin', ...readdirSync(join(release, 'actions'))].flatMap((name) =>
      readActionFile(name).action.runs.steps.flatMap(({ uses }) => (uses ? [uses] : [])),
    ),
  );
  for (const file of readdirSync(join(here, 'workflows')))
    for (const [, uses = ''] of readFileSync(join(here, 'workflows', file), 'utf8').matchAll(/uses: (actions\/[\w-]+@\w+)/g))
      pinned.add(uses);
  return [...pinned]
    .map((uses) => [uses, join(here, 'standins', uses.replace(/^actions\/|@.*$/g, ''))] as const)
    .filter(([, folder]) => existsSync(folder))
    .flatMap(([uses, folder]) => ['--local-repository', `${uses}=${folder}`]);
}

interface ActLine {
  readonly msg?: string;
  readonly raw_output?: boolean;
  readonly command?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly kvPairs?: { readonly file?: string; readonly line?: string; readonly title?: string };
}

function readLog(lines: readonly string[]): Omit<ActResult, 'code' | 'artifacts'> {
  const outputs: Record<string, Record<string, string>> = {};
  const summaries: string[] = [];
  const annotations: ActAnnotation[] = [];
  const log: string[] = [];
  for (const text of lines) {
    let line: ActLine;
    try {
      line = JSON.parse(text) as ActLine;
    } catch {
      log.push(text);
      continue;
    }
    log.push((line.msg ?? '').trimEnd());
    const reported = /^report ([\w-]+) (\{.*\})$/.exec((line.msg ?? '').trim());
    if (reported?.[1] && reported[2]) outputs[reported[1]] = JSON.parse(reported[2]) as Record<string, string>;
    // Those of a composite appear twice: for its inner step and for itself.
    if (line.command === 'summary' && line.content && summaries.at(-1) !== line.content) summaries.push(line.content);
    if (line.command === 'error' || line.command === 'warning' || line.command === 'notice')
      annotations.push({ level: line.command, message: line.arg ?? '', ...line.kvPairs });
  }
  return { outputs, summaries, annotations, log: log.join('\n') };
}
