import { UserError } from '../../../shared/errors.ts';
import type { Prediction } from '../../../shared/production/prediction-log.ts';
import type { OpenSession } from '../../../shared/scoring/inference-session.ts';
import { openServingEngine } from '../../../shared/serving/open-engine.ts';
import type { ModelSource } from '../../../shared/serving/served-model.ts';
import type { ServingEngine, ServingSettings } from '../../../shared/serving/serving-engine.ts';
import { small } from '../onnx/small-models.ts';

/** How a version behaves, changed while a test runs. */
export interface Behaviour {
  fails: boolean;
  /** Answers only when the test lets it. */
  hangs: boolean;
  /** Added to every score. */
  shift: number;
  /** Rows of each call. */
  readonly calls: number[];
  closed: boolean;
}

export interface PlayedEngine {
  readonly engine: ServingEngine;
  readonly lines: Prediction[];
  readonly behaviour: (version: string) => Behaviour;
  /** Sessions that were opened, by their versions. */
  readonly opened: readonly string[];
  readonly clock: { now: number };
}

/** An engine whose models give their one input back: `{"p": 0.3}` scores 0.3. The bytes of v12 differ by their metadata alone. */
export const bytesOf = (version: string) =>
  small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    nodes: [{ operator: 'Identity', inputs: ['p'], outputs: ['y'] }],
    metadata: { version },
  });

export async function playEngine(
  versions: readonly string[],
  settings: Partial<ServingSettings> & {
    readonly weights?: Readonly<Record<string, number>>;
    readonly shadows?: readonly string[];
    readonly source?: Partial<ModelSource>;
    readonly failures?: number;
  } = {},
): Promise<PlayedEngine> {
  const { weights, shadows = [], source = {}, failures = 3, ...rest } = settings;
  const lines: Prediction[] = [];
  const clock = { now: 0 };
  const behaviours = new Map<string, Behaviour>();
  const opened: string[] = [];
  let loading = '';
  const openSession: OpenSession = async () => {
    const own: Behaviour = { fails: false, hangs: false, shift: 0, calls: [], closed: false };
    behaviours.set(loading, own);
    opened.push(loading);
    return {
      inputs: ['p'],
      outputs: ['y'],
      async run({ p }) {
        const data = p!.data as Float32Array;
        own.calls.push(data.length);
        if (own.hangs) await new Promise(() => undefined);
        // One bad row fails the whole call, as a graph does.
        if (own.fails || data.includes(-7)) throw new UserError('MODEL_RUN_FAILED', 'no', 'no');
        return { y: { element: 'float', data: data.map((value) => value + own.shift), shape: p!.shape } };
      },
      close: async () => {
        own.closed = true;
      },
    };
  };
  const sourceOf = (version: string): ModelSource => ({
    version,
    bytes: bytesOf(version),
    digest: `sha256:${version}`,
    task: 'binary',
    score: undefined,
    positive: null,
    features: null,
    contract: null,
    ...source,
  });
  const engine = await openServingEngine({
    settings: {
      model: 'churn',
      timeoutMs: 40,
      maxRows: 10,
      fallback: null,
      sample: 1,
      sticky: null,
      salt: 'churn',
      clock: () => clock.now,
      date: () => new Date('2026-01-05T08:00:00.000Z'),
      random: () => 0,
      newId: () => `id-${lines.length}`,
      warn: () => undefined,
      note: () => undefined,
      ...rest,
    },
    places: {
      openSession: (bytes, options) => {
        loading = versions.find((version) => Buffer.from(bytes).includes(Buffer.from(version))) ?? '';
        return openSession(bytes, options);
      },
      workers: 1,
      openOwn: null,
      maxRows: 10,
    },
    log: {
      write: (line) => void lines.push(line),
      flush: async () => undefined,
      close: async () => undefined,
      written: 0,
      dropped: 0,
    },
    sources: versions.map(sourceOf),
    stable: versions[0]!,
    weights: new Map(Object.entries(weights ?? { [versions[0]!]: 100 })),
    shadows,
    breaker: { failures, restMs: 5_000 },
    decisions: { threshold: 0.5, decisions: undefined },
  });
  return { engine, lines, behaviour: (version) => behaviours.get(version)!, opened, clock };
}

/** One row, or several, as `/predict` would hand them over. */
export const rowsOf = (...rows: unknown[]) => ({
  rows,
  ids: rows.map((_, index) => `r${index}`),
  arrived: 0,
  unit: undefined,
  single: rows.length === 1,
});
