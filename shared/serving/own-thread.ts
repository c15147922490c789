import type { ModelInfo } from '../onnx/read-model.ts';
import type { InferenceSession, OpenSession } from '../scoring/inference-session.ts';
import type { ServedRow } from './read-row.ts';
import type { OpenServedSession } from './served-session.ts';

/** Where models run. */
export interface SessionPlaces {
  /** Sessions in worker threads; with `workers: 0` in the server's own. */
  readonly openSession: OpenServedSession;
  readonly workers: number;
  /** Sessions in the server's own thread, for models that are quick enough; null: none are put there. */
  readonly openOwn: OpenSession | null;
  /** Rows of one request. */
  readonly maxRows: number;
}

/** A request of the most rows may hold up the others for so long, milliseconds. */
export const ownThreadMs = 5;

/**
 * Operators whose time follows from the shape of their inputs alone, and whose outputs are no larger than shapes that the file fixes. A model
 * of nothing else cannot hang, and takes for any rows what it took when it was measured. All others run in threads that can be replaced.
 */
const bounded = new Set(
  (
    'Abs Add And ArgMax ArgMin Cast Ceil Clip Concat Constant Cos Div Elu Equal Erf Exp Flatten Floor Gather Gelu Gemm Greater GreaterOrEqual ' +
    'HardSigmoid Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mul Neg Not Or Pow Reciprocal ReduceMax ' +
    'ReduceMean ReduceMin ReduceSum Relu Reshape Round Selu Shape Sigmoid Sign Sin Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Transpose ' +
    'Unsqueeze Where Xor ' +
    'ai.onnx.ml:ArrayFeatureExtractor ai.onnx.ml:Binarizer ai.onnx.ml:FeatureVectorizer ai.onnx.ml:Imputer ai.onnx.ml:LabelEncoder ' +
    'ai.onnx.ml:LinearClassifier ai.onnx.ml:LinearRegressor ai.onnx.ml:Normalizer ai.onnx.ml:OneHotEncoder ai.onnx.ml:Scaler ' +
    'ai.onnx.ml:SVMClassifier ai.onnx.ml:SVMRegressor ai.onnx.ml:TreeEnsemble ai.onnx.ml:TreeEnsembleClassifier ai.onnx.ml:TreeEnsembleRegressor'
  ).split(' '),
);

export const isBounded = ({ operators }: Pick<ModelInfo, 'operators'>): boolean =>
  Object.keys(operators).every((name) => bounded.has(name));

/**
 * A session in the server's own thread if the model is bounded and so quick that a message to another thread would cost more than its answer;
 * null where it is not. `ask` runs rows through the session as requests will.
 */
export async function openIfQuick(
  bytes: Uint8Array,
  info: ModelInfo,
  { openOwn, maxRows }: Pick<SessionPlaces, 'openOwn' | 'maxRows'>,
  ask: (session: InferenceSession, rows: number) => Promise<unknown>,
): Promise<InferenceSession | null> {
  if (!openOwn || !isBounded(info)) return null;
  const session = await openOwn(bytes, { threads: 1 });
  const rows = Math.min(maxRows, probeRows);
  try {
    if ((await quickest(() => ask(session, rows))) * (maxRows / rows) <= ownThreadMs) return session;
  } catch {
    // What fails on zeros is judged by whoever opens it next.
  }
  await session.close();
  return null;
}

/** As many as a request holds by default: cost may grow faster than rows. */
const probeRows = 1_000;

/** Of a few runs: the others had the machine's other work in them. Stops at once where the first takes far too long. */
async function quickest(run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8 && (round === 0 || best < 20 * ownThreadMs); round++) {
    const begun = performance.now();
    await run();
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}

/** Rows of zeros and empty texts. */
export const emptyRows = (fields: readonly { readonly type: string }[], count: number): readonly ServedRow[] => {
  const row = fields.map(({ type }) => (type === 'text' ? '' : 0));
  return Array.from({ length: count }, () => row);
};
