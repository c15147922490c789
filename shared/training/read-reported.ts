import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFileConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { Notice } from '../verdict/notice.ts';
import type { TrainingResult } from './training-result.ts';

/** What a report can show; a script that logs more is cut, and the report says so. */
const most = { metrics: 200, nameLength: 100, metricsBytes: 1_000_000, series: 20, points: 1_000, curveBytes: 32_000_000 };

type Reported = Pick<TrainingResult, 'reported' | 'curves'> & { readonly notices: readonly Notice[] };

/**
 * What the training script said of itself: numbers of `metrics.json` (nested ones as `a.b`) and the series of `metrics.jsonl`
 * (`{"step": 1, "loss": 0.5}` a line). Both are optional and both are only shown, except that `format: metrics` lives of the first:
 * there a file without a number is the error `METRICS_UNREADABLE`.
 */
export async function readReported(folder: string, modelFile: Pick<ModelFileConfig, 'format'>, modelPath: string): Promise<Reported> {
  const notices: Notice[] = [];
  const mustHave = modelFile.format === 'metrics';
  const reported = await readMetrics(mustHave ? modelPath : join(folder, 'metrics.json'), mustHave, notices);
  return { reported, curves: await readCurves(join(folder, 'metrics.jsonl'), notices), notices };
}

async function readMetrics(path: string, mustHave: boolean, notices: Notice[]): Promise<Record<string, number>> {
  const size = (await stat(path).catch(() => null))?.size;
  if (size === undefined) return {};
  let found: unknown = null;
  if (size <= most.metricsBytes) {
    try {
      found = JSON.parse(await readFile(path, 'utf8'));
    } catch {
      // Judged below, together with a file that holds something else.
    }
  }
  const metrics = typeof found === 'object' && found !== null && !Array.isArray(found) ? flatten(found, '') : [];
  if (metrics.length === 0) {
    const message = 'metrics.json holds no numbers: it must be an object such as {"roc_auc": 0.81}.';
    if (mustHave) throw new UserError('METRICS_UNREADABLE', message, 'Write one JSON object with a number a metric.', { file: path });
    notices.push({ code: 'METRICS_UNREADABLE', message });
  }
  if (metrics.length > most.metrics)
    notices.push({ code: 'METRICS_CUT', message: `metrics.json holds ${metrics.length} numbers; the first ${most.metrics} are shown.` });
  // Entries, not assignments: a name such as __proto__ is a name.
  return Object.fromEntries(metrics.slice(0, most.metrics));
}

function flatten(value: object, prefix: string): [string, number][] {
  return Object.entries(value).flatMap(([name, inner]): [string, number][] => {
    const path = `${prefix}${name}`;
    if (typeof inner === 'number' && Number.isFinite(inner)) return [[path.slice(0, most.nameLength), inner]];
    const deeper = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && path.split('.').length < 4;
    return deeper ? flatten(inner, `${path}.`) : [];
  });
}

async function readCurves(path: string, notices: Notice[]): Promise<Record<string, [number, number][]>> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return {};
  const series = new Map<string, [number, number][]>();
  let unread = 0;
  let line = 0;
  const file = await open(path);
  try {
    for await (const text of file.readLines({ end: most.curveBytes })) {
      line++;
      if (text.trim() !== '' && !addPoint(series, text, line)) unread++;
    }
  } finally {
    await file.close();
  }
  if (unread > 0)
    notices.push({ code: 'CURVES_UNREAD_LINES', message: `${unread} of ${line} lines of metrics.jsonl are not objects with numbers.` });
  if (series.size > most.series)
    notices.push({ code: 'CURVES_CUT', message: `metrics.jsonl holds ${series.size} series; the first ${most.series} are shown.` });
  return Object.fromEntries([...series].slice(0, most.series).map(([name, points]) => [name, thin(points)]));
}

/** The step is `step` or `epoch`, else the line's number. */
function addPoint(series: Map<string, [number, number][]>, text: string, line: number): boolean {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false;
  const values = new Map(
    Object.entries(entry).filter((pair): pair is [string, number] => typeof pair[1] === 'number' && Number.isFinite(pair[1])),
  );
  const step = values.get('step') ?? values.get('epoch') ?? line;
  let added = false;
  for (const [name, value] of values) {
    if (name === 'step' || name === 'epoch') continue;
    added = true;
    const points = series.get(name.slice(0, most.nameLength)) ?? [];
    if (series.size < 10 * most.series || points.length > 0) series.set(name.slice(0, most.nameLength), points);
    points.push([step, value]);
  }
  return added;
}

/** Every k-th point, and always the last. */
function thin(points: [number, number][]): [number, number][] {
  const stride = Math.ceil(points.length / most.points);
  return stride <= 1
    ? points
    : points.filter((_, index) => index === points.length - 1 || (index % stride === 0 && index / stride < most.points - 1));
}
