import { Counter, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { UserError } from '../../../../shared/errors.ts';
import { seriesText } from '../../../../shared/rollout/sources/metrics-page.ts';
import { pageLimits } from '../../../../shared/rollout/sources/page-limits.ts';
import { readMetricsPage } from '../../../../shared/rollout/sources/read-metrics-page.ts';
import { answerRows } from '../../../../shared/serving/answer-rows.ts';
import { openMetricsType, plainMetricsType, renderMetrics } from '../../../../shared/serving/render-metrics.ts';
import { playEngine, rowsOf } from '../../serving/play-engine.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, contentType: string | null = openMetricsType) => readMetricsPage(bytes(text), { file: 'page', contentType });
const open = (lines: string) => read(`${lines}\n# EOF\n`);
const plain = (text: string) => read(text, plainMetricsType);
const values = (page: ReturnType<typeof read>) =>
  Object.fromEntries(page.families.flatMap(({ samples }) => samples.map(({ name, labels, value }) => [seriesText(name, labels), value])));
const errorOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error as UserError;
  }
  throw new Error('it was read');
};

describe('OpenMetrics', () => {
  it('reads every type with what it has', () => {
    const page = open(`# HELP shop_orders Orders, \\"all\\" of them\\nsince the start
# TYPE shop_orders counter
shop_orders_total{kind="a\\\\b",note="two\\nlines \\"said\\" \\x"} 12 1700000000.5 # {trace="ab"} 3 1700000000
shop_orders_created{kind="a\\\\b",note="two\\nlines \\"said\\" \\x"} 1.6e9 1700000000.5
# TYPE shop_wait_seconds histogram
# UNIT shop_wait_seconds seconds
shop_wait_seconds_bucket{le="0.1"} 3 # {} .05
shop_wait_seconds_bucket{le="1e+00"} 5
shop_wait_seconds_bucket{le="+Inf"} 5
shop_wait_seconds_count 5
shop_wait_seconds_sum 1.25
# TYPE shop_queue gaugehistogram
shop_queue_bucket{le="-1"} 1
shop_queue_bucket{le="+Inf"} 2
shop_queue_gcount 2
shop_queue_gsum -4
# TYPE shop_size summary
shop_size{quantile="0.5"} NaN
shop_size_sum 4
shop_size_count 2
# TYPE shop_mode stateset
shop_mode{shop_mode="open"} 1
shop_mode{shop_mode="closed"} 0
# TYPE shop_build info
shop_build_info{version="1.2"} 1
# TYPE shop_heat gauge
shop_heat{room="a"} -1.5e-3
shop_heat{room="b"} +Inf
loose{} 007
# TYPE shop_empty counter`);
    expect(page.families.map(({ name, type, unit, line }) => [name, type, unit, line])).toEqual([
      ['shop_orders', 'counter', '', 1],
      ['shop_wait_seconds', 'histogram', 'seconds', 5],
      ['shop_queue', 'gaugehistogram', '', 12],
      ['shop_size', 'summary', '', 17],
      ['shop_mode', 'stateset', '', 21],
      ['shop_build', 'info', '', 24],
      ['shop_heat', 'gauge', '', 26],
      ['loose', 'unknown', '', 29],
      ['shop_empty', 'counter', '', 30],
    ]);
    const [orders, , , , , , heat] = page.families;
    expect(orders!.help).toBe('Orders, "all" of them\nsince the start');
    expect([...orders!.samples[0]!.labels]).toEqual([
      ['kind', 'a\\b'],
      ['note', 'two\nlines "said" \\x'],
    ]);
    expect(orders!.samples[0]).toMatchObject({ value: 12, timestamp: 1_700_000_000.5, exemplar: { value: 3, timestamp: 1_700_000_000 } });
    expect(heat!.samples.map(({ value }) => value)).toEqual([-0.0015, Number.POSITIVE_INFINITY]);
    expect(values(page)['loose']).toBe(7);
  });

  it.each([
    ['an empty page', '# EOF\n'],
    ['no line break behind EOF', 'a 1\n# EOF'],
    ['metadata alone, in another order', '# UNIT a_s s\n# HELP a_s \n# TYPE a_s counter\n# EOF\n'],
    ['several points of a metric', '# TYPE a gauge\na 1 1\na 2 1\na 3 2\n# EOF\n'],
    ['a metric without timestamps beside one with', '# TYPE a gauge\na{b="1"} 1 1\na{b="2"} 2\n# EOF\n'],
    [
      'a bucket in any writing of its number',
      '# TYPE a histogram\na_bucket{le="1e-3"} 0\na_bucket{le=".5"} 0\na_bucket{le="+Inf"} 0\n# EOF\n',
    ],
    ['infos that differ by a label', '# TYPE a info\na_info{b="1"} 1 2\na_info{b="2"} 1 1\n# EOF\n'],
    ['names that only look alike', '# TYPE a counter\na_total 1\n# TYPE a_b counter\na_b_total 1\n# TYPE aa gauge\naa 1\n# EOF\n'],
    ['braces, hashes and commas within a value', 'a{b="} # {c=\\"",d=","} 1\n# EOF\n'],
    ['a label called as the prototype is', 'a{__proto__="x",constructor="y"} 1\n# EOF\n'],
    ['128 characters of an exemplar, whatever their bytes', `# TYPE a counter\na_total 1 # {bb="${'é'.repeat(126)}"} 1\n# EOF\n`],
  ])('reads %s', (_, text) => {
    expect(read(text).format).toBe('openmetrics');
  });

  it('takes the first of points that one timestamp can not tell apart', () => {
    expect(open('# TYPE a gauge\na 1 5\na 2 5')!.families[0]!.samples.map(({ value }) => value)).toEqual([1]);
  });

  it.each([
    // The page.
    ['', 1, 'EOF'],
    ['a 1\n', 1, 'cut'],
    ['a 1\n\n# EOF\n', 2, 'empty'],
    ['a 1\n# EOF\n\n', 3, 'follows'],
    ['# EOF\n# EOF\n', 2, 'follows'],
    ['a 1\n# EOFmore\n', 2, 'no line of OpenMetrics'],
    ['a 1\r\n# EOF\n', 1, 'no number'],
    // Comments and metadata.
    ['# a word\n# EOF\n', 1, 'no line of OpenMetrics'],
    ['#HELP a x\n# EOF\n', 1, 'no line of OpenMetrics'],
    ['# HELP  a x\n# EOF\n', 1, 'no line of OpenMetrics'],
    ['# TYPE a untyped\n# EOF\n', 1, 'type `untyped`'],
    ['# TYPE a gauge \n# EOF\n', 1, 'type `gauge `'],
    ['# TYPE 1a gauge\n# EOF\n', 1, 'no line of OpenMetrics'],
    ['# HELP a \n# HELP a \n# EOF\n', 2, 'second HELP'],
    ['# TYPE a gauge\na 1\n# HELP a x\n# EOF\n', 3, 'behind its samples'],
    ['# TYPE a_s gauge\na_s 1\n# UNIT a_s s\n# EOF\n', 3, 'behind its samples'],
    ['# UNIT a s\n# EOF\n', 1, 'unit `s` and does not end'],
    ['# UNIT as s\n# EOF\n', 1, 'does not end'],
    ['# UNIT a_s s \n# EOF\n', 1, 'unit of `a_s` is `s `'],
    ['# TYPE a_s info\n# UNIT a_s s\n# EOF\n', 1, 'type info and has a unit'],
    ['# TYPE a_s stateset\n# UNIT a_s s\n# EOF\n', 1, 'type stateset and has a unit'],
    // Names.
    ['1a 1\n# EOF\n', 1, 'no name of a metric'],
    ['a-b 1\n# EOF\n', 1, 'where a space and its value belong'],
    [' a 1\n# EOF\n', 1, 'no name of a metric'],
    ['# TYPE a_total gauge\n# TYPE a counter\n# EOF\n', 2, '`a_total` belongs to a_total of line 1'],
    ['# TYPE a histogram\n# TYPE a_sum gauge\n# EOF\n', 2, '`a_sum` belongs to a of line 1 (histogram)'],
    ['# TYPE a counter\na 1\n# EOF\n', 2, '`a` belongs to a of line 1 (counter)'],
    ['a 1\nb 1\na 2\n# EOF\n', 3, '`a` belongs to a of line 1'],
    // Labels.
    ['a{b="1" 1\n# EOF\n', 1, 'follows the value of b'],
    ['a{b="1"}} 1\n# EOF\n', 1, 'where a space'],
    ['a{{b="1"} 1\n# EOF\n', 1, 'no name of a label'],
    ['a{b="1",} 1\n# EOF\n', 1, 'comma stands before'],
    ['a{,b="1"} 1\n# EOF\n', 1, 'no name of a label'],
    ['a{b="1",,c="2"} 1\n# EOF\n', 1, 'no name of a label'],
    ['a{b=1} 1\n# EOF\n', 1, 'no double quotes'],
    ["a{b='1'} 1\n# EOF\n", 1, 'no double quotes'],
    ['a{b} 1\n# EOF\n', 1, 'abel b has no `=`'],
    ['a{b:c="1"} 1\n# EOF\n', 1, 'abel b has no `=`'],
    ['a{b="1", c="2"} 1\n# EOF\n', 1, 'no name of a label'],
    ['a{b="1",b="2"} 1\n# EOF\n', 1, 'abel b stands there twice'],
    ['a{\n# EOF\n', 1, 'ends within its labels'],
    ['a {b="1"} 1\n# EOF\n', 1, 'no number'],
    // Values and timestamps.
    ['a \n# EOF\n', 1, 'value is missing'],
    ['a  1\n# EOF\n', 1, 'value is missing'],
    ['a 1  2\n# EOF\n', 1, 'ends with a space'],
    ['a 1\t\n# EOF\n', 1, 'no number'],
    ['a 1e\n# EOF\n', 1, 'no number'],
    ['a .\n# EOF\n', 1, 'no number'],
    ['a --1\n# EOF\n', 1, 'no number'],
    ['a 1e999\n# EOF\n', 1, 'no number'],
    ['a +NaN\n# EOF\n', 1, 'no number'],
    ['a 1 +Inf\n# EOF\n', 1, 'timestamp'],
    ['a 1 1 1\n# EOF\n', 1, 'follows the timestamp'],
    // Exemplars.
    ['# TYPE a counter\na_total 1 #{} 1\n# EOF\n', 2, 'space and the labels of an exemplar'],
    ['# TYPE a counter\na_total 1# {} 1\n# EOF\n', 2, 'no number'],
    ['# TYPE a counter\na_total 1 # {}1\n# EOF\n', 2, "the exemplar's value"],
    ['# TYPE a counter\na_total 1 # {} 1 2 3\n# EOF\n', 2, 'follows the exemplar'],
    ['# TYPE a counter\na_total 1 # {} x\n# EOF\n', 2, 'no number'],
    ['# TYPE a gauge\na 1 # {} 1\n# EOF\n', 2, 'has an exemplar'],
    ['# TYPE a summary\na_count 1 # {} 1\n# EOF\n', 2, 'has an exemplar'],
    ['# TYPE a histogram\na_bucket{le="1"} 1 # {} 1.5\na_bucket{le="+Inf"} 1\n# EOF\n', 2, 'beyond its edge 1'],
    // What a type asks of a sample.
    ['# TYPE a counter\na_total NaN\n# EOF\n', 2, 'a count is a number'],
    ['# TYPE a counter\na_total -1\n# EOF\n', 2, 'never negative'],
    ['# TYPE a counter\na_created 1\n# EOF\n', 2, 'no a_total'],
    ['# TYPE a counter\na_total 1\na_created +Inf\n# EOF\n', 3, 'a time is a number'],
    ['# TYPE a histogram\na_count 1.5\na_sum 1\na_bucket{le="+Inf"} 1\n# EOF\n', 2, 'whole number'],
    ['# TYPE a histogram\na_bucket{le="+Inf"} 0.5\n# EOF\n', 2, 'whole number'],
    ['# TYPE a histogram\na_bucket{le="NaN"} 0\n# EOF\n', 2, 'edge `NaN`'],
    ['# TYPE a histogram\na_bucket{le="+INF"} 0\n# EOF\n', 2, 'edge `+INF`'],
    ['# TYPE a histogram\na_bucket{le=""} 0\n# EOF\n', 2, 'edge'],
    ['# TYPE a summary\na{quantile="-0.1"} 0\n# EOF\n', 2, 'quantile `-0.1`'],
    ['# TYPE a summary\na{quantile="x"} 0\n# EOF\n', 2, 'quantile `x`'],
    ['# TYPE a summary\na_count -1\n# EOF\n', 2, 'never negative'],
    ['# TYPE a stateset\na{a="x"} 0.5\n# EOF\n', 2, '0 or 1'],
    ['# TYPE a info\na_info 0\n# EOF\n', 2, 'always 1'],
    // What a type asks of a point.
    ['# TYPE a histogram\na_bucket{le="1"} 0\n# EOF\n', 2, '+Inf'],
    ['# TYPE a histogram\na_bucket{le="2"} 0\na_bucket{le="1"} 0\na_bucket{le="+Inf"} 0\n# EOF\n', 3, 'edge 1 behind 2'],
    ['# TYPE a histogram\na_bucket{le="1"} 0\na_bucket{le="1.0"} 0\na_bucket{le="+Inf"} 0\n# EOF\n', 3, 'edge 1.0 behind 1'],
    ['# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n# EOF\n', 3, 'counts 1 up to +Inf and 2 up to 1'],
    ['# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\n# EOF\n', 3, '_sum and no _count'],
    ['# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 2\na_sum 1\n# EOF\n', 3, 'counts 2 and has 1'],
    ['# TYPE a gaugehistogram\na_gcount 1\na_gsum 1\n# EOF\n', 2, 'no bucket'],
    ['# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gcount 1\n# EOF\n', 3, '_gcount and no _gsum'],
    // Order.
    ['# TYPE a gauge\na{b="1"} 1\na{b="2"} 1\na{b="1"} 2\n# EOF\n', 4, 'behind another metric'],
    ['# TYPE a summary\na_count{b="1"} 1 1\na_count{b="1"} 1 2\na_sum{b="1"} 1 1\n# EOF\n', 4, 'behind 2 s'],
    ['# TYPE a gauge\na 1\na 2\n# EOF\n', 3, 'twice'],
    ['# TYPE a gauge\na{b="1",c="2"} 1\na{c="2",b="1"} 2\n# EOF\n', 3, 'twice'],
    ['# TYPE a gauge\na{b=""} 1\na 2\n# EOF\n', 3, 'twice'],
    ['# TYPE a gauge\na 1 1\na 2\n# EOF\n', 3, 'some lines only'],
    ['# TYPE a gauge\na 1 2\na 2 1\n# EOF\n', 3, 'behind 2 s'],
  ])('refuses %j in line %i: %s', (text, line, says) => {
    const error = errorOf(() => read(text));
    expect(error).toMatchObject({ code: 'METRICS_INVALID', location: { file: 'page', line } });
    expect(error.message).toContain(says);
    expect(error.hint).toMatch(/\.$/);
  });

  it('says the column, and shows nothing that could act on a terminal', () => {
    const error = errorOf(() => read('a{b="1",c=\u001b[31m2} 1\n# EOF\n'));
    expect(error.location).toEqual({ file: 'page', line: 1, column: 11 });
    const hidden = errorOf(() => read('\u001b[2Ja 1\n# EOF\n'));
    expect(hidden.message).not.toContain('\u001b');
  });
});

describe("Prometheus' older text", () => {
  it('reads what it allows: blanks, comments, a comma at the end, milliseconds, no EOF', () => {
    const page = plain(
      '# a comment\n#\n\n  # \tHELP   http_requests_total \t All  of them.  \n#TYPE nothing\n# TYPE http_requests_total counter\nhttp_requests_total { code = "200" , method="get", } \t 1027 1395066363000 \nhttp_requests_total{code="400"}3\n\n# TYPE untyped_one untyped\nuntyped_one 4\nbare -Inf\n',
    );
    expect(page.format).toBe('prometheus');
    expect(page.families.map(({ name, type }) => [name, type])).toEqual([
      ['http_requests_total', 'counter'],
      ['untyped_one', 'unknown'],
      ['bare', 'unknown'],
    ]);
    expect(page.families[0]!.help).toBe('All  of them.');
    expect(page.families[0]!.samples[0]).toMatchObject({ value: 1027, timestamp: 1_395_066_363 });
  });

  it('takes buckets in any order, and no EOF for anything', () => {
    const page = plain('# TYPE a histogram\na_bucket{le="+Inf"} 2\na_bucket{le="1"} 1\na_sum 3\na_count 2\n# EOF\n');
    expect(page.families).toHaveLength(1);
    expect(page.families[0]!.samples).toHaveLength(4);
  });

  it.each([
    ['a 1', 1, 'line break'],
    ['a\n', 1, 'ends before'],
    ['a 1 1.5\n', 1, 'timestamp'],
    ['a 1 1 # {} 1\n', 1, 'follows the value'],
    ['a{b="1"\n', 1, 'not closed'],
    ['a x\n', 1, 'no number'],
    ['a 0x1\n', 1, 'no number'],
    ['# TYPE a gaugehistogram\n', 1, 'type `gaugehistogram`'],
    ['# TYPE\n', 1, 'names no metric'],
    ['# TYPE a counter\n# TYPE a counter\n', 2, 'second TYPE'],
    ['a 1\n# TYPE a counter\n', 2, 'behind its samples'],
    ['# HELP a x\n# HELP a y\n', 2, 'second HELP'],
    ['a 1\nb 1\na{c="2"} 1\n', 3, 'began in line 1'],
    ['a 1\na 2\n', 2, 'twice'],
    ['# TYPE a counter\na -1\n', 2, 'never negative'],
    ['# TYPE a counter\na NaN\n', 2, 'never negative'],
    ['# TYPE a histogram\na_bucket{le="1"} 1\na_count 1\n', 2, '+Inf'],
    ['# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n', 3, 'counts 1 up to +Inf'],
    ['# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 2\n', 3, 'counts 2 and has 1'],
    ['# TYPE a histogram\na_bucket 1\n', 2, 'no edge'],
    ['# TYPE a summary\na 1\n', 2, 'quantile'],
  ])('refuses %j in line %i: %s', (text, line, says) => {
    const error = errorOf(() => plain(text));
    expect(error).toMatchObject({ code: 'METRICS_INVALID', location: { file: 'page', line } });
    expect(error.message).toContain(says);
  });

  it('lends its leniency to nobody', () => {
    const lenient = '# a comment\na{b="1",} 1\n\n# EOF\n';
    expect(plain(lenient).families).toHaveLength(1);
    expect(() => read(lenient)).toThrow('no line of OpenMetrics');
  });
});

describe('a page', () => {
  it('is of the format that its content type says, and of a file by its end', () => {
    expect(read('a 1\n# EOF\n', null).format).toBe('openmetrics');
    expect(read('a 1\n', null).format).toBe('prometheus');
    expect(read('a 1\n', 'text/plain').format).toBe('prometheus');
    expect(read('# EOF\n', 'application/openmetrics-text; charset=utf-8').format).toBe('openmetrics');
    for (const type of [
      'text/html; charset=utf-8',
      'application/json',
      'application/openmetrics-text; version=9.0.0',
      'text/plain; version=1.0.0',
      '',
    ])
      expect(() => read('a 1\n# EOF\n', type), type).toThrow(expect.objectContaining({ code: 'METRICS_FORMAT' }));
  });

  it('is UTF-8 without a mark, within limits', () => {
    const broken = new Uint8Array([...bytes('a 1\nb{c="'), 0xff, ...bytes('"} 1\n# EOF\n')]);
    expect(errorOf(() => readMetricsPage(broken, { file: 'page', contentType: openMetricsType })).location).toEqual({
      file: 'page',
      line: 2,
    });
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('# EOF\n')]);
    expect(() => readMetricsPage(marked, { file: 'page', contentType: openMetricsType })).toThrow('byte order mark');
    const small = (limits: Partial<typeof pageLimits>) => () =>
      readMetricsPage(bytes('a{b="12345678"} 1\nc 1\n# EOF\n'), { file: 'page', contentType: null, limits: { ...pageLimits, ...limits } });
    for (const limits of [{ bytes: 10 }, { line: 10 }, { samples: 1 }])
      expect(small(limits), JSON.stringify(limits)).toThrow(expect.objectContaining({ code: 'METRICS_TOO_LARGE' }));
    expect(small({})().families).toHaveLength(2);
  });

  it('of weighin serve is the same in both formats', async () => {
    const { engine } = await playEngine(['v11', 'v12'], { weights: { v11: 50, v12: 50 } });
    for (let at = 0; at < 20; at++) await answerRows(engine, rowsOf({ p: at / 20 }));
    const facts = { version: '1', ready: true, started: 1_800_000_000.25 };
    const strict = read(renderMetrics(engine, { ...facts, open: true }));
    const older = plain(renderMetrics(engine, { ...facts, open: false }));
    expect(values(strict)).toEqual(values(older));
    expect(values(strict)['process_start_time_seconds']).toBe(1_800_000_000.25);
    expect(strict.families.find(({ name }) => name === 'weighin_serving_latency_seconds')?.type).toBe('histogram');
  });

  it.each(['openmetrics', 'prometheus'] as const)('of prom-client is read: %s', async (format) => {
    const registry = new Registry();
    if (format === 'openmetrics')
      (registry as unknown as Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const counter = new Counter({ name: 'jobs_total', help: 'Jobs "done"', labelNames: ['version'], registers: [registry] });
    const histogram = new Histogram({
      name: 'job_seconds',
      help: 'Time',
      labelNames: ['version'],
      buckets: [0.1, 1],
      registers: [registry],
    });
    counter.inc({ version: 'v1' }, 3);
    histogram.observe({ version: 'v1' }, 0.5);
    const page = read(await registry.metrics(), registry.contentType);
    expect(page.format).toBe(format);
    expect(values(page)).toMatchObject({ 'jobs_total{version="v1"}': 3, 'job_seconds_bucket{le="0.1",version="v1"}': 0 });
  });
});
