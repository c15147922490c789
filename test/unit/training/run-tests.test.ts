import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProcess } from '../../../shared/adapters/process/run-process.ts';
import type { ModelConfig } from '../../../shared/config/schema.ts';
import { readJUnit } from '../../../shared/training/read-junit.ts';
import { runTests } from '../../../shared/training/run-tests.ts';
import { testResultSchema } from '../../../shared/training/training-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighin-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

type Test = ModelConfig['tests'][number];
async function run(test: Partial<Test>) {
  const log: string[] = [];
  const [result] = await runTests(
    { tests: [{ name: 'unit', command: 'true', severity: 'fail', ...test }], root: folder },
    { runProcess, progress: { note: (line) => log.push(line) }, env: process.env },
  );
  return { result: testResultSchema.parse(result), log };
}

const pytest = `<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="4">
  <testcase classname="tests.test_a" name="test_ok" time="0.1"/>
  <testcase classname="tests.test_a" name="test_&lt;b&gt;"><failure message="x">no</failure></testcase>
  <testcase classname="tests.test_a" name="test_error"><error message="x"/></testcase>
  <testcase classname="tests.test_a" name="test_skip"><skipped/></testcase></testsuite></testsuites>`;

describe('tests', () => {
  it('pass and fail by exit code, and a failed one keeps its last lines', async () => {
    expect((await run({ command: 'echo fine' })).result).toMatchObject({
      status: 'pass',
      exitCode: 0,
      cases: null,
      message: 'Passed.',
      tail: [],
    });
    const { result, log } = await run({ command: 'echo broken; exit 2' });
    expect(result).toMatchObject({ status: 'fail', exitCode: 2, tail: ['broken'], message: 'Ended with exit code 2.' });
    expect(log).toEqual(['unit │ broken']);
    expect((await run({ command: 'exit 1', severity: 'warn' })).result.status).toBe('warn');
  });

  it('fail by a failed case, whatever the exit code says', async () => {
    const source = file('source.xml', pytest);
    const { result } = await run({ command: `cp ${source} unit.xml`, junit: 'unit.xml' });
    expect(result).toMatchObject({
      status: 'fail',
      exitCode: 0,
      cases: { total: 4, failed: 2, skipped: 1 },
      failures: ['tests.test_a › test_<b>', 'tests.test_a › test_error'],
      message: '2 of 4 failed, 1 skipped.',
    });
  });

  it('do not read the file of an earlier run', async () => {
    file('old.xml', pytest);
    expect((await run({ command: 'true', junit: 'old.xml' })).result).toMatchObject({
      status: 'pass',
      cases: null,
      message: 'Passed. The command left no old.xml.',
    });
  });

  it('are ended when their time is over', async () => {
    expect((await run({ command: 'sleep 30', timeout: '200ms' })).result).toMatchObject({
      status: 'fail',
      exitCode: null,
      message: expect.stringContaining('200ms'),
    });
  });
});

describe('JUnit files', () => {
  it('may nest suites, or be one suite without an outer element', async () => {
    const nested =
      '<testsuites><testsuite><testsuite><testcase name="a"/></testsuite><testcase name="b"><failure/></testcase></testsuite></testsuites>';
    expect(await readJUnit(file('nested.xml', nested))).toMatchObject({ total: 2, failed: 1, failures: ['b'] });
    expect(await readJUnit(file('single.xml', '<testsuite><testcase name="a"/></testsuite>'))).toMatchObject({ total: 1, failed: 0 });
    expect(await readJUnit(file('empty.xml', '<testsuites/>'))).toMatchObject({ total: 0 });
  });

  it.each([
    ['entities that expand', '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>'],
    ['another document', '<html><body/></html>'],
    ['broken XML', '<testsuite><testcase'],
    ['no XML', 'ok'],
    ['nothing', ''],
  ])('are not read with %s', async (_, content) => expect(await readJUnit(file('odd.xml', content))).toBeNull());
});
