import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDuration } from '../config/quantities.ts';
import type { ModelConfig } from '../config/schema.ts';
import { commandEnvironment } from './command-environment.ts';
import { createLogTail } from './log-tail.ts';
import { type JUnitSummary, readJUnit } from './read-junit.ts';
import type { RunProcess } from './run-process.ts';
import type { TestResult } from './training-result.ts';

export interface TestsRequest {
  readonly tests: ModelConfig['tests'];
  /** Absolute: the config's folder, where commands run. */
  readonly root: string;
}

export interface TestsDeps {
  readonly runProcess: RunProcess;
  readonly progress: { note(line: string): void };
  readonly env: Readonly<Record<string, string | undefined>>;
}

const defaultTimeout = '15m';

/** Runs the team's own tests one after the other, all of them. A test fails by its exit code, or by a failed case in its JUnit file. */
export async function runTests(request: TestsRequest, deps: TestsDeps): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const test of request.tests) results.push(await runTest(test, request.root, deps));
  return results;
}

async function runTest(test: ModelConfig['tests'][number], root: string, deps: TestsDeps): Promise<TestResult> {
  const tail = createLogTail();
  const junitPath = test.junit ? resolve(root, test.junit) : null;
  const before = junitPath ? await fileTime(junitPath) : null;
  const timeout = test.timeout ?? defaultTimeout;
  const outcome = await deps.runProcess({
    command: test.command,
    cwd: root,
    env: commandEnvironment(deps.env, {}),
    timeoutMs: parseDuration(timeout),
    onLine: (line) => {
      tail.add(line);
      deps.progress.note(`${test.name} │ ${line}`);
    },
  });
  // A file that was there before and is as it was tells of another run.
  const written = junitPath !== null && (await fileTime(junitPath)) !== before;
  const junit = written ? await readJUnit(junitPath) : null;
  const cases = junit && 'total' in junit ? junit : null;
  const failed = outcome.timedOut || outcome.exitCode !== 0 || (cases?.failed ?? 0) > 0;
  return {
    name: test.name,
    command: test.command,
    status: failed ? test.severity : 'pass',
    severity: test.severity,
    exitCode: outcome.exitCode,
    seconds: outcome.seconds,
    cases: cases && { total: cases.total, failed: cases.failed, skipped: cases.skipped },
    failures: cases ? [...cases.failures] : [],
    message: [sentence(), junitNote()].filter(Boolean).join(' '),
    tail: failed ? [...tail.lines()] : [],
  };

  function sentence(): string {
    if (outcome.timedOut) return `Did not end within ${timeout} and was ended.`;
    const counted = cases ? countCases(cases) : '';
    if (outcome.exitCode === null) return `Was ended by ${outcome.signal}.`;
    if (outcome.exitCode !== 0) return `Ended with exit code ${outcome.exitCode}${counted && `: ${counted}`}.`;
    return counted ? `${counted}.` : 'Passed.';
  }

  function junitNote(): string {
    if (junitPath === null || cases) return '';
    return written ? `${test.junit} could not be read as JUnit XML.` : `The command left no ${test.junit}.`;
  }
}

const countCases = ({ total, failed, skipped }: JUnitSummary) =>
  `${failed > 0 ? `${failed} of ${total} failed` : `${total - skipped} of ${total} passed`}${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const fileTime = async (path: string) => (await stat(path).catch(() => null))?.mtimeMs ?? null;
