import { describe, expect, it } from 'vitest';
import { churnRepository } from '../support/churn-repository.ts';
import { startServing } from '../support/serving-process.ts';

describe('a registered version', () => {
  it('is served by its stage, by its columns and the contract it was judged by, scores a table alike, and follows the stage', async () => {
    const repository = churnRepository({ rows: 2_000 });
    await repository.run('run');
    await repository.promote();
    const server = await startServing(['churn@production', '--log', 'logs', '--watch'], repository.folder);
    const { features } = repository.report().dataset!;
    const metadata = (await server.get('/v2/models/churn')).json;
    const read: string[] = metadata.inputs.map(({ name }: { name: string }) => name);
    expect(metadata).toMatchObject({ name: 'churn', versions: ['v1'] });
    expect(features.map(({ name }) => name)).toEqual(expect.arrayContaining(read));

    const row = { region: 'north', plan: 'basic', tenure_months: 3, monthly_charge: 40, support_calls: 1, income: null };
    expect((await server.post('/predict', row)).json).toMatchObject({ model_version: 'v1', score: expect.any(Number) });
    const refusal = async (part: object) => (await server.post('/predict', { ...row, ...part })).json;
    expect(await refusal({ region: 'atlantis' })).toEqual({
      code: 'FIELD_NOT_ACCEPTED',
      field: 'region',
      error: 'region is none of the values that the contract accepts.',
    });
    expect(await refusal({ tenure_months: 601 })).toMatchObject({
      code: 'FIELD_RANGE',
      error: 'tenure_months must be at least 0 and at most 600.',
    });
    expect(await refusal({ plan: null })).toMatchObject({ code: 'FIELD_MISSING', field: 'plan' });

    // The same row as a table gives the same score.
    repository.write(
      'one.csv',
      'customer_id,region,plan,tenure_months,monthly_charge,support_calls,income\n7,north,basic,3,40,1,50000\n8,south,plus,30,90,0,\n',
    );
    const scored = await repository.run('score', '--model', 'churn@production', '--input', 'one.csv', '--output', 'scores', '--json', '-');
    expect([scored.status, JSON.parse(scored.stdout)]).toMatchObject([0, { rows: 2, version: 'v1' }]);
    const online = [
      { ...row, income: 50_000 },
      { region: 'south', plan: 'plus', tenure_months: 30, monthly_charge: 90, support_calls: 0, income: null },
    ];
    const scores: number[] = (await server.post('/predict', { rows: online })).json.rows.map(({ score }: { score: number }) => score);
    expect(JSON.parse(scored.stdout).meanScore).toBeCloseTo((scores[0]! + scores[1]!) / 2, 12);

    // A promotion moves the stage's file: the next version takes over, and takes fewer fields then.
    repository.edit('weighin.yaml', 'exclude: [signup_date]', 'exclude: [signup_date, income]');
    repository.commit('Leave the income out');
    await repository.run('run');
    await repository.run('register');
    // Clients that know nothing of it go on meanwhile: whatever version meets them, somebody answers.
    let going = true;
    const statuses = new Map<number, number>();
    const client = async (body: object) => {
      while (going) {
        const { status } = await server.post('/v2/models/churn/infer', body).catch(() => ({ status: 0 }));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const tensor = ({ name, datatype }: { name: string; datatype: string }) => ({
      name,
      datatype,
      shape: [1, 1],
      data: [(row as Record<string, unknown>)[name] ?? 0],
    });
    const inputs = metadata.inputs.map(tensor);
    const clients = [client({ inputs }), client({ inputs: inputs.filter(({ name }: { name: string }) => name !== 'income') })];
    expect(await repository.run('promote', 'churn@v2', 'production')).toMatchObject({ status: 0 });
    const { income, ...without } = row;
    await expect
      .poll(async () => (await server.post('/predict', without)).json.model_version, { timeout: 15_000, interval: 200 })
      .toBe('v2');
    going = false;
    await Promise.all(clients);
    expect([...statuses.keys()].sort()).toEqual([200, 422]);
    expect((await server.get('/v2/models/churn')).json.versions).toEqual(['v2']);
    expect((await server.post('/predict', { ...without, income })).json).toMatchObject({ code: 'FIELD_UNKNOWN', field: 'income' });

    expect(await server.stop()).toMatchObject({ status: 0 });
    const check = await repository.run('logs', 'check', 'logs', '--task', 'binary', '--json', '-');
    expect(JSON.parse(check.stdout)).toMatchObject({
      verdict: 'pass',
      answered: [
        { model: 'churn', version: 'v1', rows: expect.any(Number) },
        { model: 'churn', version: 'v2', rows: expect.any(Number) },
      ],
    });
    const logged: number = JSON.parse(check.stdout).answered.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0);
    expect(logged).toBe(4 + (statuses.get(200) ?? 0));
  }, 120_000);
});
