import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import * as core from '@actions/core';
import { ConfigError } from '../../config/config-error.ts';
import { InfrastructureError, type SourceLocation, UserError } from '../../errors.ts';
import type { RunContext } from '../../pipeline/run-context.ts';
import type { ActionSpec, Inputs } from '../../spec/action-spec.ts';
import { readInputs } from '../../spec/read-inputs.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { createActionsProgress, harmless } from './actions-progress.ts';
import { annotate } from './annotate.ts';
import { isExcused } from './excuse-missing-credentials.ts';
import { type EventFacts, readEvent } from './read-event.ts';
import { type FailOn, type Outcome, stepFails } from './step-fails.ts';

/** What an action's `main.ts` works with. */
export interface ActionRun<Spec extends ActionSpec> {
  readonly inputs: Inputs<Spec>;
  readonly event: EventFacts;
  readonly context: RunContext;
  /** Closes the log's last group: what is printed from here on stands open. */
  readonly endSteps: () => void;
  /** Path of a file below the working directory, from the top of the repository: how annotations name it. */
  readonly atRepository: (file: string) => string;
  /** Path for outputs: from the workspace, with `/`, where it lies in there. */
  readonly shownPath: (path: string) => string;
  /** Sets one of the outputs that the spec declares; nothing is an empty text, as GitHub has it. */
  readonly setOutput: (name: keyof Spec['outputs'] & string, value: string | number | boolean | null | undefined) => void;
}

/** What every action here is told of where to work. */
const place = {
  name: 'place',
  summary: '',
  inputs: {
    config: { description: 'Path of the configuration file.', default: 'weighin.yaml' },
    output: { description: 'Folder that the run writes to.', default: '.weighin' },
    'as-of': { description: 'Date.' },
    'working-directory': { description: 'Folder.', default: '.' },
    'fail-on': { description: 'When the step fails.', values: ['error', 'warn', 'never'], default: 'error' },
    'github-token': { description: 'Token.' },
  },
  outputs: {},
} as const satisfies ActionSpec;

/**
 * Runs an action: reads its inputs, opens the context, does `work`, and only then decides how the process ends. `work` gives
 * the outcome that decides about the step, or nothing where only an error can fail it.
 * Exit codes: 1 the verdict, 2 the user's mistake, 3 the surroundings'.
 */
export async function runAction<const Spec extends ActionSpec>(
  spec: Spec,
  // biome-ignore lint/suspicious/noConfusingVoidType: a step without a verdict of its own returns nothing
  work: (run: ActionRun<Spec>) => Promise<Outcome | void>,
): Promise<void> {
  const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd();
  const progress = createActionsProgress();
  let folders = [workspace];
  let event: EventFacts | undefined;
  const conclude = (verdict: Verdict) => {
    if ('verdict' in spec.outputs) core.setOutput('verdict', verdict);
  };
  try {
    const get = (name: string) => core.getInput(name);
    const inputs = readInputs(spec, get);
    const where = readInputs(place, get);
    if (where['github-token']) core.setSecret(where['github-token']);
    const root = resolve(workspace, where['working-directory']);
    folders = [root];
    const env = environment(process.env);
    event = await readEvent(env);
    const { openRunContext } = await import('../open-run-context.ts');
    const context = await openRunContext({
      config: where.config,
      root,
      output: where.output,
      ...(where['as-of'] ? { asOf: where['as-of'] } : {}),
      progress,
      env,
    });
    // Places in the contract count from the configuration's folder, places in the configuration from the working directory.
    folders = [root, context.root];
    try {
      const outcome = await work({
        inputs,
        event,
        context,
        endSteps: progress.end,
        atRepository: (file) => atWorkspace(workspace, folders, file),
        shownPath: (path) => shownFrom(workspace, path),
        setOutput: (name, value) => core.setOutput(name, value ?? ''),
      });
      progress.end();
      if (outcome && stepFails(outcome, where['fail-on'] satisfies FailOn))
        fail(outcome.says ?? `Weighin's verdict is ${outcome.verdict}.`, 1);
    } finally {
      await context.close();
    }
  } catch (error) {
    progress.end();
    if (event && isExcused(error, event)) {
      conclude('inconclusive');
      core.notice(`${error instanceof Error ? error.message : String(error)} This job has no credentials, by design.`, {
        title: 'NO_CREDENTIALS',
      });
      return;
    }
    conclude('error');
    reportFailure(error, (location) => (location ? { file: atWorkspace(workspace, folders, location.file), line: location.line } : {}));
  }
}

/** The environment without what was meant for this process alone: training and tests inherit the rest. */
export function environment(all: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  for (const name of Object.keys(all)) if (name.startsWith('INPUT_')) delete all[name];
  return all;
}

/** Says what went wrong, and how the process ends: 2 the user's mistake, 3 the surroundings'. */
export function reportFailure(
  error: unknown,
  place: (location: SourceLocation | undefined) => { file?: string; line?: number | undefined },
) {
  if (error instanceof ConfigError && error.problems.length > 1) {
    annotate(error.problems.map(({ code, message, location }) => ({ level: 'error', title: code, message, ...place(location) })));
    core.info(harmless(error.hint));
    process.exitCode = 2;
  } else if (error instanceof UserError) {
    annotate([{ level: 'error', title: error.code, message: `${error.message}\n${error.hint}`, ...place(error.location) }]);
    process.exitCode = 2;
  } else if (error instanceof InfrastructureError) {
    fail(`${error.code}: ${error.message}`, 3);
  } else {
    fail(`Weighin has a mistake of its own: ${error instanceof Error ? error.message : String(error)}`, 3);
    if (error instanceof Error && error.stack) core.info(harmless(error.stack));
  }
}

function fail(message: string, code: number) {
  core.setFailed(message);
  process.exitCode = code;
}

/** GitHub reads an annotation's path from the top of the repository. */
function atWorkspace(workspace: string, folders: readonly string[], file: string): string {
  const found = folders.find((folder) => existsSync(resolve(folder, file))) ?? folders[0] ?? workspace;
  return shownFrom(workspace, resolve(found, file));
}

const shownFrom = (workspace: string, path: string) => {
  const from = relative(workspace, path);
  return (from.startsWith('..') ? path : from || '.').replaceAll('\\', '/');
};
