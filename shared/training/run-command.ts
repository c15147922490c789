import { chmod, constants, copyFile, cp, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDuration } from '../config/quantities.ts';
import type { TrainingConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { commandEnvironment } from './command-environment.ts';
import { createLogTail, showTail } from './log-tail.ts';
import type { TrainingDeps, TrainingRequest } from './run-training.ts';

interface CommandRequest extends TrainingRequest {
  readonly training: TrainingConfig;
  readonly command: string;
}

/**
 * Runs `setup` and `command` in a shell in the config's folder, and returns the last lines of the log. The command is handed copies of
 * the train and validation splits in a temporary folder that holds nothing else, and writes into another one beside it: no path that it
 * is told, and nothing near those paths, leads to the test rows. (It shares the machine and the user with Weighin, so it could still
 * search the disk: evidence made here is *claimed*.)
 */
export async function runCommand(request: CommandRequest, deps: TrainingDeps): Promise<readonly string[]> {
  const { training, outputFolder } = request;
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'weighin-training-')));
  try {
    const output = join(scratch, 'output');
    await mkdir(output);
    const environment = commandEnvironment(deps.env, {
      ...(await handOverSplits(request, join(scratch, 'inputs'))),
      WEIGHIN_OUTPUT: output,
      WEIGHIN_PARAMS: JSON.stringify(training.params),
      WEIGHIN_SEED: String(training.seed),
    });
    const tail = createLogTail();
    if (training.setup) await runStep('setup', training.setup, 'SETUP_FAILED');
    await runStep('command', request.command, 'TRAINING_FAILED');
    await moveFolder(output, outputFolder);
    return tail.lines();

    async function runStep(name: 'setup' | 'command', command: string, code: string) {
      const outcome = await deps.runProcess({
        command,
        cwd: request.root,
        env: environment,
        timeoutMs: parseDuration(training.timeout),
        onLine: (line) => {
          tail.add(line);
          deps.progress.note(`${name === 'setup' ? 'setup' : 'train'} │ ${line}`);
        },
      });
      if (outcome.timedOut) {
        throw new UserError(
          'TRAINING_TIMEOUT',
          `training.${name} of ${request.model} did not end within ${training.timeout} and was ended.${showTail(tail.lines())}`,
          'Raise training.timeout, or make it faster.',
        );
      }
      if (outcome.exitCode !== 0) {
        const end = outcome.exitCode === null ? `was ended by ${outcome.signal}` : `ended with exit code ${outcome.exitCode}`;
        throw new UserError(
          code,
          `training.${name} of ${request.model} (${command}) ${end}.${showTail(tail.lines())}`,
          `Run it by hand in ${request.root === process.cwd() ? 'this folder' : request.root} to see more.`,
        );
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Copies, not links: a command that writes into its input must not reach the dataset. */
async function handOverSplits({ manifest, datasetFolder }: CommandRequest, folder: string): Promise<Record<string, string>> {
  if (!manifest) return {};
  await mkdir(folder);
  const told: Record<string, string> = {};
  for (const split of ['train', 'validation'] as const) {
    const path = join(folder, `${split}.parquet`);
    await copyFile(join(datasetFolder, manifest.splits[split].file), path, constants.COPYFILE_FICLONE);
    await chmod(path, 0o444);
    told[`WEIGHIN_${split.toUpperCase()}`] = path;
  }
  return told;
}

async function moveFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch {
    // Another disk.
    await cp(from, to, { recursive: true });
  }
}
