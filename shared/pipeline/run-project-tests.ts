import { runTests } from '../training/run-tests.ts';
import type { TestResult } from '../training/training-result.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { writeJson } from './run-folder.ts';

/** Step 3: the team's own tests, all of them. Writes tests.json. */
export async function runProjectTests(context: RunContext, model: string): Promise<readonly TestResult[]> {
  return runTestsOf(context, modelRun(context, model));
}

export async function runTestsOf(context: RunContext, run: ModelRun): Promise<readonly TestResult[]> {
  const { tests } = run.config;
  if (tests.length > 0) context.progress.step('tests', tests.map(({ name }) => name).join(', '));
  const { runProcess, progress, env } = context;
  const results = await runTests({ tests, root: run.root }, { runProcess, progress, env });
  await writeJson(run.folder.tests, results);
  return results;
}
