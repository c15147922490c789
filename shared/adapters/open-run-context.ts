import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import { UserError } from '../errors.ts';
import { checkPolicies } from '../gate/check-policies.ts';
import type { Progress } from '../pipeline/progress.ts';
import type { OpenedStore, RunContext, SourceFacts } from '../pipeline/run-context.ts';
import type { QueryEngine } from '../query/query-engine.ts';

export interface RunContextRequest {
  /** Path of the configuration, relative to `root`. */
  readonly config: string;
  /** Absolute: the folder that paths on the command line are relative to. */
  readonly root: string;
  /** Folder that runs write to, relative to `root`. */
  readonly output: string;
  /** ISO 8601 date or instant. */
  readonly asOf?: string | undefined;
  readonly progress: Progress;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now?: () => Date;
  readonly version?: string;
  /** Absolute folders outside of which SQL reaches nothing: where a stranger's contract is judged. Everything by default. */
  readonly reach?: readonly string[];
}

/** Puts the outside world together for a run: each part is loaded and opened when it is first needed. */
export async function openRunContext(request: RunContextRequest): Promise<RunContext> {
  const { root, env, progress, now = () => new Date() } = request;
  const config = await loadConfig(request.config, { root });
  checkPolicies(config);
  const home = resolve(root, request.config, '..');
  const engine = once(() => openEngine(request.reach));
  const inActions = env['GITHUB_ACTIONS'] === 'true';
  const source = once(() => readSource(home, env));
  const store = once(async (): Promise<OpenedStore> => {
    const { openStore } = await import('./open-store.ts');
    const opened = await openStore(config.config.store, { root: home, env, inActions, warn: (line) => progress.warn(line) });
    return { ...opened, writable: !(await source()).untrusted };
  });
  let downloads: string | undefined;

  return {
    config,
    root: home,
    output: resolve(root, request.output),
    asOf: readAsOf(request.asOf),
    progress,
    now,
    env,
    engine,
    store,
    source,
    version: request.version ?? process.env['WEIGHIN_VERSION'] ?? 'development',
    openSession: async (bytes, options) => (await import('./onnxruntime/open-session.ts')).openSession(bytes, options),
    runProcess: async (process_) => (await import('./process/run-process.ts')).runProcess(process_),
    changedFiles: async (base) => (await (await import('./git/read-changed-files.ts')).readChangedFiles(config.root, base))?.files ?? null,
    fetchObjects: async (address) => {
      downloads ??= await mkdtemp(join(request.reach?.[0] ?? tmpdir(), 'weighin-'));
      return (await import('./s3-store/fetch-s3-objects.ts')).fetchS3Objects(address, downloads, env);
    },
    connectEngine: async (address) => (await import('./open-table.ts')).connectEngine(env)(address),
    async close() {
      if (engine.opened) await (await engine()).close();
      if (downloads) await rm(downloads, { recursive: true, force: true });
    },
  };
}

async function openEngine(reach: readonly string[] | undefined): Promise<QueryEngine> {
  return (await import('./duckdb/open-duckdb.ts')).openDuckDB(reach ? { reach } : {});
}

async function readSource(root: string, env: RunContextRequest['env']): Promise<SourceFacts> {
  const [{ readGit }, { readEvent }] = await Promise.all([import('./git/read-git.ts'), import('./github/read-event.ts')]);
  const [git, event] = [await readGit(root), await readEvent(env)];
  const base = event.pull?.baseSha ?? null;
  const { readChangedFiles } = await import('./git/read-changed-files.ts');
  // A shallow clone does not hold the base: then it is not known what changed, which is no reason to stop.
  const changed = base ? await readChangedFiles(root, base).catch(() => null) : null;
  const id = Number(env['GITHUB_REPOSITORY_ID']);
  return {
    repositoryId: Number.isInteger(id) && id > 0 ? id : null,
    repository: env['GITHUB_REPOSITORY'] ?? git?.repository ?? null,
    commit: event.pull?.headSha ?? git?.commit ?? null,
    tree: git?.tree ?? null,
    dirty: git?.dirty ?? false,
    pull: event.pull?.number ?? null,
    changed: (changed?.files ?? []).slice(0, 100),
    untrusted: event.withoutCredentials !== null,
  };
}

function readAsOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  // A date is its whole day: what was known by the end of it.
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text);
  if (/^\d{4}-\d{2}-\d{2}(?:T.*)?$/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new UserError('AS_OF_INVALID', `--as-of ${text} is no date.`, 'Write it as 2025-01-31, or as 2025-01-31T12:00:00Z.');
}

/** Runs a factory at the first call alone; `opened` says whether there was one. */
function once<Value>(open: () => Promise<Value>): (() => Promise<Value>) & { readonly opened: boolean } {
  let value: Promise<Value> | undefined;
  const call = () => {
    value ??= open();
    return value;
  };
  return Object.defineProperty(call, 'opened', { get: () => value !== undefined }) as typeof call & { readonly opened: boolean };
}
