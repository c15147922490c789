import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import type { RunContext } from '../shared/pipeline/run-context.ts';
import type { SessionPlaces } from '../shared/serving/own-thread.ts';
import type { ModelSource } from '../shared/serving/served-model.ts';
import type { ServingEngine, ServingSettings } from '../shared/serving/serving-engine.ts';
import type { Arguments, CommandIo } from './command.ts';
import type { command } from './commands/serve.ts';
import { createSourceOf, nameOfFile, servingConfig, stageVersion } from './model-sources.ts';

export interface ServingSetup {
  readonly engine: ServingEngine;
  /** Reads a version from the store and loads it. */
  readonly load: (version: string) => Promise<void>;
  /** The stage that was named, where one was. */
  readonly stage: string | null;
  readonly context: RunContext | null;
  /** Threads that hang in native code and will not end. */
  readonly hanging: () => number;
}

type Args = Arguments<typeof command>;

/** From the words of the command to an engine with its models loaded. */
export async function openEngine(args: Args, context: RunContext | null, io: CommandIo): Promise<ServingSetup> {
  const options = await import('../shared/serving/read-serve-options.ts');
  const files = args.model === undefined ? null : options.readModelFiles(args.model);
  const name = options.readServedName(args.name ?? nameOfFile([...(files?.values() ?? [])][0]));
  const warn = (line: string) => io.progress.warn(line);
  const config = await servingConfig(args, name.model, context);
  const sourceOf = await createSourceOf(name.model, files, config, context, io, warn);

  const named = name.version ?? (files === null ? await stageVersion(context, name.model, name.stage ?? 'production') : null);
  const weights = args.versions === undefined ? null : options.readWeights(args.versions);
  const first = [...(weights?.keys() ?? [])][0] ?? [...(files?.keys() ?? [])][0];
  const stable = named === null ? (first ?? 'v1') : `v${named}`;
  const fallback = options.readFallback(args.fallback);
  const shadows = args.shadow === undefined ? [] : [...options.readWeights(`${args.shadow}=100`).keys()];
  const versions = new Set([
    stable,
    ...(files?.keys() ?? []),
    ...(weights?.keys() ?? []),
    ...shadows,
    ...(fallback && 'version' in fallback ? [fallback.version] : []),
  ]);
  const shadowed = shadows.find((version) => version === stable || (weights?.get(version) ?? 0) > 0);
  if (shadowed !== undefined)
    throw new UserError('SHADOW_ANSWERS', `${shadowed} can't be the shadow and answer too.`, 'Give it a weight, or make it the shadow.');
  const sources: ModelSource[] = [];
  for (const version of versions) {
    io.progress.step('loading', `${name.model}@${version}`);
    sources.push(await sourceOf(version));
  }
  const workers = args.workers === undefined ? null : options.readCount('workers', args.workers, 0, 256);
  const settings: ServingSettings = {
    model: name.model,
    timeoutMs: options.readCount('timeout', args.timeout, 1, 600_000),
    maxRows: options.readCount('max-rows', args['max-rows'], 1, 1_000_000),
    fallback,
    sample: options.readShare('sample', args.sample),
    sticky: options.readSticky(args.sticky),
    salt: args.salt ?? name.model,
    clock: () => performance.now(),
    date: () => new Date(),
    random: Math.random,
    newId: randomUUID,
    note: (line) => io.progress.note(line),
    warn,
  };
  const [{ openServingEngine }, places, log] = await Promise.all([
    import('../shared/serving/open-engine.ts'),
    openSessions(workers, settings),
    openLog(args, settings, io),
  ]);
  const evaluation = context?.config.config.models[name.model]?.evaluation;
  const engine = await openServingEngine({
    settings,
    places,
    log,
    sources,
    stable,
    weights: weights ?? new Map([[stable, 100]]),
    shadows,
    breaker: { failures: options.readCount('breaker', args.breaker, 1, 1_000_000), restMs: 5_000 },
    decisions: { threshold: evaluation?.threshold ?? 0.5, decisions: evaluation?.decisions },
  });
  return {
    engine,
    context,
    hanging: places.hanging,
    stage: name.version === null && files === null ? name.stage : null,
    load: async (version) => engine.fleet.load(await sourceOf(version)),
  };
}

/** With a number of workers models run there; without one, quick models run in the server's own thread. */
async function openSessions(
  workers: number | null,
  { timeoutMs, maxRows, warn }: ServingSettings,
): Promise<SessionPlaces & { readonly hanging: () => number }> {
  const { openSession: openOwn } = await import('../shared/adapters/onnxruntime/open-session.ts');
  if (workers === 0)
    return { openSession: (bytes) => openOwn(bytes, { threads: 1 }), workers: 0, openOwn: null, maxRows, hanging: () => 0 };
  const { createWorkerSessions } = await import('../shared/adapters/serving/open-worker-session.ts');
  const threads = workers ?? Math.max(1, availableParallelism() - 1);
  const { open, hanging } = createWorkerSessions({ workers: threads, lateMs: timeoutMs, hangMs: Math.max(1_000, 10 * timeoutMs), warn });
  return { openSession: open, workers: threads, openOwn: workers === null ? openOwn : null, maxRows, hanging };
}

async function openLog(args: Args, { model, date, warn }: ServingSettings, io: CommandIo) {
  if (args.log === undefined) return null;
  const { openLogWriter } = await import('../shared/adapters/serving/open-log-writer.ts');
  return openLogWriter({
    folder: resolve(io.cwd, args.log),
    model,
    maxBytes: 64 * 1024 * 1024,
    maxMs: 3_600_000,
    maxWaiting: 50_000,
    flushMs: 200,
    date,
    warn,
  });
}
