import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';
import { openChurn } from '../support/churn-repository.ts';

/** Files alone, without a configuration: scripts read the JSON, so its shapes are a contract. */
const folder = mkdtempSync(join(tmpdir(), 'weighin-alone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (...words: string[]) => weighin(words, { cwd: folder });
const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

describe('weighin validate --data', () => {
  beforeAll(() => {
    write('small.csv', ['id,age,plan', '1,34,basic', '2,,plus', '2,51,gold', 'x,17,basic']);
    write('small.odcs.yaml', [
      'apiVersion: v3.1.0',
      'kind: DataContract',
      'id: small',
      'version: 1.0.0',
      'status: active',
      'schema:',
      '  - name: small',
      '    properties:',
      '      - {name: id, logicalType: integer, required: true, unique: true}',
      '      - name: age',
      '        logicalType: integer',
      '        logicalTypeOptions: {minimum: 18}',
    ]);
  });

  it('writes the verdict and every check, with its rows and its place in the contract', async () => {
    const { status, stdout } = await run('validate', '--data', 'small.csv', '--contract', 'small.odcs.yaml', '--json', 'out/checks.json');
    expect(status).toBe(1);
    expect(stdout).toContain('small.csv');
    const { verdict, checks } = read('out/checks.json');
    expect(verdict).toBe('fail');
    for (const check of checks)
      expect(Object.keys(check).sort()).toEqual(
        ['column', 'expected', 'failed', 'location', 'message', 'observed', 'rows', 'rule', 'severity', 'status', 'total'].sort(),
      );
    const failed = checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ rule: 'type', column: 'id', failed: 1, rows: [4], location: { file: 'small.odcs.yaml', line: 9 } }),
        expect.objectContaining({ rule: 'unique', column: 'id', rows: [2, 3] }),
        expect.objectContaining({ rule: 'range', column: 'age', failed: 1, rows: [4], location: { file: 'small.odcs.yaml', line: 12 } }),
        expect.objectContaining({
          rule: 'nulls',
          column: 'age',
          message: 'Columns with >10% nulls: {age: 25.0}',
          rows: [2],
          location: null,
        }),
      ]),
    );
  });

  it('judges by the default rules alone, JSON on stdout and people on nothing', async () => {
    const { status, stdout } = await run('validate', '--data', 'small.csv', '--json', '-', '--quiet');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fail', contract: null, rows: 4 });
    expect((await run('validate', '--data', 'none.csv')).status).toBe(2);
    const missing = await run('validate', '--data', 'small.csv', '--contract', 'none.yaml', '--json', '-');
    expect([missing.status, JSON.parse(missing.stdout).error.code]).toEqual([2, 'CONTRACT_NOT_FOUND']);
  });

  it('takes hostile names and values as text, everywhere', async () => {
    const control = String.fromCharCode(27);
    const hostile = `"<script>alert(1)</script>${control}[31m"`;
    write('hostile.csv', [
      `${hostile},"a""b","x'); DROP TABLE t;--",__proto__`,
      ...['1', '2', '', ''].map((value) => `${value},=cmd(),"' OR 1=1",y`),
    ]);
    const { status, stdout } = await run('validate', '--data', 'hostile.csv', '--json', 'hostile.json');
    expect(status).toBe(1);
    expect(stdout).toContain('<script>');
    expect(stdout).not.toContain(control);
    const nulls = read('hostile.json').checks.find(({ rule }: { rule: string }) => rule === 'nulls');
    expect(nulls).toMatchObject({ status: 'fail', column: `<script>alert(1)</script>${control}[31m`, rows: [3, 4] });
  });
});

describe('weighin evaluate --predictions', () => {
  beforeAll(() => {
    const rows = Array.from({ length: 900 }, (_, row) => {
      const truth = (row * 7) % 3 === 0 ? 1 : 0;
      const noise = ((row * 7919) % 1000) / 1000;
      const better = (0.35 * truth + 0.65 * noise).toFixed(6);
      const worse = (0.15 * truth + 0.85 * (((row * 104_729) % 1000) / 1000)).toFixed(6);
      return `${truth},${better},${worse},${row % 2 ? '</td>|x' : 'south'}`;
    });
    write('predictions.csv', ['y,new score,baseline,region', ...rows]);
  });
  const given = ['evaluate', '--predictions', 'predictions.csv', '--task', 'binary', '--label', 'y', '--score', 'new score'];

  it('writes metrics with the interval of the difference, and no gates where none were asked for', async () => {
    const { status } = await run(
      ...given,
      '--baseline-score',
      'baseline',
      '--metrics',
      'roc_auc,log_loss,recall',
      '--json',
      'metrics.json',
    );
    expect(status).toBe(0);
    const { verdict, metrics, gates } = read('metrics.json');
    expect([verdict, gates]).toEqual(['pass', []]);
    expect(metrics.map(({ name }: { name: string }) => name)).toEqual(['roc_auc', 'log_loss', 'recall']);
    for (const metric of metrics) {
      expect(metric).toMatchObject({ slice: null, n: 900, interval: { level: 0.9, method: expect.any(String) } });
      expect(metric.delta).toBeCloseTo(metric.value - metric.baseline, 12);
      expect(metric.interval.low).toBeLessThanOrEqual(metric.delta);
      expect(metric.interval.high).toBeGreaterThanOrEqual(metric.delta);
    }
  });

  it('bootstraps where resamples are asked for, the same for the same seed', async () => {
    const answers = [];
    for (const seed of ['7', '7', '8']) {
      const { stdout } = await run(
        ...given,
        '--baseline-score',
        'baseline',
        '--metrics',
        'roc_auc',
        '--resamples',
        '400',
        '--seed',
        seed,
        '--json',
        '-',
      );
      answers.push(JSON.parse(stdout).metrics[0].interval);
    }
    expect(answers[0].method).toMatch(/bca/);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).not.toEqual(answers[0]);
  });

  it('repeats metrics by slices, whatever the values are called', async () => {
    const { stdout } = await run(...given, '--slices', 'region', '--metrics', 'accuracy', '--json', '-');
    expect(JSON.parse(stdout).metrics.map(({ slice, n }: { slice: string; n: number }) => [slice, n])).toEqual([
      [null, 900],
      ['region=</td>|x', 450],
      ['region=south', 450],
    ]);
  });

  it('judges gates given by flags, and tells by the exit code', async () => {
    const pass = await run(...given, '--baseline-score', 'baseline', '--max-regression', 'roc_auc=0.01', '--json', '-');
    expect([pass.status, JSON.parse(pass.stdout)]).toMatchObject([
      0,
      { verdict: 'pass', gates: [{ id: 'roc_auc.maxRegression', status: 'pass' }] },
    ]);
    const fail = await run(...given, '--min', 'roc_auc=0.99', '--json', '-');
    expect([fail.status, JSON.parse(fail.stdout)]).toMatchObject([1, { verdict: 'fail', gates: [{ id: 'roc_auc.min', limit: 0.99 }] }]);
  });

  it('refuses what is no question, each with exit code 2', async () => {
    const code = async (...words: string[]) => {
      const { status, stdout } = await run(...words, '--json', '-');
      return [status, JSON.parse(stdout).error.code];
    };
    expect(await code('evaluate', '--predictions', 'predictions.csv', '--task', 'binary', '--label', 'y')).toEqual([2, 'FLAG_MISSING']);
    expect(await code(...given.slice(0, -1), 'score')).toEqual([2, 'COLUMN_UNKNOWN']);
    expect(await code(...given, '--data', 'x.csv')).toEqual([2, 'FLAGS_CLASH']);
    expect(await code(...given, '--min', 'roc_auc')).toEqual([2, 'GATE_INVALID']);
    expect(await code(...given, '--metrics', 'roc_acu')).toEqual([2, expect.stringMatching(/METRIC/)]);
    expect(await code(...given, '--min', 'roc_acu=0.7')).toEqual([2, expect.stringMatching(/METRIC/)]);
    write('over.csv', ['y,s', '1,0.5', '0,1.5']);
    expect(await code('evaluate', '--predictions', 'over.csv', '--task', 'binary', '--label', 'y', '--score', 's')).toEqual([
      2,
      'SCORES_OUT_OF_RANGE',
    ]);
  });
});

it('counts rows of one cluster as one piece of evidence', async () => {
  // Every row stands forty times: as single rows they look like forty times the evidence.
  const rows = Array.from({ length: 4_000 }, (_, row) => {
    const group = row % 100;
    const truth = group % 3 === 0 ? 1 : 0;
    return `${truth},${(0.3 * truth + 0.7 * (((group * 61) % 100) / 100)).toFixed(4)},${group}`;
  });
  write('clusters.csv', ['y,score,household', ...rows]);
  const widthOf = async (...more: string[]) => {
    const given = ['--predictions', 'clusters.csv', '--task', 'binary', '--label', 'y', '--score', 'score', '--metrics', 'brier'];
    const { status, stdout } = await run('evaluate', ...given, ...more, '--json', '-');
    expect(status).toBe(0);
    const { low, high } = JSON.parse(stdout).metrics[0].interval;
    return high - low;
  };
  const [rowsAlone, together] = [await widthOf(), await widthOf('--cluster', 'household')];
  expect(together / rowsAlone).toBeGreaterThan(5.5);
  expect(together / rowsAlone).toBeLessThan(7.5);
});

describe('weighin evaluate --model', () => {
  it('scores a file of rows, and says the same as the run that trained the model', async () => {
    const own = join(folder, 'churn');
    mkdirSync(own);
    const team = openChurn(own, { rows: 3_000 });
    expect((await team.run('run')).status).toBe(0);
    const model = 'churn/.weighin/runs/churn/training/model.onnx';
    const data = 'churn/.weighin/runs/churn/dataset/test.parquet';
    const words = ['evaluate', '--model', model, '--data', data, '--task', 'binary', '--label', 'churned', '--baseline-model', model];
    const { status, stdout, stderr } = await run(...words, '--metrics', 'roc_auc,brier', '--json', '-');
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const { metrics } = JSON.parse(stdout);
    const reported = team.report().evaluation?.metrics.filter(({ slice }) => slice === null);
    for (const { name, value, baseline, delta, n } of metrics) {
      expect([name, n, baseline, delta]).toEqual([name, 450, value, 0]);
      expect(value).toBeCloseTo(reported?.find((metric) => metric.name === name)?.value ?? Number.NaN, 12);
    }
  });
});
