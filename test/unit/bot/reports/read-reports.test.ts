import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { checkWorkflow, pullsOfRun, readReports } from '../../../../bot/reports/read-reports.ts';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import { better, worse } from '../../../support/reports/reports.ts';
import { fakeForge, headSha, pull, run } from '../fake-forge.ts';

const zipOf = (files: Record<string, unknown>) =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([path, value]) => [path, strToU8(typeof value === 'string' ? value : canonicalJson(value))]),
    ),
  );
const artifact = (name: string, files: Record<string, unknown>) => ({ name, zip: zipOf(files) });

describe('reports of a pull request', () => {
  it('are read of every shard of the attempt, and of no other', async () => {
    const { forge } = fakeForge({
      artifacts: {
        42: [
          artifact('weighin-report-churn-2', { 'churn/report.json': better() }),
          artifact('weighin-report-fraud-2', { 'fraud/report.json': { ...worse(), model: 'fraud' }, 'fraud/report.html': '<p>' }),
          artifact('weighin-report-old-1', { 'old/report.json': { ...worse(), model: 'old' } }),
          artifact('weighin-files-churn-2', { 'churn/model.onnx': 'x' }),
        ],
      },
    });
    const { claimed, problems } = await readReports(forge, run({ attempt: 2 }));
    expect(claimed.map(({ model, verdict }) => [model, verdict])).toEqual([
      ['churn', 'pass'],
      ['fraud', 'fail'],
    ]);
    expect(problems).toEqual([]);
  });

  it('stay claimed, whatever they say', async () => {
    const { forge } = fakeForge({
      artifacts: { 42: [artifact('weighin-report-churn-1', { 'churn/report.json': { ...better(), evidence: 'measured' } })] },
    });
    expect((await readReports(forge, run())).claimed[0]?.evidence).toBe('claimed');
  });

  it.each([
    ['another file of the same name', { path: '.github/workflows/evil.yml' }],
    ['another event', { event: 'push' }],
  ])('are not taken from %s', async (_, given) => {
    const { forge, calls } = fakeForge();
    const { claimed, problems } = await readReports(forge, run(given));
    expect(claimed).toEqual([]);
    expect(problems[0]?.code).toBe('NOT_THE_WORKFLOW');
    expect(calls).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ['an unknown key', JSON.stringify({ ...better(), promote: true }), 'churn', 'REPORT_INVALID'],
    ['__proto__', JSON.stringify(better()).replace('"params":{', '"params":{"__proto__":{"x":1},'), 'churn', 'REPORT_INVALID'],
    ['depth', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'churn', 'REPORT_INVALID'],
    ['no JSON', '{"schema":', 'churn', 'REPORT_INVALID'],
    ['a number that is none', JSON.stringify(better()).replace('"seconds":51.7', '"seconds":1e999'), 'churn', 'REPORT_INVALID'],
    ['another model', JSON.stringify({ ...better(), model: 'fraud' }), 'churn', 'REPORT_INVALID'],
  ])('are refused with %s', async (_, text, model, code) => {
    const { forge } = fakeForge({ artifacts: { 42: [artifact('weighin-report-churn-1', { [`${model}/report.json`]: text })] } });
    const { claimed, problems } = await readReports(forge, run());
    expect(claimed).toEqual([]);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('of a model whose name is a path are not looked at', async () => {
    const { forge } = fakeForge({ artifacts: { 42: [artifact('weighin-report-x-1', { 'Evil Name/report.json': better() })] } });
    expect(await readReports(forge, run())).toEqual({ claimed: [], problems: [] });
  });

  it('keep the rest when one artifact is hostile, and name it', async () => {
    const { forge } = fakeForge({
      artifacts: {
        42: [
          { name: 'weighin-report-evil-1', zip: zipSync({ '../report.json': strToU8('{}') }) },
          artifact('weighin-report-churn-1', { 'churn/report.json': better() }),
        ],
      },
    });
    const { claimed, problems } = await readReports(forge, run());
    expect(claimed.map(({ model }) => model)).toEqual(['churn']);
    expect(problems.map(({ code }) => code)).toEqual(['ARTIFACT_REFUSED']);
  });

  it('say when two artifacts speak of one model', async () => {
    const { forge } = fakeForge({
      artifacts: {
        42: [
          artifact('weighin-report-churn-1', { 'churn/report.json': worse() }),
          artifact('weighin-report-copy-1', { 'churn/report.json': better() }),
        ],
      },
    });
    const { claimed, problems } = await readReports(forge, run());
    expect(claimed.map(({ verdict }) => verdict)).toEqual(['fail']);
    expect(problems.map(({ code }) => code)).toEqual(['REPORT_TWICE']);
  });

  it('are downloaded once', async () => {
    const { forge, calls } = fakeForge({ artifacts: { 42: [artifact('weighin-report-churn-1', { 'churn/report.json': better() })] } });
    await readReports(forge, run());
    await readReports(forge, run());
    expect(calls.filter((call) => call === 'actions.download')).toHaveLength(1);
  });
});

describe('the pull request of a run', () => {
  it('is the open one with the head’s repository, branch and commit', async () => {
    const { forge } = fakeForge({
      pulls: [pull(), pull({ number: 58, state: 'closed' }), pull({ number: 59, head: { ...pull().head, sha: 'c3'.repeat(20) } })],
    });
    expect((await pullsOfRun(forge, run())).map(({ number }) => number)).toEqual([57]);
    expect(await pullsOfRun(forge, run({ headRepository: { id: 6, fullName: 'mallory/churn' } }))).toEqual([]);
  });
});

describe('the workflow at the head', () => {
  const path = '.github/workflows/weighin.yml';
  it('is the default branch’s, to the byte', async () => {
    const same = fakeForge({ files: { main: { [path]: 'on: pull_request\n' }, [headSha]: { [path]: 'on: pull_request\n' } } });
    expect(await checkWorkflow(same.forge, headSha)).toBeNull();
  });
  it.each([{ [path]: 'on: pull_request\n#\n' }, {}])('or its claims are named so', async (head) => {
    const other = fakeForge({ files: { main: { [path]: 'on: pull_request\n' }, [headSha]: head as Record<string, string> } });
    expect((await checkWorkflow(other.forge, headSha))?.code).toBe('WORKFLOW_CHANGED');
  });
});
