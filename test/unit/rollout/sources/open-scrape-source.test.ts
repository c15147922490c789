import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openScrapeSource } from '../../../../shared/adapters/metric-sources/open-scrape-source.ts';
import type { RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import type { MetricReading, Reading, SourceState } from '../../../../shared/rollout/engine/metric-source.ts';
import { answerRows } from '../../../../shared/serving/answer-rows.ts';
import { openMetricsType, plainMetricsType, renderMetrics } from '../../../../shared/serving/render-metrics.ts';
import { playEngine, rowsOf } from '../../serving/play-engine.ts';

type Counts = Readonly<Record<string, readonly [bad: number, total: number]>>;
interface Pod {
  /** By version. */
  counts: Counts;
  /** Seconds since 1970. */
  start?: number;
  created?: number;
  answer?: 'gone' | 'late' | 'broken' | string;
}

const errors = [{ name: 'errors', bad: 'bad_total{version="$version"}', total: 'all_total{version="$version"}', max: 0.01 }];
const T0 = 1_800_000_000_000;

const pageOf = ({ counts, start, created }: Pod) => {
  const counter = (name: string, at: 0 | 1) => [
    `# TYPE ${name} counter`,
    ...Object.entries(counts).flatMap(([version, each]) => [
      `${name}_total{version="${version}",zone="x"} ${each[at]}`,
      ...(created === undefined ? [] : [`${name}_created{version="${version}",zone="x"} ${created}`]),
    ]),
  ];
  const process = start === undefined ? [] : ['# TYPE process_start_time_seconds gauge', `process_start_time_seconds ${start}`];
  return [...counter('bad', 0), ...counter('all', 1), ...process, '# EOF', ''].join('\n');
};

/** Pods with addresses of their own, and a guard that keeps what it is given. */
function play(pods: Record<string, Pod>, metrics: RolloutConfig['metrics'] = errors) {
  const fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    const { host } = new URL(String(input));
    const pod = pods[host];
    if (!pod || pod.answer === 'gone')
      throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    if (pod.answer === 'late')
      return await new Promise<Response>((_, fail) =>
        init?.signal?.addEventListener('abort', () => fail(new Error('aborted')), { once: true }),
      );
    const body = pod.answer === 'broken' ? 'x y\n# EOF\n' : (pod.answer ?? pageOf(pod));
    return new Response(body, { headers: { 'content-type': openMetricsType } });
  }) as typeof globalThis.fetch;
  const source = openScrapeSource({
    pages: Object.keys(pods).map((host) => `http://me:secret@${host}/metrics?key=hidden`),
    definition: { strategy: 'canary', metrics } as RolloutConfig,
    rollout: 'careful',
    token: null,
    timeout: 100,
    fetch,
  });
  let state: SourceState | null = null;
  return {
    source,
    async read(seconds: number, { keep = true, versions = ['v11', 'v12'] as const } = {}) {
      const reading: Reading = await source.read({ stable: versions[0], candidate: versions[1], state, now: T0 + seconds * 1000 });
      // What is kept is JSON in Git.
      if (keep) state = JSON.parse(JSON.stringify(reading.state)) as SourceState;
      return reading;
    },
    forget: () => {
      state = null;
    },
  };
}
const of = (reading: Reading, name = 'errors'): MetricReading => reading.metrics[name]!;
const counts = (candidate: readonly [number, number], stable: readonly [number, number]) => ({
  is: 'counts',
  candidate: { bad: candidate[0], total: candidate[1] },
  stable: { bad: stable[0], total: stable[1] },
});

describe('pages of several pods', () => {
  it('begin with the first reading, and are added up from then on', async () => {
    const pods = { 'a:1': { counts: { v11: [5, 1000], v12: [1, 10] } } as Pod, 'b:1': { counts: { v11: [7, 900] } } as Pod };
    const { read } = play(pods);
    const first = await read(0);
    expect([first.from, first.to, of(first)]).toEqual([null, T0, { is: 'nothing-new' }]);
    pods['a:1'].counts = { v11: [6, 1100], v12: [3, 40] };
    pods['b:1'].counts = { v11: [7, 950], v12: [0, 7] };
    const second = await read(30);
    expect([second.from, second.to]).toEqual([T0, T0 + 30_000]);
    // b had no series of v12 at the last reading: what it counts since then is all of it.
    expect(of(second)).toMatchObject(counts([2, 37], [1, 150]));
    expect(of(await read(40))).toMatchObject(counts([0, 0], [0, 0]));
    expect(of(await read(40))).toEqual({ is: 'nothing-new' });
  });

  it('bring everything once, also when a reading was not kept, or comes late', async () => {
    const pods = { 'a:1': { counts: { v11: [0, 100], v12: [0, 10] } } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].counts = { v11: [1, 110], v12: [2, 15] };
    expect(of(await read(10, { keep: false }))).toMatchObject(counts([2, 5], [1, 10]));
    pods['a:1'].counts = { v11: [1, 120], v12: [3, 18] };
    expect(of(await read(7200))).toMatchObject(counts([3, 8], [1, 20]));
  });

  it('wait for a pod that does not answer, and lose nothing of it', async () => {
    const pods = { 'a:1': { counts: { v11: [0, 100], v12: [0, 10] } } as Pod, 'b:1': { counts: { v11: [0, 100], v12: [0, 10] } } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'] = { counts: { v11: [1, 200], v12: [0, 20] } };
    pods['b:1'] = { counts: { v11: [0, 150], v12: [4, 30] }, answer: 'gone' };
    const missing = of(await read(10));
    expect(missing).toEqual({
      is: 'missing',
      why: 'incomplete',
      detail: "1 of 2 pages answered: http://b:1/metrics?… can't be reached (ECONNREFUSED)",
    });
    pods['b:1'].answer = 'late';
    expect(of(await read(20))).toMatchObject({ why: 'incomplete', detail: expect.stringContaining('did not answer within 0.1 s') });
    pods['b:1'].answer = 'broken';
    expect(of(await read(30))).toMatchObject({ why: 'incomplete', detail: expect.stringContaining('line 1: The value is `y`') });
    delete pods['b:1'].answer;
    const whole = await read(40);
    expect(of(whole)).toMatchObject(counts([4, 30], [1, 150]));
    expect([whole.from, whole.to]).toEqual([T0, T0 + 40_000]);
  });

  it('say what is the matter when none answers', async () => {
    const pods = { 'a:1': { counts: {}, answer: 'gone' } as Pod };
    const { read } = play(pods);
    expect(of(await read(0))).toMatchObject({ is: 'missing', why: 'unreachable' });
    pods['a:1'].answer = 'late';
    expect(of(await read(1))).toMatchObject({ is: 'missing', why: 'late' });
    pods['a:1'].answer = 'broken';
    const reading = await read(2);
    expect(of(reading)).toMatchObject({ is: 'missing', why: 'invalid' });
    expect(JSON.stringify(reading)).not.toMatch(/secret|hidden/);
  });

  it('go on without a pod that is gone for good, as long as its arm is counted elsewhere', async () => {
    const pods = { 'a:1': { counts: { v11: [0, 100], v12: [0, 10] } } as Pod, 'b:1': { counts: { v11: [0, 100] } } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['b:1'].answer = 'gone';
    pods['a:1'].counts = { v11: [0, 300], v12: [0, 20] };
    expect(of(await read(590))).toMatchObject({ why: 'incomplete' });
    expect(of(await read(601))).toMatchObject(counts([0, 10], [0, 200]));
    // It was only silent: everything since is there.
    pods['b:1'] = { counts: { v11: [9, 180] } };
    expect(of(await read(700))).toMatchObject(counts([0, 0], [9, 80]));
    // Nobody else counts v12.
    pods['a:1'].answer = 'gone';
    expect(of(await read(1400))).toMatchObject({ why: 'incomplete', detail: 'every page that counted errors of the candidate is gone' });
  });

  it('take a pod that a reading has not seen before by its start', async () => {
    const pods: Record<string, Pod> = { 'a:1': { counts: { v11: [0, 100], v12: [0, 10] } }, 'b:1': { counts: {}, answer: 'gone' } };
    const { read } = play(pods);
    expect(of(await read(0))).toMatchObject({ why: 'incomplete' });
    // Began after the last reading: all of it is new.
    pods['b:1'] = { counts: { v11: [1, 5], v12: [2, 6] }, start: T0 / 1000 + 5 };
    expect(of(await read(10))).toMatchObject(counts([2, 6], [1, 5]));
    const old: Record<string, Pod> = { 'a:1': { counts: { v11: [0, 100], v12: [0, 10] } }, 'b:1': { counts: {}, answer: 'gone' } };
    const other = play(old);
    await other.read(0);
    // Began before, or does not say: it only sets its beginning.
    old['b:1'] = { counts: { v11: [1, 500], v12: [2, 60] }, start: T0 / 1000 - 500 };
    expect(of(await other.read(10))).toMatchObject(counts([0, 0], [0, 0]));
    old['b:1'] = { counts: { v11: [2, 505], v12: [2, 60] }, start: T0 / 1000 - 500 };
    expect(of(await other.read(20))).toMatchObject(counts([0, 0], [1, 5]));
  });
});

describe('a restart', () => {
  it('is seen by a count that fell: what came since counts', async () => {
    const pods = { 'a:1': { counts: { v11: [3, 1000], v12: [3, 100] } } as Pod };
    const { read } = play(pods);
    await read(0);
    // Of v12 the errors are as many as before, of another process.
    pods['a:1'].counts = { v11: [1, 40], v12: [3, 4] };
    expect(of(await read(10))).toMatchObject(counts([3, 4], [1, 40]));
    pods['a:1'].counts = { v11: [1, 50], v12: [3, 6] };
    expect(of(await read(20))).toMatchObject(counts([0, 2], [0, 10]));
  });

  it('of one version alone leaves the other as it is', async () => {
    const pods = { 'a:1': { counts: { v11: [3, 1000], v12: [3, 100] } } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].counts = { v11: [4, 1010], v12: [1, 2] };
    expect(of(await read(10))).toMatchObject(counts([1, 2], [1, 10]));
  });

  it('is seen by a newer start where counts have grown beyond the old ones', async () => {
    const pods = { 'a:1': { counts: { v11: [3, 10], v12: [0, 5] }, start: 1000 } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'] = { counts: { v11: [4, 20], v12: [1, 9] }, start: 2000 };
    expect(of(await read(10))).toMatchObject(counts([1, 9], [4, 20]));
  });

  it('is seen by a newer _created of the counter', async () => {
    const pods = { 'a:1': { counts: { v11: [3, 10], v12: [0, 5] }, created: 1000 } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'] = { counts: { v11: [4, 20], v12: [1, 9] }, created: 2000 };
    expect(of(await read(10))).toMatchObject(counts([1, 9], [4, 20]));
    pods['a:1'] = { counts: { v11: [5, 25], v12: [1, 9] }, created: 2000 };
    expect(of(await read(20))).toMatchObject(counts([0, 0], [1, 5]));
  });

  it('again and again is a balancer in front of several processes, which counts nothing', async () => {
    const pods = { 'a:1': { counts: { v11: [3, 10], v12: [0, 5] }, start: 2000 } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].start = 1000;
    expect(of(await read(10))).toMatchObject({ why: 'invalid', detail: expect.stringContaining('several processes answer there in turn') });
  });

  it('loses what no page ever showed, and nothing else: whatever happens, counts are those that pages showed', async () => {
    const moves = fc.array(
      fc.record({
        pod: fc.constantFrom('a:1', 'b:1', 'c:1'),
        is: fc.constantFrom('serve', 'serve', 'serve', 'restart', 'leave', 'return', 'read', 'read'),
        version: fc.constantFrom('v11', 'v12'),
        bad: fc.nat(3),
        good: fc.nat(20),
      }),
      { minLength: 5, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const pods: Record<string, Pod> = Object.fromEntries(['a:1', 'b:1', 'c:1'].map((host) => [host, { counts: {}, start: 100 }]));
        for (const pod of Object.values(pods)) pod.counts = { v11: [0, 0], v12: [0, 0] };
        const { read } = play(pods);
        await read(0);
        const total: Record<string, [number, number]> = { v11: [0, 0], v12: [0, 0] };
        /** Since the last whole reading, of a process that still lives. */
        const pending: Record<string, Record<string, [number, number]>> = Object.fromEntries(
          Object.keys(pods).map((host) => [host, { v11: [0, 0], v12: [0, 0] }]),
        );
        const shown: Record<string, [number, number]> = { v11: [0, 0], v12: [0, 0] };
        let [now, starts] = [0, 200];
        for (const { pod: host, is, version, bad, good } of [...all, { pod: 'a:1', is: 'end', version: 'v11', bad: 0, good: 0 }]) {
          const pod = pods[host]!;
          if (is === 'serve') {
            const [b, t] = pod.counts[version]!;
            pod.counts = { ...pod.counts, [version]: [b + bad, t + bad + good] };
            pending[host]![version]![0] += bad;
            pending[host]![version]![1] += bad + good;
          } else if (is === 'restart') {
            pod.counts = { v11: [0, 0], v12: [0, 0] };
            pod.start = starts++ * 10;
            pending[host] = { v11: [0, 0], v12: [0, 0] };
          } else if (is === 'leave') pod.answer = 'gone';
          else if (is === 'return') delete pod.answer;
          if (is === 'end') for (const each of Object.values(pods)) delete each.answer;
          if (is !== 'read' && is !== 'end') continue;
          now += 5;
          const reading = of(await read(now));
          if (reading.is !== 'counts') {
            expect(Object.values(pods).some(({ answer }) => answer === 'gone')).toBe(true);
            continue;
          }
          for (const [name, arm] of [
            ['v11', reading.stable],
            ['v12', reading.candidate],
          ] as const) {
            shown[name]![0] += arm.bad;
            shown[name]![1] += arm.total;
            for (const each of Object.values(pending)) {
              total[name]![0] += each[name]![0];
              total[name]![1] += each[name]![1];
              each[name] = [0, 0];
            }
          }
          expect(shown).toEqual(total);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is on a page', () => {
  const only = (text: string, metrics: RolloutConfig['metrics'] = errors) => play({ 'a:1': { counts: {}, answer: text } }, metrics);
  const two = async (first: string, second: string, metrics: RolloutConfig['metrics'] = errors) => {
    const pods = { 'a:1': { counts: {}, answer: first } as Pod };
    const { read } = play(pods, metrics);
    await read(0);
    pods['a:1'].answer = second;
    return read(10);
  };
  const lines = (...of: readonly string[]) => [...of, '# EOF', ''].join('\n');

  it.each([
    ['empty', lines('# TYPE all counter', 'all_total{version="v11"} 1'), 'no page has bad_total'],
    ['empty', lines('# TYPE bad counter', '# TYPE all counter', 'all_total{version="v7"} 1'), 'neither of stable nor of the candidate'],
    ['not-a-number', lines('bad_total{version="v11"} NaN', 'all_total{version="v11"} 1'), 'bad_total{version="v11"} is NaN'],
    ['infinite', lines('bad_total{version="v11"} 1', 'all_total{version="v12"} +Inf'), 'all_total{version="v12"} is infinite'],
    ['invalid', lines('bad_total{version="v11"} 0.5', 'all_total{version="v11"} 1'), '0.5, which is no count'],
    ['invalid', lines('bad_total{version="v11"} -1', 'all_total{version="v11"} 1'), '-1, which is no count'],
    ['invalid', lines('# TYPE bad_total gauge', 'bad_total{version="v11"} 1', 'all_total{version="v11"} 1'), 'bad_total is of type gauge'],
    ['stale', lines('bad_total{version="v11"} 1', `all_total{version="v11"} 1 ${T0 / 1000 - 301}`), 'all_total{version="v11"} is of 20'],
  ])('is told as %s', async (why, text, detail) => {
    expect(of(await only(text).read(0))).toMatchObject({ is: 'missing', why, detail: expect.stringContaining(detail) });
  });

  it('is counts where one arm has no series: it was asked nothing', async () => {
    const page = (count: number) => lines('# TYPE bad counter', '# TYPE all counter', `all_total{version="v11"} ${count}`);
    expect(of(await two(page(3), page(5)))).toMatchObject(counts([0, 0], [0, 2]));
  });

  it('is no count where more is bad than there is, and comes whole when the page is whole again', async () => {
    const page = (bad: number, all: number) => lines(`bad_total{version="v11"} ${bad}`, `all_total{version="v11"} ${all}`);
    const pods = { 'a:1': { counts: {}, answer: page(0, 0) } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].answer = page(3, 2);
    expect(of(await read(10))).toMatchObject({ why: 'invalid', detail: 'errors of stable counts 3 bad of 2' });
    pods['a:1'].answer = page(3, 9);
    expect(of(await read(20))).toMatchObject(counts([0, 0], [3, 9]));
  });

  it('adds series that a selector means, and those that `+` joins', async () => {
    const metrics = [
      {
        name: 'errors',
        bad: 'a_total{v="$number",code="500"} + a_total{v="$number",code="504"}',
        total: 'a_total{v="$number"}',
        max: 0.01,
      },
    ];
    const page = (at: number) =>
      lines(
        ...['200', '500', '504'].flatMap((code, i) =>
          ['x', 'y'].flatMap((zone) =>
            ['11', '12'].map((v) => `a_total{code="${code}",v="${v}",zone="${zone}"} ${at * (i + 1) * Number(v)}`),
          ),
        ),
      );
    // Series of one family stand together whatever their labels.
    expect(of(await two(page(0), page(1), metrics))).toMatchObject(counts([(2 + 3) * 24, 6 * 24], [(2 + 3) * 22, 6 * 22]));
  });

  it('keeps a series that leaves and comes back', async () => {
    const page = (...zones: readonly (readonly [string, number])[]) =>
      lines(
        '# TYPE bad counter',
        '# TYPE all counter',
        ...zones.map(([zone, count]) => `all_total{version="v11",zone="${zone}"} ${count}`),
      );
    const pods = { 'a:1': { counts: {}, answer: page(['x', 10], ['y', 50]) } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].answer = page(['x', 12]);
    expect(of(await read(10))).toMatchObject(counts([0, 0], [0, 2]));
    pods['a:1'].answer = page(['x', 12], ['y', 53]);
    expect(of(await read(20))).toMatchObject(counts([0, 0], [0, 3]));
  });

  describe('a histogram', () => {
    const slow = [{ name: 'slow', histogram: 'wait_seconds{version="$version"}', le: 0.1, max: 0.01 }];
    const buckets = (version: string, edges: readonly string[], below: readonly number[]) =>
      edges.map((le, at) => `wait_seconds_bucket{version="${version}",le="${le}"} ${below[at]}`);
    const page = (...rows: readonly (readonly string[])[]) => lines('# TYPE wait_seconds histogram', ...rows.flat());
    const edges = ['0.05', '1e-01', '+Inf'];

    it('says what is slower than an edge, in any writing of it', async () => {
      const before = page(buckets('v11', edges, [1, 2, 3]), buckets('v12', edges, [0, 0, 0]));
      const after = page(buckets('v11', edges, [2, 12, 14]), buckets('v12', edges, [1, 1, 9]));
      expect(of(await two(before, after, slow), 'slow')).toMatchObject(counts([8, 9], [1, 11]));
    });

    it('names its edges where the limit is none', async () => {
      const reading = await only(page(buckets('v11', edges, [1, 2, 3])), [{ ...slow[0]!, le: 0.2 }]).read(0);
      expect(of(reading, 'slow')).toEqual({
        is: 'missing',
        why: 'invalid',
        detail: 'http://a:1/metrics?…: 0.2 is no edge of wait_seconds; its edges are 0.05, 0.1',
      });
    });

    it('is compared as a distribution, bucket by bucket', async () => {
      const metrics = [{ name: 'scores', histogram: 'wait_seconds{version="$version"}', test: 'distribution' as const, max: 0.1 }];
      const before = page(buckets('v11', edges, [1, 2, 3]));
      const after = page(buckets('v11', edges, [2, 12, 14]), buckets('v12', edges, [1, 1, 9]));
      const reading = await two(before, after, metrics);
      expect(reading.metrics).toEqual({});
      expect(reading.distributions['scores']).toEqual({ candidate: [1, 0, 8], stable: [1, 9, 1] });
      expect((await two(before, before, metrics)).distributions['scores']).toEqual({ candidate: [0, 0, 0], stable: [0, 0, 0] });
      const other = page(buckets('v11', edges, [2, 12, 14]), buckets('v12', ['0.2', '+Inf'], [1, 9]));
      expect((await two(before, other, metrics)).distributions['scores']).toBe('invalid');
      expect((await two(before, lines(), metrics)).distributions['scores']).toBe('empty');
      // Of one arm, but of two pods: what they add up to is of neither's edges.
      const pods = {
        'a:1': { counts: {}, answer: before } as Pod,
        'b:1': { counts: {}, answer: page(buckets('v11', ['0.2', '+Inf'], [1, 9])) } as Pod,
      };
      expect((await play(pods, metrics).read(0)).distributions['scores']).toBe('invalid');
    });
  });
});

describe('the last minute', () => {
  it('is what the candidate answered in it, and not known after a silence', async () => {
    const pods = { 'a:1': { counts: { v11: [0, 0], v12: [0, 0] } } as Pod };
    const { read } = play(pods);
    await read(0);
    const minutes: unknown[] = [];
    for (let at = 1; at <= 12; at++) {
      pods['a:1'].counts = { v11: [0, at * 100], v12: [at, at * 10] };
      const reading = of(await read(at * 10, { keep: at % 2 === 0 }));
      minutes.push(reading.is === 'counts' ? reading.lastMinute : reading);
    }
    expect(minutes[0]).toEqual({ bad: 1, total: 10 });
    expect(minutes[4]).toEqual({ bad: 5, total: 50 });
    for (const late of minutes.slice(5)) expect(late).toEqual({ bad: 6, total: 60 });
    pods['a:1'].counts = { v11: [0, 5000], v12: [90, 1000] };
    expect(of(await read(600))).toMatchObject({ is: 'counts', lastMinute: null });
    expect(of(await read(610))).toMatchObject({ is: 'counts', lastMinute: null });
    expect(of(await read(670))).toMatchObject({ is: 'counts', lastMinute: { bad: 0, total: 0 } });
  });

  it('is of this candidate alone', async () => {
    const pods = { 'a:1': { counts: { v11: [0, 0], v12: [0, 0], v13: [0, 0] } } as Pod };
    const { read } = play(pods);
    await read(0);
    pods['a:1'].counts = { v11: [0, 9], v12: [9, 9], v13: [0, 0] };
    await read(10);
    expect(of(await read(20, { versions: ['v11', 'v13'] as never }))).toEqual({ is: 'nothing-new' });
    pods['a:1'].counts = { v11: [0, 9], v12: [9, 9], v13: [1, 4] };
    expect(of(await read(30, { versions: ['v11', 'v13'] as never }))).toMatchObject({ lastMinute: { bad: 1, total: 4 } });
  });
});

describe('an experiment', () => {
  it('is counted as metrics are, together or not at all, and units convert later than they come', async () => {
    const experiment = {
      share: 0.5,
      metric: {
        name: 'conversion',
        better: 'higher',
        converted: 'won_total{version="$version"}',
        units: 'units_total{version="$version"}',
      },
      guardrails: [{ name: 'returns', better: 'lower', converted: 'back_total{version="$version"}', margin: 0.01 }],
    };
    let page = { won: 0, units: 0, back: '0' };
    const both = (name: string, count: number | string) =>
      ['v11', 'v12'].map((version) => `${name}_total{version="${version}"} ${count}\n`);
    const fetch = (async () =>
      new Response([...both('won', page.won), ...both('units', page.units), ...both('back', page.back)].join(''), {
        headers: { 'content-type': plainMetricsType },
      })) as typeof globalThis.fetch;
    const definition = { strategy: 'ab', experiment } as unknown as RolloutConfig;
    const source = openScrapeSource({ pages: ['http://a:1/metrics'], definition, rollout: 'trial', token: null, fetch });
    let state: SourceState | null = null;
    const read = async (seconds: number) => {
      const reading: Reading = await source.read({ stable: 'v11', candidate: 'v12', state, now: T0 + seconds * 1000 });
      state = reading.state;
      return reading.metrics;
    };
    await read(0);
    page = { won: 1, units: 10, back: '0' };
    expect(await read(10)).toMatchObject({ conversion: counts([1, 10], [1, 10]), returns: counts([0, 10], [0, 10]) });
    page = { won: 5, units: 11, back: 'NaN' };
    expect(await read(20)).toMatchObject({ conversion: { why: 'incomplete' }, returns: { why: 'not-a-number' } });
    page = { won: 7, units: 12, back: '3' };
    expect(await read(30)).toMatchObject({ conversion: counts([6, 2], [6, 2]), returns: counts([3, 2], [3, 2]) });
  });
});

describe('weighin serve', () => {
  it.each([
    ['OpenMetrics', true],
    ['the older text', false],
  ])('is counted by default, degraded answers once: %s', async (_, open) => {
    const { engine, behaviour } = await playEngine(['v11', 'v12'], { weights: { v12: 100 }, fallback: { constant: 0.5 } } as never);
    const fetch = (async () =>
      new Response(renderMetrics(engine, { open, version: '1', ready: true }), {
        headers: { 'content-type': open ? openMetricsType : plainMetricsType },
      })) as typeof globalThis.fetch;
    const metrics = [
      { name: 'error_rate', max: 0.01 },
      { name: 'slow_share', le: 0.1, max: 0.01 },
      { name: 'scores', test: 'distribution' as const, max: 0.1 },
    ];
    const source = openScrapeSource({
      pages: ['http://a:1/metrics'],
      definition: { strategy: 'canary', metrics } as RolloutConfig,
      rollout: 'careful',
      token: null,
      fetch,
    });
    const ask = { stable: 'v11', candidate: 'v12' };
    const first = await source.read({ ...ask, state: null, now: T0 });
    expect(first.metrics).toEqual({ error_rate: { is: 'nothing-new' }, slow_share: { is: 'nothing-new' } });
    for (let at = 0; at < 10; at++) await answerRows(engine, rowsOf({ p: at / 10 }));
    behaviour('v12').fails = true;
    for (let at = 0; at < 2; at++) await answerRows(engine, rowsOf({ p: 0.5 })).catch(() => undefined);
    const { metrics: found, distributions } = await source.read({ ...ask, state: first.state, now: T0 + 10_000 });
    expect(found['error_rate']).toMatchObject({ is: 'counts', candidate: { bad: 2, total: 12 }, stable: { bad: 0, total: 0 } });
    expect(found['slow_share']).toMatchObject({ is: 'counts', candidate: { bad: 0 }, stable: { bad: 0, total: 0 } });
    const scores = distributions['scores'] as { readonly candidate: readonly number[] };
    expect(scores.candidate).toHaveLength(21);
    expect(scores.candidate.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(10);
  });
});

describe('what can never be right', () => {
  it.each([
    [{ name: 'm', bad: 'a_total', total: 'b_total{version="$version"}' }, 'METRIC_INVALID'],
    [{ name: 'm', bad: 'a_total{version="$version"}' }, 'METRIC_INVALID'],
    [{ name: 'm', histogram: 'h{version="$version"}' }, 'METRIC_INVALID'],
    [{ name: 'm', histogram: 'h{version="$version"}', le: 1, bad: 'x' }, 'METRIC_INVALID'],
    [{ name: 'm', test: 'distribution', le: 1 }, 'METRIC_INVALID'],
    [{ name: 'm', bad: 'a_total{version=~"$version"}', total: 'b_total{version="$version"}' }, 'SELECTOR_INVALID'],
    [{ name: 'm', bad: 'sum(a_total{version="$version"})', total: 'b_total{version="$version"}' }, 'SELECTOR_INVALID'],
    [{ name: 'm', bad: 'a_total{version="$version"} -', total: 'b_total{version="$version"}' }, 'SELECTOR_INVALID'],
    [{ name: 'm', bad: 'a_total{version="$version"', total: 'b_total{version="$version"}' }, 'SELECTOR_INVALID'],
    [{ name: 'm', histogram: 'h{version="$version"} + g{version="$version"}', le: 1 }, 'SELECTOR_INVALID'],
  ])('%j is refused before anything is asked', (metric, code) => {
    expect(() => play({ 'a:1': { counts: {} } }, [metric] as never)).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });

  it('an address that is none, without its password', () => {
    const open = () =>
      openScrapeSource({
        pages: ['ftp://me:secret@a/'],
        definition: { strategy: 'canary' } as RolloutConfig,
        rollout: 'careful',
        token: null,
      });
    expect(open).toThrow(expect.objectContaining({ code: 'SOURCE_URL_INVALID', message: expect.not.stringContaining('secret') }));
  });
});
