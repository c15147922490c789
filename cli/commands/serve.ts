import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunContext } from '../../shared/pipeline/run-context.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { stageVersion } from '../model-sources.ts';
import { openEngine, type ServingSetup } from '../serve-engine.ts';

export const command = {
  name: 'serve',
  summary: 'Answer requests with a model: HTTP, several versions by weight, metrics, the prediction log',
  description: [
    'Serves the version that a stage points at, a version by its number, or an ONNX file. POST /predict takes a row or rows, /v2/models/NAME/infer tensors (Open Inference Protocol); GET /health, /ready and /metrics tell how it is. docs/serving.md shows every body.',
    'Requests are held against the inputs of the model and the contract that its version was judged by. Models run in threads of their own. SIGTERM ends it gracefully: readiness goes, answers finish, the log is written.',
    'With WEIGHIN_ADMIN_TOKEN in the environment, weights and versions change while it runs: PUT /admin/weights, POST /admin/load, POST /admin/unload.',
  ],
  positionals: [{ name: 'name', description: 'churn@production, churn@v12, or churn: its production stage.' }],
  options: {
    model: { description: 'Serve a file instead of a registered version: FILE.onnx, or v11=OLD.onnx,v12=NEW.onnx.', placeholder: 'FILE' },
    task: {
      description: 'Of a file without a configuration; by default as the file looks.',
      values: ['binary', 'multiclass', 'regression'],
    },
    port: { description: 'Where it listens; 0 takes any free port.', kind: 'number', default: '8080' },
    host: { description: 'The address that it listens on; 0.0.0.0 is all of them.', default: '127.0.0.1' },
    workers: {
      description:
        'Threads that run each model; 0 runs it in the server’s own. By default a quick model runs in the server’s own, others in one thread less than there are cores.',
      kind: 'number',
    },
    versions: { description: 'Versions with their percentages: v11=95,v12=5.', placeholder: 'WEIGHTS' },
    shadow: { description: 'A version that is asked too and never answers.', placeholder: 'VERSION' },
    sticky: { description: 'Field of a row whose value always meets the same version, or header:NAME.', placeholder: 'FIELD' },
    salt: { description: 'For --sticky: another salt divides the users in another way. The model’s name by default.' },
    log: { description: 'Write the prediction log into this folder.', kind: 'path', placeholder: 'FOLDER' },
    sample: { description: 'Share of the answers that are logged, chosen by id.', kind: 'number', default: '1' },
    fallback: {
      description: 'What answers when the model fails or is late: a version, a score, or a label. Such answers are marked degraded.',
    },
    timeout: { description: 'Milliseconds that a model has for an answer.', kind: 'number', default: '1000' },
    breaker: { description: 'Failures in a row after which a model rests for 5 s.', kind: 'number', default: '20' },
    'max-body': { description: 'The longest body.', default: '1MB', placeholder: 'SIZE' },
    'max-rows': { description: 'Rows of one request.', kind: 'number', default: '1000' },
    concurrency: { description: 'Requests that are answered at once; more get 503 and Retry-After.', kind: 'number', default: '1024' },
    watch: {
      description: 'Follow the stage: when its file in this checkout points elsewhere, load that version and switch.',
      kind: 'flag',
    },
    drain: {
      description: 'Milliseconds that it goes on answering after a signal while /ready says no: time for a load balancer to look away.',
      kind: 'number',
      default: '0',
    },
    grace: { description: 'Milliseconds for the answers under way when it stops.', kind: 'number', default: '10000' },
  },
  examples: [
    { command: 'weighin serve churn@production --log logs', does: 'the version in production, with its prediction log' },
    { command: 'weighin serve churn --versions v11=95,v12=5 --sticky user_id', does: 'two versions; a user always meets the same' },
    { command: 'weighin serve --model churn.onnx --port 8000', does: 'a file, without a project' },
  ],
  exits: { 0: 'stopped by a signal', 2: 'no such model, a bad flag, the port is taken' },
} as const satisfies CommandSpec;

export async function run(args: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const needsProject = args.model === undefined || existsSync(resolve(io.cwd, io.configFile));
  if (!needsProject) return serve(args, null, io);
  const { withContext } = await import('../run-options.ts');
  return withContext({}, io, (context) => serve(args, context, io));
}

async function serve(args: Arguments<typeof command>, context: RunContext | null, io: CommandIo): Promise<ExitCode> {
  const options = await import('../../shared/serving/read-serve-options.ts');
  const port = options.readCount('port', args.port, 0, 65_535);
  const grace = options.readCount('grace', args.grace, 0, 600_000);
  const drain = options.readCount('drain', args.drain, 0, 600_000);
  const settings = {
    maxBytes: options.readSize('max-body', args['max-body']),
    concurrency: options.readCount('concurrency', args.concurrency, 1, 1_000_000),
    requestMs: 30_000,
    keepAliveMs: 65_000,
    // Longer than a model can take, and than an idle connection is kept.
    stallMs: 90_000 + args.timeout,
    adminToken: io.env['WEIGHIN_ADMIN_TOKEN'],
    version: io.version,
  };
  const setup = await openEngine(args, context, io);
  const { engine } = setup;
  try {
    const { createServingServer } = await import('../../shared/adapters/serving/create-serving-server.ts');
    const server = createServingServer(engine, { ...settings, load: setup.load });
    const stopped = untilSignal();
    const bound = await server.listen(port, args.host);
    const address = `http://${args.host.includes(':') ? `[${args.host}]` : args.host}:${bound.port}`;
    await io.writeJson({ address, model: engine.settings.model, stable: engine.traffic.stable, versions: engine.fleet.versions() });
    printStart(setup, address, io);
    const unwatch = args.watch ? watchStage(setup, io) : () => undefined;
    const signal = await stopped;
    unwatch();
    io.progress.note(`${signal}: finishing`);
    server.drain();
    if (drain > 0) await new Promise((resolve) => setTimeout(resolve, drain));
    await server.stop(grace);
    return 0;
  } finally {
    await engine.log?.close();
    await engine.fleet.close();
    if (setup.hanging() > 0) {
      // Node waits for its threads, and this one may never end.
      io.progress.warn('a thread still hangs in native code; the process is killed. All else was finished.');
      process.kill(process.pid, 'SIGKILL');
    }
  }
}

function printStart({ engine }: ServingSetup, address: string, { print, colors }: CommandIo): void {
  const { model } = engine.settings;
  const weights = [...engine.traffic.current()].map(([version, weight]) => `${version} ${weight} %`).join(', ');
  print(`${colors.green('✓')} ${colors.bold(`${model}@${engine.traffic.stable}`)} answers on ${address}`);
  if (engine.fleet.versions().length > 1) {
    const shadow = [...engine.shadows].join(', ');
    print(`  ${weights}${shadow ? `; shadow ${shadow}` : ''}`);
  }
  const served = engine.fleet.get(engine.traffic.stable)?.model;
  const fields = served?.fields.map(({ name }) => name) ?? [];
  const threads = served?.threads ?? 0;
  print(
    `  ${colors.dim(`${threads === 0 ? 'in the server’s own thread' : `${threads} ${threads === 1 ? 'thread' : 'threads'} a version`} · a row has ${listed(fields)}`)}`,
  );
}

const listed = (names: readonly string[]) =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Every two seconds; a stage file that can't be read changes nothing, and says so once. */
function watchStage({ engine, stage, context, load }: ServingSetup, io: CommandIo): () => void {
  if (stage === null) {
    io.progress.warn('--watch follows a stage, and none was named; nothing is watched.');
    return () => undefined;
  }
  const { model } = engine.settings;
  let told = '';
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      const version = `v${await stageVersion(context, model, stage)}`;
      const before = engine.traffic.stable;
      if (version !== before) {
        await load(version);
        engine.traffic.setStable(version);
        io.print(`${model} ${stage}: ${before} → ${version}`);
        const fallback = engine.settings.fallback;
        if (!(fallback && 'version' in fallback && fallback.version === before)) await engine.fleet.unload(before);
      }
      told = '';
    } catch (error) {
      const line = error instanceof Error ? error.message : String(error);
      if (line !== told) io.progress.warn(`${model} ${stage} can't be followed: ${line}`);
      told = line;
    } finally {
      busy = false;
    }
  }, 2_000).unref();
  return () => clearInterval(timer);
}
