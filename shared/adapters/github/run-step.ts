import * as core from '@actions/core';
import type { Progress } from '../../pipeline/progress.ts';
import type { ActionSpec, Inputs } from '../../spec/action-spec.ts';
import { readInputs } from '../../spec/read-inputs.ts';
import { createActionsProgress } from './actions-progress.ts';
import { environment, reportFailure } from './run-action.ts';

/** What a step works with that has no configuration in its workspace: it finds one in Git, or needs none. */
export interface StepRun<Spec extends ActionSpec> {
  readonly inputs: Inputs<Spec>;
  /** Without the inputs, which are this process's alone. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workspace: string;
  readonly progress: Progress;
  readonly setOutput: (name: keyof Spec['outputs'] & string, value: string | number | null | undefined) => void;
}

/** Runs a step of an action: reads its inputs, does `work`, and says what went wrong. Exit codes: 2 the user's mistake, 3 the surroundings'. */
export async function runStep<const Spec extends ActionSpec>(spec: Spec, work: (run: StepRun<Spec>) => Promise<void>): Promise<void> {
  const progress = createActionsProgress();
  try {
    const inputs = readInputs(spec, (name) => core.getInput(name));
    const token = core.getInput('github-token');
    if (token) core.setSecret(token);
    await work({
      inputs,
      env: environment(process.env),
      workspace: process.env['GITHUB_WORKSPACE'] ?? process.cwd(),
      progress,
      setOutput: (name, value) => core.setOutput(name, value ?? ''),
    });
    progress.end();
  } catch (error) {
    progress.end();
    reportFailure(error, (location) => (location ? { file: location.file, line: location.line } : {}));
  }
}
