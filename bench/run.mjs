/**
 * Every benchmark of bench/RESULTS.md in one go: whole processes, medians, peers on the same data by turns.
 * usage: node bench/run.mjs [--runs 5] [--only start,bootstrap,metrics,validate,drift,score,pipeline]
 * needs: WEIGHIN_BENCH_DATA    folder with flights.parquet, reference.parquet and current.parquet (../shared/bench/make_data.py)
 *        WEIGHIN_BENCH_PYTHON  Python with ../shared/bench/requirements.txt
 *        WEIGHIN_BENCH_PEERS   folder of the peers' scripts (../shared/bench/peers by default)
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build/build.mjs';
import { prepareFlights } from '../examples/flight-delay/prepare.mjs';
import { alternate, measure, median } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const option = (name, fallback) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const runs = Number(option('--runs', '5'));
const data = resolve(process.env['WEIGHIN_BENCH_DATA'] ?? stop('WEIGHIN_BENCH_DATA is not set: the folder that make_data.py wrote'));
const python =
  process.env['WEIGHIN_BENCH_PYTHON'] ?? stop('WEIGHIN_BENCH_PYTHON is not set: a Python with ../shared/bench/requirements.txt');
const peers = resolve(process.env['WEIGHIN_BENCH_PEERS'] ?? join(root, '../shared/bench/peers'));
for (const needed of [join(data, 'flights.parquet'), join(peers, 'evaluate_sklearn.py')])
  if (!existsSync(needed)) stop(`${needed} is not there`);

const weighin = [process.execPath, join(root, 'dist/cli.js')];
const flights = join(data, 'flights.parquet');
const work = mkdtempSync(join(tmpdir(), 'weighin-bench-'));
const peer = (script, ...words) => measure([python, join(peers, script), ...words]);
const jsonOf = ({ stdout }) => JSON.parse(stdout.trim().split('\n').at(-1));
const seconds = (found) => found.map((one) => one.seconds);
const list = (values, digits) => values.map((value) => value.toFixed(digits)).join(', ');
let predictionsFile;

const jobs = { start, bootstrap, metrics, validate, drift, score, pipeline };
const chosen = option('--only', Object.keys(jobs).join(',')).split(',');
const rows = [];
try {
  await build();
  say(
    `${availableParallelism()} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, ${runs} runs each`,
  );
  for (const name of chosen) {
    if (!jobs[name]) stop(`there is no benchmark ${name}: ${Object.keys(jobs).join(', ')}`);
    await jobs[name]();
  }
  say(`\n| job | weighin | peer | ratio | wanted | |\n|---|---|---|---|---|---|\n${rows.join('\n')}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** From process start to the first byte of output, beyond what Node needs to end an empty script. */
async function start() {
  const file = join(work, 'one.csv');
  writeFileSync(file, 'a\n1\n');
  const [node, help, validated] = await alternate(
    Math.max(21, runs),
    () => measure([process.execPath, '-e', '0']),
    () => measure([...weighin, '--help']),
    () => measure([...weighin, 'validate', '--data', file]),
  );
  const idle = median(seconds(node)) * 1000;
  for (const [what, found] of [
    ['--help', help],
    ['validate', validated],
  ]) {
    const first = median(found.map((one) => one.firstOutput)) * 1000;
    row(
      `first line of \`weighin ${what}\``,
      `${first.toFixed(0)} ms`,
      `${idle.toFixed(0)} ms (\`node -e 0\`)`,
      `+${(first - idle).toFixed(0)} ms`,
      '< 150 ms more',
      first - idle < 150,
    );
  }
}

async function predictions() {
  if (predictionsFile) return predictionsFile;
  predictionsFile = join(work, 'predictions.parquet');
  await measure([
    python,
    join(root, 'bench/make_predictions.py'),
    join(data, 'reference.parquet'),
    join(data, 'current.parquet'),
    predictionsFile,
  ]);
  return predictionsFile;
}

function evaluate(file, ...words) {
  const given = ['--predictions', file, '--task', 'binary', '--label', 'y', '--score', 'candidate', '--baseline-score', 'baseline'];
  return measure([...weighin, 'evaluate', ...given, ...words, '--json', '-', '--quiet']);
}

/** The peer does fewer resamples (2,000 would take half an hour), and only its loop counts; of Weighin the whole process does. */
async function bootstrap() {
  const file = await predictions();
  const [own, their] = await alternate(
    runs,
    () => evaluate(file, '--metrics', 'roc_auc', '--resamples', '2000'),
    () => peer('evaluate_sklearn.py', file, '10'),
  );
  const mine = seconds(own).map((value) => value / 2); // 2,000 resamples: seconds × 1000 / 2000 = ms each
  const theirs = their.map((one) => jsonOf(one).bootstrap_s * 100);
  const ratio = median(theirs) / median(mine);
  say(`bootstrap  weighin ${list(mine, 2)} ms a resample; peer ${list(theirs, 0)} ms`);
  row(
    'one of 2,000 paired resamples of roc_auc, 1 M rows',
    `${median(mine).toFixed(2)} ms`,
    `${median(theirs).toFixed(0)} ms (scikit-learn)`,
    `${ratio.toFixed(0)} ×`,
    '≥ 50 ×',
    ratio >= 50,
  );
}

/** Every metric of a report against scikit-learn's, both models. */
async function metrics() {
  const file = await predictions();
  const own = JSON.parse((await evaluate(file)).stdout).metrics;
  let worst = 0;
  let where = '';
  for (const [column, key] of Object.entries({ candidate: 'value', baseline: 'baseline' })) {
    const script = join(root, 'test/support/recompute-metrics.py');
    const expected = jsonOf(await measure([python, script, file, 'y', '0.5', file, column]));
    for (const { name, [key]: value } of own) {
      const apart = value === expected[name] ? 0 : Math.abs(value / expected[name] - 1);
      if (!(apart <= worst)) [worst, where] = [apart, `${name} of the ${column}`];
    }
  }
  row(
    `${own.length} metrics of two models, 1 M rows`,
    'the same',
    'scikit-learn',
    `${worst.toExponential(1)} relative${where && ` (${where})`}`,
    '≤ 1e-12',
    worst <= 1e-12,
  );
}

async function validate() {
  const contract = join(root, 'bench/flights.odcs.yaml');
  const [own, their] = await alternate(
    runs,
    () => measure([...weighin, 'validate', '--data', flights, '--contract', contract, '--quiet'], { peak: true }),
    () => peer('validate_great_expectations.py', flights),
  );
  const ratio = median(seconds(their)) / median(seconds(own));
  say(
    `validate   weighin ${list(seconds(own), 2)} s, ${(Math.max(...own.map(({ peak }) => peak)) / 2 ** 30).toFixed(2)} GiB; peer ${list(seconds(their), 1)} s`,
  );
  row(
    '57 checks on 3 M × 20',
    `${median(seconds(own)).toFixed(2)} s`,
    `${median(seconds(their)).toFixed(1)} s (Great Expectations)`,
    `${ratio.toFixed(1)} ×`,
    '≥ 15 ×',
    ratio >= 15,
  );
}

/** Two tables of a million flights, with JSON and HTML, by turns with Evidently's preset; the same from a stored profile; wide and long tables. */
async function drift() {
  const [reference, current] = ['reference', 'current'].map((name) => join(data, `${name}.parquet`));
  const left = ['--exclude', 'flight_id,date,label_time,route'];
  const stored = join(work, 'reference.json');
  await measure([...weighin, 'profile', '--data', reference, '--output', stored, '--quiet']);
  const page = ['--json', join(work, 'drift.json'), '--html', join(work, 'drift.html'), '--quiet'];
  const [own, profiled, their] = await alternate(
    runs,
    () => measure([...weighin, 'drift', '--reference', reference, '--current', current, ...left, ...page], { peak: true }),
    () => measure([...weighin, 'drift', '--reference', stored, '--current', current, ...left, ...page], { peak: true }),
    (run) => (run < Math.min(runs, 3) ? peer('drift_evidently.py', reference, current, join(work, 'evidently.html')) : null),
  );
  const peerSeconds = seconds(their.filter((one) => one !== null));
  const peakOf = (found) => `${(Math.max(...found.map(({ peak }) => peak)) / 2 ** 30).toFixed(2)} GiB`;
  say(
    `drift      tables ${list(seconds(own), 2)} s, ${peakOf(own)}; profile ${list(seconds(profiled), 2)} s; peer ${list(peerSeconds, 1)} s`,
  );
  for (const [what, found, wanted] of [
    ['drift of 1 M × 16 against 1 M × 16, JSON and HTML', own, 25],
    ['the same from a stored reference profile', profiled, 50],
  ]) {
    const ratio = median(peerSeconds) / median(seconds(found));
    const middle = `${median(seconds(found)).toFixed(2)} s, ${peakOf(found)}`;
    row(what, middle, `${median(peerSeconds).toFixed(1)} s (Evidently)`, `${ratio.toFixed(0)} ×`, `≥ ${wanted} ×`, ratio >= wanted);
  }

  // Ten times three million flights, as ten files of one table.
  const long = join(work, 'long');
  mkdirSync(long);
  for (let part = 0; part < 10; part++) linkOrCopy(flights, join(long, `part-${part}.parquet`));
  const thirty = await measure([...weighin, 'profile', '--data', long, '--output', join(work, 'long.json'), '--quiet'], { peak: true });
  const one = await measure([...weighin, 'profile', '--data', reference, '--output', stored, '--quiet'], { peak: true });
  const gib = (bytes) => bytes / 2 ** 30;
  row(
    'memory of a profile, 30 M × 20 rows and 1 M × 20',
    `${gib(thirty.peak).toFixed(2)} GiB (${thirty.seconds.toFixed(1)} s)`,
    `${gib(one.peak).toFixed(2)} GiB (${one.seconds.toFixed(1)} s), 1 M rows`,
    `${(thirty.peak / one.peak).toFixed(2)} ×`,
    '< 1 GiB, flat',
    gib(thirty.peak) < 1,
  );

  const [wideReference, wideCurrent] = await makeWide();
  const wide = await measure([...weighin, 'drift', '--reference', wideReference, '--current', wideCurrent, ...page], {
    peak: true,
    ends: [1],
  });
  row('drift of 1,000 columns × 100,000 rows', `${wide.seconds.toFixed(1)} s, ${peakOf([wide])}`, '', '', '< 60 s', wide.seconds < 60);

  const cut = ['--by', 'region', '--window', '7d', '--time', 'date'];
  const [whole, cells] = await alternate(
    runs,
    () => measure([...weighin, 'profile', '--data', current, '--output', join(work, 'p.json'), '--quiet']),
    () => measure([...weighin, 'profile', '--data', current, '--output', join(work, 'p.json'), ...cut, '--quiet']),
  );
  const times = median(seconds(cells)) / median(seconds(whole));
  row(
    'a profile by 8 segments and 9 weeks, beside one of the whole',
    `${median(seconds(cells)).toFixed(2)} s`,
    `${median(seconds(whole)).toFixed(2)} s, whole`,
    `${times.toFixed(1)} ×`,
    'one scan',
    times < 8,
  );
}

/** 1,000 columns: numbers, whole numbers and categories; the current side's first ten moved. */
async function makeWide() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const paths = [];
  for (const [side, moved] of [
    ['wide-reference', 0],
    ['wide-current', 0.5],
  ]) {
    const columns = Array.from({ length: 1_000 }, (_, index) => {
      const shift = index < 10 ? moved : 0;
      const u = `((hash(i, ${index}, '${side}') >> 11)::DOUBLE / 9007199254740992)`;
      if (index % 3 === 0) return `sqrt(-2 * ln(${u} + 1e-12)) + ${shift} AS x${index}`;
      return index % 3 === 1 ? `(${u} * 200 + ${shift * 100})::INTEGER AS i${index}` : `'c' || (${u} * 12)::INTEGER AS c${index}`;
    });
    const path = join(work, `${side}.parquet`);
    await connection.run(`COPY (SELECT ${columns.join(', ')} FROM range(100000) t(i)) TO '${path}'`);
    paths.push(path);
  }
  connection.closeSync();
  return paths;
}

/** Another disk has no links to this one. */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

async function score() {
  const model = join(work, 'trees.onnx');
  await peer('make_model.py', join(data, 'reference.parquet'), model);
  const columns = 'distance,hour,weekday,fare,load_factor,delay,u';
  const words = [
    join(root, 'bench/score.mjs'),
    model,
    join(data, 'current.parquet'),
    '--columns',
    columns,
    '--runs',
    String(runs),
    '--json',
  ];
  const { mine, theirs } = jsonOf(
    await measure([process.execPath, ...words, '--peer', `${python} ${join(peers, 'score_onnxruntime.py')}`]),
  );
  const thousand = (values) => (median(values) / 1000).toFixed(0);
  const ratio = median(mine) / median(theirs);
  row(
    'batch scoring, 100 trees, 1 M rows',
    `${thousand(mine)},000 rows/s`,
    `${thousand(theirs)},000 rows/s (onnxruntime in Python)`,
    ratio.toFixed(2),
    '≥ 0.95',
    ratio >= 0.95,
  );
}

/** `weighin run` of the second pull request of examples/flight-delay on all flights: joins, training, and production scored beside it. */
async function pipeline() {
  const team = join(work, 'flight-delay');
  await prepareFlights({ folder: team, rows: 'all' });
  const example = join(root, 'examples/flight-delay');
  for (const name of ['weighin.yaml', 'contracts', 'README.md']) cpSync(join(example, name), join(team, name), { recursive: true });
  writeFileSync(join(team, '.gitignore'), 'data/\n.weighin/\n');
  const git = (...words) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', ...words], { cwd: team });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'The first model');
  for (const words of [['run'], ['register'], ['promote', 'flight-delay@v1', 'production']])
    await measure([...weighin, ...words], { cwd: team });
  git('apply', join(example, 'pull-requests/2-airport-lateness.patch'));
  const found = [];
  for (let run = 0; run < runs; run++) {
    rmSync(join(team, '.weighin/runs'), { recursive: true });
    found.push(await measure([...weighin, 'run', '--force'], { cwd: team, peak: true }));
  }
  const middle = found.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs / 2)];
  const phases = middle.lines.filter(({ line }) => /^\w+: /.test(line) || line === 'report');
  phases.forEach(({ at, line }, index) => {
    say(`pipeline   ${((phases[index + 1]?.at ?? middle.seconds) - at).toFixed(1).padStart(5)} s  ${line}`);
  });
  const peak = Math.max(...found.map((one) => one.peak)) / 2 ** 30;
  say(`pipeline   ${list(seconds(found), 1)} s in all`);
  row('the whole of `weighin run` on 3 M flights', `${middle.seconds.toFixed(1)} s`, '', '', '< 60 s', middle.seconds < 60);
  row('its greatest memory', `${peak.toFixed(2)} GiB`, '', '', '< 4 GiB', peak < 4);
}

function row(job, own, theirs, ratio, wanted, good) {
  rows.push(`| ${job} | ${own} | ${theirs} | ${ratio} | ${wanted} | ${good ? '✓' : '✗'} |`);
  say(rows.at(-1));
}

function say(text) {
  console.log(text);
}

function stop(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}
