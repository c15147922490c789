import { describe, expect, it } from 'vitest';
import { openPrometheusSource } from '../../../../shared/adapters/metric-sources/open-prometheus-source.ts';
import type { RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import type { MetricReading, Reading, SourceState } from '../../../../shared/rollout/engine/metric-source.ts';
import { edgeTexts } from '../../../../shared/rollout/sources/prometheus-queries.ts';

const T0 = 1_800_000_000_000;
const metrics = [
  {
    name: 'errors',
    bad: 'sum(increase(bad_total{version="$version"}[$window]))',
    total: 'sum(increase(all_total{version="$version"}[$window]))',
    max: 0.01,
  },
];

interface Asked {
  readonly path: string;
  readonly query: string;
  readonly time: number;
  readonly form: URLSearchParams;
  readonly headers: Headers;
}
const vector = (...values: readonly (string | number)[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, String(value)] })) },
});
const fresh = (time: number) => vector(time);

/** A Prometheus that answers what the test says to each query. */
function play(
  answer: (asked: Asked) => unknown,
  options: { readonly metrics?: RolloutConfig['metrics']; readonly delay?: string; readonly url?: string; readonly more?: object } = {},
) {
  const asked: Asked[] = [];
  const fetch = (async (input: string, init: RequestInit) => {
    const form = init.body as URLSearchParams;
    const one = {
      path: new URL(input).pathname,
      query: form.get('query') ?? '',
      time: Number(form.get('time')),
      form,
      headers: new Headers(init.headers),
    };
    asked.push(one);
    const given = answer(one);
    if (given === 'late')
      return await new Promise((_, fail) => init.signal?.addEventListener('abort', () => fail(new Error('aborted')), { once: true }));
    if (given === 'gone') throw new TypeError('fetch failed');
    if (given instanceof Response) return given;
    return new Response(JSON.stringify(given));
  }) as typeof globalThis.fetch;
  const source = openPrometheusSource({
    url: options.url ?? 'http://me:secret@prometheus:9090/prefix/',
    definition: { strategy: 'canary', metrics: options.metrics ?? metrics, ...options.more } as RolloutConfig,
    rollout: 'careful',
    model: 'churn',
    delay: options.delay ?? '15s',
    token: null,
    timeout: 50,
    fetch,
  });
  let state: SourceState | null = null;
  return {
    asked,
    source,
    async read(seconds: number): Promise<Reading> {
      const reading = await source.read({ stable: 'v11', candidate: 'v12', state, now: T0 + seconds * 1000 });
      state = JSON.parse(JSON.stringify(reading.state)) as SourceState;
      return reading;
    },
  };
}
const of = (reading: Reading, name = 'errors'): MetricReading => reading.metrics[name]!;
/** As its formula has it: what 75 s would have, of which 60 are meant. */
const stretched = (count: number) => (count * 75) / 60;

describe('Prometheus', () => {
  it('is asked for both arms over the same window, adjacent to the last, and one scrape more', async () => {
    const { read, asked } = play(({ query, time }) =>
      query.startsWith('max(timestamp')
        ? fresh(time)
        : query.includes('v12')
          ? vector(query.includes('bad') ? stretched(2) : stretched(50))
          : vector(query.includes('bad') ? stretched(1) : stretched(950)),
    );
    const first = await read(0);
    expect([first.from, first.to, of(first)]).toEqual([null, T0 - 15_000, { is: 'nothing-new' }]);
    expect(of(await read(44))).toEqual({ is: 'nothing-new' });
    asked.length = 0;
    // 67 s since: 60 of them are whole scrapes.
    const second = await read(67);
    expect([second.from, second.to]).toEqual([T0 - 15_000, T0 + 45_000]);
    expect(of(second)).toEqual({
      is: 'counts',
      candidate: { bad: 2, total: 50 },
      stable: { bad: 1, total: 950 },
      lastMinute: { bad: 2, total: 50 },
    });
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/prefix/api/v1/query']));
    expect(new Set(asked.map(({ time }) => time))).toEqual(new Set([T0 / 1000 + 45]));
    const queries = asked.map(({ query }) => query);
    for (const version of ['v11', 'v12'])
      for (const series of ['bad', 'all']) expect(queries).toContain(`sum(increase(${series}_total{version="${version}"}[75s]))`);
    expect(asked[0]!.headers.get('authorization')).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    const third = await read(125);
    expect([third.from, third.to]).toEqual([second.to, T0 + 105_000]);
  });

  it('is asked for everything since, after a silence of the guard', async () => {
    const { read, asked } = play(({ query, time }) => (query.startsWith('max(timestamp') ? fresh(time) : vector(0)));
    await read(0);
    const late = await read(3600);
    expect(late.to).toBe(T0 + 3_585_000);
    expect(asked.map(({ query }) => query)).toContain('sum(increase(all_total{version="v11"}[3615s]))');
  });

  it('gives whole counts, and never more that is bad than there is', async () => {
    const { read } = play(({ query, time }) =>
      query.startsWith('max(timestamp') ? fresh(time) : vector(query.includes('bad') ? stretched(10.4) : stretched(9.6)),
    );
    await read(0);
    expect(of(await read(60))).toMatchObject({ is: 'counts', candidate: { bad: 10, total: 10 } });
  });

  const broken =
    (answer: unknown, series = /all.*v12/) =>
    async () => {
      const { read } = play(({ query, time }) =>
        query.startsWith('max(timestamp') ? fresh(time) : series.test(query) ? answer : vector(stretched(0)),
      );
      await read(0);
      return read(60);
    };
  it.each([
    ['unreachable', 'gone', "http://prometheus:9090/prefix/ can't be reached"],
    ['unreachable', new Response('<html>Bad gateway', { status: 502 }), 'answers 502, and not as Prometheus does'],
    ['unreachable', new Response('{"status":"error","errorType":"internal","error":"disk"}', { status: 500 }), 'says internal: disk'],
    ['unreachable', new Response('{"status":"error","errorType":"","error":"who?"}', { status: 401 }), 'who?'],
    ['late', 'late', 'did not answer within 0.05 s'],
    ['late', new Response('{"status":"error","errorType":"timeout","error":"query timed out"}', { status: 503 }), 'query timed out'],
    ['not-a-number', vector('NaN'), 'total of errors (v12) is NaN'],
    ['infinite', vector('+Inf'), 'is infinite'],
    ['infinite', vector('-Inf'), 'is infinite'],
    ['invalid', vector(-3), 'is -3, which is no count'],
    ['invalid', vector(1, 2), 'gives 2 series where one number is meant; add them up with sum'],
    [
      'invalid',
      new Response('{"status":"error","errorType":"bad_data","error":"parse error: unexpected end"}', { status: 400 }),
      'parse error',
    ],
    ['invalid', { status: 'success', data: { resultType: 'matrix', result: [] } }, 'gives a matrix'],
    ['invalid', { status: 'success', data: { resultType: 'string', result: [1, 'x'] } }, 'gives a string'],
    ['invalid', { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] } }, 'native histogram'],
    ['invalid', { status: 'success' }, 'no result of a query'],
    ['invalid', new Response('hello'), 'not as Prometheus does'],
    ['invalid', new Response('x'.repeat(5_000_000)), 'more than'],
  ])('tells each silence by its name: %s, %j', async (why, answer, detail) => {
    const reading = await broken(answer)();
    expect(of(reading)).toMatchObject({ is: 'missing', why, detail: expect.stringContaining(detail) });
    expect(JSON.stringify(reading)).not.toContain('secret');
  });

  it('is empty where neither arm has a series, and no traffic where one has none', async () => {
    expect(of(await broken(vector(), /all/)())).toMatchObject({
      is: 'missing',
      why: 'empty',
      detail: 'total of errors finds no series, neither of v12 nor of v11',
    });
    const { read } = play(({ query, time }) =>
      /^max\(timestamp.*v11/.test(query) ? fresh(time) : query.includes('v12') ? vector() : vector(stretched(8)),
    );
    await read(0);
    expect(of(await read(60))).toEqual({
      is: 'counts',
      candidate: { bad: 0, total: 0 },
      stable: { bad: 8, total: 8 },
      lastMinute: { bad: 0, total: 0 },
    });
  });

  it('is no bad answer where its series has none so far, and no answer where it has no such series at all', async () => {
    const asking = (known: boolean) =>
      play(({ query, time }) =>
        query.startsWith('max(timestamp')
          ? fresh(time)
          : query === 'count(bad_total)'
            ? known
              ? vector(4)
              : vector()
            : query.includes('bad')
              ? vector()
              : vector(stretched(8)),
      );
    const known = asking(true);
    await known.read(0);
    expect(of(await known.read(60))).toMatchObject({ is: 'counts', candidate: { bad: 0, total: 8 } });
    const unknown = asking(false);
    await unknown.read(0);
    expect(of(await unknown.read(60))).toMatchObject({
      is: 'missing',
      why: 'empty',
      detail: expect.stringContaining('add `or vector(0)`'),
    });
  });

  it('says what is wrong with bad, too', async () => {
    expect(of(await broken(vector(), /bad.*v11|count\(bad/)())).toMatchObject({
      why: 'empty',
      detail: expect.stringContaining('add `or vector(0)`'),
    });
    expect(of(await broken(vector(stretched(9)), /bad.*v12/)())).toMatchObject({
      why: 'invalid',
      detail: 'errors (v12) counts 9 bad of 0',
    });
  });

  it('takes a number that is no vector', async () => {
    expect(of(await broken({ status: 'success', data: { resultType: 'scalar', result: [1, String(stretched(7))] } })())).toMatchObject({
      candidate: { total: 7 },
    });
  });

  it('does not take what is old for what is now', async () => {
    const played = (newest: (time: number) => unknown) =>
      play(({ query, time }) =>
        query.startsWith('max(timestamp(all_total{version="v12"}')
          ? newest(time)
          : query.startsWith('max(timestamp')
            ? fresh(time)
            : vector(stretched(3)),
      );
    const gone = played(() => vector());
    await gone.read(0);
    expect(gone.asked.length).toBe(1);
    expect(of(await gone.read(60))).toMatchObject({ is: 'missing', why: 'stale', detail: expect.stringContaining('not scraped any more') });
    const old = played((time) => vector(time - 61));
    await old.read(0);
    expect(of(await old.read(60))).toMatchObject({ is: 'missing', why: 'stale', detail: 'errors (v12): its newest sample is 61 s old' });
    const recent = played((time) => vector(time - 59));
    await recent.read(0);
    expect(of(await recent.read(60))).toMatchObject({ is: 'counts' });
  });

  it('brings what was missing with the next answer, of that metric alone', async () => {
    let answers = true;
    const both = [
      ...metrics,
      {
        ...metrics[0]!,
        name: 'others',
        bad: metrics[0]!.bad.replaceAll('_total', '_other'),
        total: metrics[0]!.total.replaceAll('_total', '_other'),
      },
    ];
    const { read, asked } = play(
      ({ query, time }) => (query.startsWith('max(timestamp') ? fresh(time) : !answers && query.includes('_total') ? vector() : vector(0)),
      { metrics: both },
    );
    await read(0);
    answers = false;
    expect((await read(60)).metrics).toMatchObject({ errors: { why: 'empty' }, others: { is: 'counts' } });
    await read(120);
    answers = true;
    asked.length = 0;
    expect((await read(180)).metrics).toMatchObject({ errors: { is: 'counts' }, others: { is: 'counts' } });
    const queries = asked.map(({ query }) => query);
    expect(queries).toContain('sum(increase(all_total{version="v12"}[195s]))');
    expect(queries).toContain('sum(increase(all_other{version="v12"}[75s]))');
  });

  it('is asked of a histogram as it writes its edges', async () => {
    const slow = [{ name: 'slow', histogram: 'wait_seconds{version="$version",path!="/health"}', le: 1, max: 0.01 }];
    const { read, asked } = play(
      ({ query, time }) => (query.startsWith('max(timestamp') ? fresh(time) : vector(stretched(query.includes('Inf') ? 40 : 38))),
      { metrics: slow },
    );
    await read(0);
    expect(of(await read(60), 'slow')).toMatchObject({ is: 'counts', candidate: { bad: 2, total: 40 } });
    expect(asked.map(({ query }) => query)).toContain(
      'sum(increase(wait_seconds_bucket{version="v12",path!="/health",le=~"1|1e\\\\+00|1e\\\\+0|1\\\\.0"}[75s]))',
    );
    const none = play(
      ({ query, time }) =>
        query.startsWith('max(timestamp')
          ? fresh(time)
          : query.startsWith('count by (le)')
            ? {
                status: 'success',
                data: { resultType: 'vector', result: ['+Inf', '2.5', '0.5'].map((le) => ({ metric: { le }, value: [1, '2'] })) },
              }
            : query.includes('le="+Inf"')
              ? vector(9)
              : vector(),
      { metrics: slow },
    );
    await none.read(0);
    expect(of(await none.read(60), 'slow')).toMatchObject({
      why: 'invalid',
      detail: '1 is no edge of wait_seconds; its edges are 0.5, 2.5',
    });
  });

  it.each([
    [0.1, ['0.1', '1e-01']],
    [0.00001, ['0.00001', '1e-05', '1e-5']],
    [1, ['1', '1.0']],
    [1e6, ['1000000', '1e+06', '1000000.0']],
    [2.5, ['2.5']],
  ])('knows the edge %d as %j', (le, texts) => {
    expect(edgeTexts(le)).toEqual(expect.arrayContaining(texts));
    for (const text of edgeTexts(le)) expect(Number(text)).toBe(le);
  });

  it('compares distributions by bucket', async () => {
    const scores = [{ name: 'scores', histogram: 'score{version="$version"}', test: 'distribution' as const, max: 0.1 }];
    const below = (...counts: readonly (readonly [string, number])[]) => ({
      status: 'success',
      data: { resultType: 'vector', result: counts.map(([le, count]) => ({ metric: { le }, value: [1, String(stretched(count))] })) },
    });
    const { read } = play(
      ({ query }) =>
        query.includes('v12')
          ? below(['+Inf', 9], ['0.5', 4], ['1.0', 9])
          : query.includes('v11')
            ? below(['0.5', 40], ['1.0', 50], ['+Inf', 51])
            : vector(1),
      { metrics: scores },
    );
    await read(0);
    expect((await read(60)).distributions).toEqual({ scores: { candidate: [4, 5, 0], stable: [40, 10, 1] } });
    const other = play(({ query }) => (query.includes('v12') ? below(['0.4', 9], ['+Inf', 9]) : below(['0.5', 40], ['+Inf', 51])), {
      metrics: scores,
    });
    await other.read(0);
    expect((await other.read(60)).distributions).toEqual({ scores: 'invalid' });
    const none = play(({ query }) => (query.includes('v12') ? below() : below(['0.5', 40], ['+Inf', 51])), { metrics: scores });
    await none.read(0);
    expect((await none.read(60)).distributions).toEqual({ scores: { candidate: [0, 0], stable: [40, 11] } });
    const neither = play(({ query }) => (query.includes('score') ? below() : vector(1)), { metrics: scores });
    await neither.read(0);
    expect((await neither.read(60)).distributions).toEqual({ scores: 'empty' });
  });

  it('knows the past of stable, bucket by bucket', async () => {
    const series = (values: readonly (readonly [number, string])[]) => ({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: {}, values }] },
    });
    const { source, asked } = play(({ query }) =>
      query.startsWith('count(')
        ? vector(1)
        : query.includes('bad')
          ? series([
              [300, '3.15'],
              [600, 'NaN'],
              [900, '5'],
              [1200, '400'],
            ])
          : series([
              [300, '315'],
              [600, '315'],
              [900, '105'],
              [1200, '210'],
              [1500, '1'],
            ]),
    );
    const past = await source.history({ stable: 'v11', until: T0, buckets: 4, bucketSeconds: 300 });
    // NaN, more bad than there is, and a bucket without bad are no counts.
    expect(past).toEqual({
      errors: [
        { bad: 3, total: 300 },
        { bad: 5, total: 100 },
      ],
    });
    expect(asked.slice(0, 2).map(({ path }) => path)).toEqual(['/prefix/api/v1/query_range', '/prefix/api/v1/query_range']);
    expect(Object.fromEntries(asked[1]!.form)).toMatchObject({
      query: 'sum(increase(all_total{version="v11"}[315s]))',
      start: '1799999085.000',
      end: '1799999985.000',
      step: '300',
    });
    const away = play(() => 'gone');
    expect(await away.source.history({ stable: 'v11', until: T0, buckets: 4, bucketSeconds: 300 })).toEqual({});
  });

  it('knows that there was nothing bad before the first bad answer', async () => {
    const series = (...values: readonly (readonly [number, string])[]) => ({
      status: 'success',
      data: { resultType: 'matrix', result: values.length === 0 ? [] : [{ metric: {}, values }] },
    });
    const past = (known: boolean, ...bad: readonly (readonly [number, string])[]) =>
      play(({ query }) =>
        query.startsWith('count(')
          ? known
            ? vector(1)
            : vector()
          : query.includes('bad')
            ? series(...bad)
            : series([300, '105'], [600, '105'], [900, '105']),
      ).source.history({ stable: 'v11', until: T0, buckets: 3, bucketSeconds: 300 });
    const quiet = { bad: 0, total: 100 };
    expect(await past(true)).toEqual({ errors: [quiet, quiet, quiet] });
    expect(await past(true, [600, '2.1'])).toEqual({ errors: [quiet, { bad: 2, total: 100 }] });
    expect(await past(false)).toEqual({});
  });

  it('counts an experiment, whose units convert later than they come', async () => {
    const arm = (what: string) => `sum(increase(${what}_total{version="$version"}[$window]))`;
    const experiment = {
      share: 0.5,
      metric: { name: 'conversion', better: 'higher', converted: arm('won'), units: arm('units') },
      guardrails: [{ name: 'returns', better: 'lower', converted: arm('back'), margin: 0.01 }],
    };
    let hasGuardrail = true;
    const { read, asked } = play(
      ({ query, time }) =>
        query.startsWith('max(timestamp')
          ? fresh(time)
          : query.includes('won')
            ? vector(stretched(9))
            : query.includes('units')
              ? vector(stretched(4))
              : hasGuardrail
                ? vector(stretched(1))
                : vector('NaN'),
      { metrics: [], more: { strategy: 'ab', experiment } },
    );
    await read(0);
    expect((await read(60)).metrics).toMatchObject({
      conversion: { is: 'counts', candidate: { bad: 9, total: 4 } },
      returns: { is: 'counts', candidate: { bad: 1, total: 4 } },
    });
    // Together or not at all: what is counted of the one is never without the other.
    hasGuardrail = false;
    expect((await read(120)).metrics).toMatchObject({
      conversion: { why: 'incomplete', detail: expect.stringContaining('waits for returns') },
      returns: { why: 'not-a-number' },
    });
    hasGuardrail = true;
    asked.length = 0;
    expect((await read(180)).metrics).toMatchObject({ conversion: { is: 'counts' }, returns: { is: 'counts' } });
    expect(asked.map(({ query }) => query)).toContain('sum(increase(won_total{version="v12"}[135s]))');
  });

  it('is known to be away from the first reading on', async () => {
    expect(of(await play(() => 'gone').read(0))).toMatchObject({ is: 'missing', why: 'unreachable' });
    expect(of(await play(() => 'late').read(0))).toMatchObject({ is: 'missing', why: 'late' });
  });

  it('asks weighin serve by default, of this model alone', async () => {
    const { read, asked } = play(({ query, time }) => (query.startsWith('max(timestamp') ? fresh(time) : vector(0)), {
      metrics: [{ name: 'error_rate' }, { name: 'slow', le: 0.1 }],
    });
    await read(0);
    await read(60);
    const queries = asked.map(({ query }) => query);
    expect(queries).toContain('sum(increase(weighin_serving_errors_total{model="churn",version="v12"}[75s]))');
    expect(queries).toContain('sum(increase(weighin_serving_requests_total{model="churn",version="v12"}[75s]))');
    expect(queries).toContain('sum(increase(weighin_serving_latency_seconds_bucket{version="v12",model="churn",le="+Inf"}[75s]))');
  });

  it.each([
    [{ name: 'm', bad: 'sum(bad{version="$version"})', total: 'sum(increase(a{version="$version"}[$window]))' }, 'QUERY_INVALID'],
    [{ name: 'm', bad: 'sum(increase(b[$window]))', total: 'sum(increase(a{version="$version"}[$window]))' }, 'METRIC_INVALID'],
    [{ name: 'm', histogram: 'rate(x{version="$version"}[5m])', le: 1 }, 'QUERY_INVALID'],
  ])('refuses %j before anything is asked', (metric, code) => {
    expect(() => play(() => vector(), { metrics: [metric] })).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});
