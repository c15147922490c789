import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logCheckSchema } from '../../shared/production/log-check.ts';
import { replaySchema } from '../../shared/production/replay.ts';
import { skewReportSchema } from '../../shared/production/skew-report.ts';
import { weighin } from '../support/built-cli.ts';
import { type ChurnRepository, openChurn } from '../support/churn-repository.ts';

/** What a server that runs production would have logged of the churn customers: a model of its own, and late labels. */
const folder = mkdtempSync(join(tmpdir(), 'weighin-logs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let churn: ChurnRepository;
const start = Date.parse('2026-01-05T00:00:00Z');

interface Customer {
  readonly id: string;
  readonly label: string;
  readonly features: Record<string, string | number | null>;
}

const numbers = ['tenure_months', 'monthly_charge', 'support_calls', 'income'];

function customers(): readonly Customer[] {
  const [head = '', ...lines] = churn.read('data/customers.csv').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const row = Object.fromEntries(line.split(',').map((cell, index) => [names[index] ?? '', cell]));
    const { customer_id: id = '', churned: label = '', signup_date: _, ...rest } = row;
    const features = Object.fromEntries(
      Object.entries(rest).map(([name, cell]) => [name, cell === '' ? null : numbers.includes(name) ? Number(cell) : cell]),
    );
    return { id, label, features };
  });
}

const answer = ({ id, features }: Customer, index: number, changes: Readonly<Record<string, unknown>> = {}) => ({
  id,
  time: new Date(start + index * 60_000).toISOString(),
  model: 'churn',
  version: 'v1',
  variant: null,
  features,
  score: Math.min(1, 0.1 * Number(features['support_calls'] ?? 0)),
  prediction: Number(features['support_calls'] ?? 0) >= 5 ? 1 : 0,
  latency_ms: 3.2,
  degraded: false,
  ...changes,
});
const write = (name: string, rows: readonly unknown[]) => churn.write(name, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
const json = (name: string) => JSON.parse(churn.read(name));

beforeAll(async () => {
  churn = openChurn(folder, { rows: 3_000 });
  const { status, stderr } = await churn.run('run', '--quiet');
  if (status !== 0) throw new Error(stderr);
  const rows = customers();
  write(
    'log.jsonl',
    rows.map((customer, index) =>
      index % 100 === 0
        ? answer(customer, index, { degraded: true })
        : index % 100 === 1
          ? answer(customer, index, { variant: 'shadow', version: 'v2' })
          : answer(customer, index),
    ),
  );
  churn.write('late.csv', ['id,label', ...rows.filter((_, index) => index % 2 === 0).map(({ id, label }) => `${id},${label}`)].join('\n'));
}, 120_000);

describe('weighin logs check', () => {
  it('says first whether the log can be read, then who answered', async () => {
    const { status, stdout } = await churn.run('logs', 'check', 'log.jsonl', '--task', 'binary', '--json', 'check.json');
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toBe('✓ pass: log.jsonl: 3,000 lines, all keep the schema');
    expect(stdout).toContain('2,970  churn@v1');
    expect(logCheckSchema.parse(json('check.json'))).toMatchObject({ verdict: 'pass', degraded: 30, rows: 3000 });
  });

  it('fails with the lines that break the schema, and is the user’s mistake where there is no log', async () => {
    const [first] = customers();
    write('bad.jsonl', [answer(first as Customer, 0), answer(first as Customer, 1, { score: 'very likely' })]);
    const bad = await churn.run('logs', 'check', 'bad.jsonl', '--quiet');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('1 line: score is of another type; it must be a finite number or null');
    expect(bad.stdout).not.toContain('very likely');
    const refused = [
      [['logs', 'check', 'log.jsonk'], 'DATA_NOT_FOUND'],
      [['logs', 'check', 'data/customers.csv'], 'LOG_FORMAT'],
      [['logs', 'count', 'log.jsonl'], 'ACTION_UNKNOWN'],
    ] as const;
    const answers = await Promise.all(refused.map(([words]) => churn.run(...words)));
    for (const [index, { status, stderr }] of answers.entries())
      expect([status, stderr]).toEqual([2, expect.stringContaining(refused[index]?.[1] ?? '')]);
  });
});

describe('weighin skew', () => {
  it('passes where serving saw what training saw, of a dataset by its id', async () => {
    const { status, stdout } = await churn.run(
      'skew',
      '--training',
      '.weighin/runs/churn/dataset',
      '--serving',
      'log.jsonl',
      '--json',
      'skew.json',
    );
    expect([status, stdout.split('\n')[0]]).toEqual([
      0,
      '✓ pass: 2,970 answers joined: all 6 columns are the same in serving as in training',
    ]);
    expect(skewReportSchema.parse(json('skew.json'))).toMatchObject({ verdict: 'pass', key: [{ training: 'customer_id', serving: 'id' }] });
  });

  it('names the column, the ways and the rows where it did not', async () => {
    const rows = customers();
    write(
      'skewed.jsonl',
      rows.map((customer, index) =>
        answer(
          { ...customer, features: { ...customer.features, income: index < 5 ? 1 : (customer.features['income'] ?? null), plan: null } },
          index,
        ),
      ),
    );
    const { status, stdout } = await churn.run(
      'skew',
      '--training',
      'data/customers.csv',
      '--serving',
      'skewed.jsonl',
      '--key',
      'customer_id',
      '--quiet',
    );
    expect(status).toBe(1);
    expect(stdout).toContain('✕ fail: 3,000 answers joined: 2 of 6 columns differ, plan most');
    expect(stdout).toMatch(/fail {2}plan +100\.0 % {2}3,000 null in serving\n.*row 1 ↔ line 1, row 2 ↔ line 2/);
    expect(stdout).toMatch(/warn {2}income/);
  });

  it('compares distributions where nothing joins, and says so', async () => {
    write(
      'strangers.jsonl',
      customers().map((customer, index) => answer({ ...customer, id: `x${index}` }, index)),
    );
    const { status, stdout } = await churn.run(
      'skew',
      '--training',
      '.weighin/runs/churn/dataset',
      '--serving',
      'strangers.jsonl',
      '--json',
      'apart.json',
      '--quiet',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('distributions are compared instead');
    expect(skewReportSchema.parse(json('apart.json'))).toMatchObject({
      compared: 'distribution',
      verdict: 'pass',
      drift: { verdict: 'pass' },
    });
  });

  it('refuses what it can’t compare', async () => {
    const refused = [
      [['--training', 'data/customers.csv', '--serving', 'log.jsonl'], 'COLUMN_UNKNOWN'],
      [['--training', 'data/customers.csv', '--serving', 'log.jsonl', '--key', 'plan'], 'SKEW_KEY_REPEATS'],
      [
        ['--training', 'data/customers.csv', '--serving', 'log.jsonl', '--key', 'customer_id', '--column-tolerance', 'incom=1'],
        'COLUMN_UNKNOWN',
      ],
      [['--training', 'data/customers.csv', '--serving', 'log.jsonl', '--key', 'customer_id', '--since', 'monday'], 'FLAG_INVALID'],
      [['--training', 'data/customers.csv', '--serving', 'late.csv', '--key', 'customer_id'], 'LOG_FORMAT'],
    ] as const;
    const answers = await Promise.all(refused.map(([words]) => churn.run('skew', ...words)));
    for (const [index, { status, stderr }] of answers.entries())
      expect([status, stderr]).toEqual([2, expect.stringContaining(refused[index]?.[1] ?? '')]);
  });
});

describe('weighin evaluate --replay', () => {
  it('scores the candidate on what production was asked, and judges it where labels came', async () => {
    const { status, stdout } = await churn.run(
      'evaluate',
      'churn',
      '--replay',
      'log.jsonl',
      '--labels',
      'late.csv',
      '--json',
      'replay.json',
      '--quiet',
    );
    expect(status).toBe(0);
    const replay = replaySchema.parse(json('replay.json'));
    expect(stdout.split('\n')[0]).toBe(`Verdict: ${replay.verdict}. ${replay.headline}`);
    expect(replay.rows).toMatchObject({ replayed: 2940, degraded: 30, shadow: 30, incomplete: 0, unanswered: 0 });
    expect(replay.log).toMatchObject({ from: '2026-01-05T00:02:00.000Z', answered: [{ version: 'v1', variant: null, rows: 2940 }] });
    // The two agree on most: what moved and what stayed is every answer.
    expect((replay.agreement?.rows ?? 0) + replay.moved.reduce((sum, { rows }) => sum + rows, 0)).toBe(2940);
    expect(replay.scores?.pValue).toBeLessThan(1);
    // Rows that the candidate was trained on have labels, and count for nothing.
    expect(replay.notices.map(({ code }) => code)).toContain('CANDIDATE_SAW_ROWS');
    expect(replay.rows.labelled).toBeGreaterThan(150);
    expect(replay.rows.labelled).toBeLessThan(300);
    const auc = replay.metrics.find(({ name, slice }) => name === 'roc_auc' && slice === null);
    expect(auc).toMatchObject({ n: replay.rows.labelled, interval: { method: 'delong' } });
    expect(auc?.baseline).toBeGreaterThan(0.5);
    expect(replay.gates.map(({ id }) => id)).toContain('roc_auc.min');
  });

  it('compares answers alone where no label came, within the time that was asked', async () => {
    const until = ['--since', '2026-01-05', '--until', '2026-01-05T10:00:00Z'];
    const { status } = await churn.run('evaluate', 'churn', '--replay', 'log.jsonl', ...until, '--json', 'bare.json', '--quiet');
    expect(status).toBe(0);
    const bare = replaySchema.parse(json('bare.json'));
    expect(bare).toMatchObject({
      verdict: 'inconclusive',
      metrics: [],
      gates: [],
      rows: { replayed: 588, degraded: 6, shadow: 6, labelled: 0 },
    });
    expect(bare.notices.map(({ code }) => code)).toContain('NO_LABELS');
  });

  it('leaves out answers without an input, and stops where none has it', async () => {
    const rows = customers();
    const without = (customer: Customer): Customer => {
      const { income: _, ...features } = customer.features;
      return { ...customer, features };
    };
    write(
      'some.jsonl',
      rows.map((customer, index) => answer(index % 10 === 0 ? without(customer) : customer, index)),
    );
    await churn.run('evaluate', 'churn', '--replay', 'some.jsonl', '--json', 'some.json', '--quiet');
    expect(replaySchema.parse(json('some.json')).rows).toMatchObject({ replayed: 2700, incomplete: 300 });
    write(
      'lacking.jsonl',
      rows.map((customer, index) => answer(without(customer), index)),
    );
    const { status, stderr } = await churn.run('evaluate', 'churn', '--replay', 'lacking.jsonl');
    expect(status).toBe(2);
    expect(stderr).toContain('The candidate reads income, which no answer of lacking.jsonl was logged with');
  });

  it('refuses logs of another model, another time, labels of others, and flags that contradict', async () => {
    const [first] = customers();
    write('other.jsonl', [answer(first as Customer, 0, { model: 'fraud' })]);
    churn.write('foreign.csv', 'id,label\nnobody,1\n');
    const refused = [
      [['--replay', 'other.jsonl'], 'REPLAY_NO_ANSWERS'],
      [['--replay', 'log.jsonl', '--since', '2027-01-01'], 'REPLAY_NO_ANSWERS'],
      [['--replay', 'log.jsonl', '--labels', 'foreign.csv'], 'LABELS_NOT_JOINED'],
      [['--replay', 'log.jsonl', '--labels', 'foreign.csv', '--label', 'churned'], 'COLUMN_UNKNOWN'],
      [['--replay', 'log.jsonl', '--data', 'x.csv'], 'FLAGS_CLASH'],
      [['--labels', 'late.csv'], 'FLAG_NEEDS_REPLAY'],
      [['--replay', 'nowhere.jsonl'], 'DATA_NOT_FOUND'],
    ] as const;
    const answers = await Promise.all(refused.map(([words]) => churn.run('evaluate', 'churn', ...words)));
    for (const [index, { status, stderr }] of answers.entries())
      expect([status, stderr]).toEqual([2, expect.stringContaining(refused[index]?.[1] ?? '')]);
  });

  it('needs a candidate', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'weighin-empty-'));
    try {
      writeFileSync(join(empty, 'weighin.yaml'), churn.read('weighin.yaml'));
      writeFileSync(join(empty, 'log.jsonl'), churn.read('log.jsonl'));
      const { status, stderr } = await weighin(['evaluate', 'churn', '--replay', 'log.jsonl'], { cwd: empty });
      expect([status, stderr]).toEqual([2, expect.stringContaining('STEP_MISSING')]);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });
});
