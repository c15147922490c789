import { z } from 'zod';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { readEdge } from './check-points.ts';
import type { Problem } from './read-counters.ts';

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const failure = z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string().optional() });
const success = z.object({
  status: z.literal('success'),
  data: z.union([
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point.optional() })) }),
    z.object({ resultType: z.literal('scalar'), result: point }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(point).default([]) })),
    }),
    z.object({ resultType: z.literal('string'), result: z.unknown() }),
  ]),
});
type Data = z.infer<typeof success>['data'];

/** The answer of /api/v1/query or query_range, or what is the matter with it. `place` has no credential. */
export function readPrometheusAnswer(status: number, body: Uint8Array, place: string): Data | Problem {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    const why = status === 200 ? 'invalid' : 'unreachable';
    return { why, detail: `${place} answers ${status}, and not as Prometheus does` };
  }
  const failed = failure.safeParse(value);
  if (failed.success) {
    const { errorType = '', error = '' } = failed.data;
    const why = /^(?:timeout|canceled)$/.test(errorType)
      ? 'late'
      : status >= 500 || status === 401 || status === 403
        ? 'unreachable'
        : 'invalid';
    return { why, detail: `${place} says ${clipText(visibleText(`${errorType}: ${error}`), 200)}` };
  }
  if (status !== 200) return { why: 'unreachable', detail: `${place} answers ${status}` };
  const parsed = success.safeParse(value);
  return parsed.success ? parsed.data.data : { why: 'invalid', detail: `${place} answers with no result of a query` };
}

/** One number. Several series are no number: whoever asks has to add them up. */
export function readNumber(answer: Data | Problem, what: string): number | Problem {
  if ('why' in answer) return { ...answer, detail: `${what}: ${answer.detail}` };
  if (answer.resultType === 'scalar') return readValue(answer.result[1], what);
  if (answer.resultType !== 'vector') return { why: 'invalid', detail: `${what} gives a ${answer.resultType} where one number is meant` };
  const [first, ...others] = answer.result;
  if (!first) return { why: 'empty', detail: `${what} finds no series; where one appears with its first event only, add \`or vector(0)\`` };
  if (others.length > 0)
    return { why: 'invalid', detail: `${what} gives ${answer.result.length} series where one number is meant; add them up with sum( … )` };
  if (!first.value) return { why: 'invalid', detail: `${what} gives a native histogram where one number is meant` };
  return readValue(first.value[1], what);
}

/** One series of numbers by time, milliseconds since 1970; what is no number is left out. */
export function readSeries(answer: Data | Problem): ReadonlyMap<number, number> {
  if ('why' in answer || answer.resultType !== 'matrix' || answer.result.length !== 1) return new Map();
  return new Map(
    answer.result[0]!.values.flatMap(([seconds, text]) => {
      const value = Number(text);
      return Number.isFinite(value) ? [[Math.round(seconds * 1000), value] as const] : [];
    }),
  );
}

/** Cumulative counts by edge, rising. */
export function readBuckets(answer: Data | Problem, what: string): readonly (readonly [edge: number, below: number])[] | Problem {
  if ('why' in answer) return answer;
  if (answer.resultType !== 'vector') return { why: 'invalid', detail: `${what} gives a ${answer.resultType} where buckets are meant` };
  if (answer.result.length === 0) return { why: 'empty', detail: `${what} finds no series` };
  const buckets: (readonly [number, number])[] = [];
  for (const { metric, value } of answer.result) {
    const edge = readEdge(metric['le']);
    const below = value ? readValue(value[1], what) : Number.NaN;
    if (typeof below !== 'number') return below;
    if (Number.isNaN(edge) || Number.isNaN(below)) return { why: 'invalid', detail: `${what} gives a series that is no bucket` };
    buckets.push([edge, below]);
  }
  return buckets.sort(([a], [b]) => a - b);
}

/** The edges of a histogram, as they are written. */
export const readEdges = (answer: Data | Problem): readonly string[] =>
  'why' in answer || answer.resultType !== 'vector'
    ? []
    : answer.result
        .map(({ metric }) => metric['le'] ?? '')
        .filter((le) => Number.isFinite(readEdge(le)))
        .sort((a, b) => Number(a) - Number(b));

function readValue(text: string, what: string): number | Problem {
  const value = /^[+-]?Inf$/.test(text) ? Number.POSITIVE_INFINITY : text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) return { why: 'not-a-number', detail: `${what} is ${clipText(visibleText(text), 40)}` };
  if (!Number.isFinite(value)) return { why: 'infinite', detail: `${what} is infinite` };
  if (value < 0) return { why: 'invalid', detail: `${what} is ${value}, which is no count` };
  return value;
}
