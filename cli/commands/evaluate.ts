import { spec } from '../../actions/evaluate-model/spec.ts';
import type { GateConfig } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import type { FileEvaluation } from '../../shared/pipeline/evaluate-file.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { metricTable } from '../metric-table.ts';
import { readMoment } from '../read-moment.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'evaluate',
  summary: 'Score candidate and baseline on the same rows, with intervals, and judge gates',
  description: [
    'Of a model in weighin.yaml: scores the candidate of the last training and the model in production on the test rows, and judges the gates. Alone: of a file of predictions (--predictions), or of an ONNX model on a file of rows (--model and --data); gates are then given by --min and --max-regression.',
    'With --replay: asks the candidate what production was asked, by a prediction log (docs/prediction-log.md), and says which answers would change; where labels came, in the log or by --labels, also what that is worth.',
    'An interval is of the difference where there is a baseline, else of the value; two-sided, so that 0.90 decides one-sided at 5 %.',
  ],
  positionals: [{ name: 'model-name', description: 'Name of a model in weighin.yaml; not needed where there is one.' }],
  options: {
    predictions: { description: 'CSV, Parquet or JSON lines with a label and scores.', kind: 'path', placeholder: 'FILE' },
    model: { description: 'An ONNX model, for --data.', kind: 'path', placeholder: 'M.onnx' },
    'baseline-model': { description: 'The ONNX model to compare with.', kind: 'path', placeholder: 'M.onnx' },
    data: { description: 'The rows that the models answer.', kind: 'path', placeholder: 'FILE' },
    task: { description: 'What is predicted.', values: ['binary', 'multiclass', 'regression'] },
    label: { description: 'Column of the truth.', placeholder: 'COLUMN' },
    positive: { description: 'Value of the label that counts as positive; 1, true or yes by default.', placeholder: 'VALUE' },
    score: { description: "Column of the candidate's score.", placeholder: 'COLUMN' },
    'baseline-score': { description: "Column of the baseline's score.", placeholder: 'COLUMN' },
    metrics: { description: 'Which metrics, by comma; the usual ones of the task by default.', placeholder: 'a,b' },
    slices: { description: 'Columns to repeat them by.', placeholder: 'a,b' },
    cluster: { description: 'Column whose rows belong together: resampled and counted as one.', placeholder: 'COLUMN' },
    threshold: { description: 'Score from which a row counts as positive.', kind: 'number', default: '0.5' },
    level: { description: 'Level of the intervals.', kind: 'number', default: '0.9' },
    resamples: { description: 'Ask for bootstrap intervals (BCa) with so many resamples.', kind: 'number' },
    seed: { description: 'Seed of the resamples.', kind: 'number', default: '7' },
    min: { description: 'Gates: the least value, as roc_auc=0.8,recall=0.5.', placeholder: 'METRIC=N' },
    'max-regression': {
      description: 'Gates: the largest loss against the baseline, as roc_auc=0.005 or roc_auc=auto.',
      placeholder: 'METRIC=N',
    },
    replay: { description: 'A prediction log whose requests the candidate answers beside production.', kind: 'path', placeholder: 'LOG' },
    labels: { description: 'With --replay: a table of labels that came later, joined by `id`.', kind: 'path', placeholder: 'FILE' },
    'labels-id': { description: 'Its column of ids; its column of labels is named by --label.', placeholder: 'COLUMN' },
    since: { description: 'With --replay: answers from then on, a day or an ISO 8601 time.', placeholder: 'TIME' },
    until: { description: 'With --replay: answers before then.', placeholder: 'TIME' },
    output: spec.inputs.output,
  },
  examples: [
    { command: 'weighin evaluate churn', does: 'the fifth step of `weighin run`' },
    {
      command: 'weighin evaluate --predictions p.parquet --task binary --label y --score candidate --baseline-score baseline',
      does: 'two models by their scores',
    },
    {
      command: 'weighin evaluate churn --replay logs/ --since 2026-01-05 --labels churned.csv',
      does: 'the candidate on real traffic',
    },
    { command: 'weighin evaluate --model m.onnx --data test.csv --task binary --label y --min roc_auc=0.8', does: 'a model by itself' },
  ],
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  if (args.replay !== undefined) return replay(args, args.replay, io);
  const alone = (['labels', 'labels-id', 'since', 'until'] as const).find((name) => args[name] !== undefined);
  if (alone) throw new UserError('FLAG_NEEDS_REPLAY', `--${alone} goes with --replay.`, 'Name the log: --replay LOG.');
  if (args.predictions !== undefined || args.model !== undefined || args.data !== undefined) return evaluateAlone(args, io);
  const { evaluateModel } = await import('../../shared/pipeline/evaluate-model.ts');
  const { verdictOf } = await import('../../shared/gate/verdict-of.ts');
  return withContext(args, io, async (context) => {
    const name = oneModel(context, args['model-name']);
    const result = await evaluateModel(context, name);
    const { verdict, blocks } = verdictOf(result.gates, context.config.config.models[name]?.evaluation.defaults.onInconclusive ?? 'warn');
    await io.writeJson({ verdict, ...result });
    printGates(result.gates, verdict, io);
    io.print(metricTable(result.metrics, [result.baseline?.stage ?? 'baseline', 'candidate'], io.colors));
    return blocks && context.config.config.mode === 'enforce' ? 1 : 0;
  });
}

async function replay(args: Args, log: string, io: CommandIo): Promise<ExitCode> {
  const clash = (['predictions', 'model', 'data'] as const).find((name) => args[name] !== undefined);
  if (clash) throw new UserError('FLAGS_CLASH', `--replay does not go with --${clash}.`, 'It replays the candidate of the last run.');
  const time = (flag: 'since' | 'until') => readMoment(args[flag], flag);
  const [since, until] = [time('since'), time('until')];
  const { replayLog } = await import('../../shared/pipeline/replay-log.ts');
  return withContext(args, io, async (context) => {
    const { replay: result, blocks } = await replayLog(context, oneModel(context, args['model-name']), {
      log,
      root: io.cwd,
      ...(args.labels !== undefined && {
        labels: {
          source: args.labels,
          ...(args['labels-id'] !== undefined && { id: args['labels-id'] }),
          ...(args.label !== undefined && { label: args.label }),
        },
      }),
      ...(since && { since }),
      ...(until && { until }),
    });
    await io.writeJson(result);
    const { printReplay } = await import('../print-replay.ts');
    printReplay(result, io);
    return blocks && context.config.config.mode === 'enforce' ? 1 : 0;
  });
}

async function evaluateAlone(args: Args, io: CommandIo): Promise<ExitCode> {
  const request = requestOf(args, io.cwd);
  io.progress.step('reading', request.file);
  const [{ evaluateFile }, { openDuckDB }] = await Promise.all([
    import('../../shared/pipeline/evaluate-file.ts'),
    import('../../shared/adapters/duckdb/open-duckdb.ts'),
  ]);
  const engine = await openDuckDB();
  try {
    const openSession: Parameters<typeof evaluateFile>[1] = async (bytes, options) =>
      (await import('../../shared/adapters/onnxruntime/open-session.ts')).openSession(bytes, options);
    io.progress.step('evaluation', request.file);
    const { blocks, rows, ...result } = await evaluateFile(engine, openSession, request);
    await io.writeJson({ ...result, rows });
    printGates(result.gates, result.verdict, io);
    io.print(`${io.colors.bold(visibleText(request.file))}: ${formatCount(rows)} rows`);
    io.print(metricTable(result.metrics, ['baseline', 'candidate'], io.colors));
    return blocks ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function requestOf(args: Args, root: string): FileEvaluation {
  const { predictions, model, data, task, label, score } = args;
  const need = (value: string | undefined, flag: string, why: string) => {
    if (value === undefined)
      throw new UserError('FLAG_MISSING', `--${flag} is missing.`, `${why} \`weighin evaluate --help\` has examples.`);
    return value;
  };
  if (predictions !== undefined && (model !== undefined || data !== undefined))
    throw new UserError('FLAGS_CLASH', '--predictions goes with neither --model nor --data.', 'Give one or the other.');
  const given = need(task, 'task', 'Say what is predicted.');
  return {
    file: predictions ?? need(data, 'data', 'A model needs rows to answer.'),
    root,
    task: given as FileEvaluation['task'],
    label: need(label, 'label', 'Say which column holds the truth.'),
    positive: args.positive,
    score: predictions === undefined ? undefined : need(score, 'score', "Say which column holds the candidate's scores."),
    baselineScore: args['baseline-score'],
    model: predictions === undefined ? need(model, 'model', 'Rows need a model that answers them.') : undefined,
    baselineModel: args['baseline-model'],
    slices: list(args.slices) ?? [],
    cluster: args.cluster,
    metrics: list(args.metrics),
    gates: [...gatesOf(args.min, 'min'), ...gatesOf(args['max-regression'], 'max-regression')],
    threshold: args.threshold,
    ci: { method: args.resamples === undefined ? 'auto' : 'bca', level: args.level, resamples: args.resamples ?? 2000, seed: args.seed },
  };
}

const list = (text: string | undefined) =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function gatesOf(text: string | undefined, flag: 'min' | 'max-regression'): GateConfig[] {
  return (list(text) ?? []).map((part) => {
    const [metric = '', limit = ''] = part.split('=');
    const number = Number(limit);
    const auto = flag === 'max-regression' && limit === 'auto';
    if (!metric || limit === '' || (!auto && !Number.isFinite(number)))
      throw new UserError(
        'GATE_INVALID',
        `--${flag} ${part} is no gate.`,
        `Write it as --${flag} roc_auc=${flag === 'min' ? '0.8' : '0.005'}.`,
      );
    const base = { metric, decide: 'bound', severity: 'fail' } as const;
    return flag === 'min' ? { ...base, min: number } : { ...base, compare: { maxRegression: auto ? 'auto' : number } };
  });
}

function printGates(
  gates: readonly { readonly status: string; readonly message: string }[],
  verdict: string,
  { colors, print }: CommandIo,
): void {
  if (gates.length === 0) {
    print(colors.dim('No gates were given, so nothing is judged.'));
    return;
  }
  const paint: Readonly<Record<string, (text: string) => string>> = { pass: colors.green, fail: colors.red, error: colors.red };
  print(`Verdict: ${(paint[verdict] ?? colors.yellow)(verdict)}`);
  for (const { status, message } of gates) print(`  ${(paint[status] ?? colors.yellow)(status.padEnd(12))} ${visibleText(message)}`);
}
