import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { prepareFlights } from './prepare.mjs';

const example = dirname(fileURLToPath(import.meta.url));
const cli = join(example, '..', '..', 'dist', 'cli.js');

/** The pull requests of a team that predicts late flights, in the order in which they come. `expect` is the exit code. */
const pullRequests = [
  {
    name: '1-first-model',
    title: 'The first model',
    story: 'Origin, destination, distance, hour and weekday. Nothing is in production yet, so nothing can be compared.',
    expect: 0,
    merge: true,
  },
  {
    name: '2-airport-lateness',
    title: 'How late is the origin running?',
    story: 'Joins the airport’s lateness of the last 3 and 24 hours, as it was known when each flight was due to leave.',
    expect: 0,
    merge: true,
  },
  {
    name: '3-fewer-columns',
    title: 'Do we need all these columns?',
    story: 'Drops the hour of the day and the lateness of the last three hours, to keep the pipeline simple.',
    expect: 1,
  },
  {
    name: '4-airport-dashboard',
    title: 'Take the lateness from the airports’ dashboard',
    story: 'The dashboard shows the hour that has just ended, which for a flight in the past means: after it landed.',
    expect: 1,
  },
  {
    name: '5-new-export',
    title: 'Train on the new export',
    story: 'A CSV that somebody opened in a spreadsheet before it was sent on.',
    expect: 1,
  },
  {
    name: '6-readme',
    title: 'Say it more plainly',
    story: 'Touches the README alone.',
    expect: 0,
  },
];

/** @param {{folder: string, rows: number | 'all'}} request where to play (made anew), and on how many flights */
export async function play({ folder, rows }) {
  const began = performance.now();
  rmSync(folder, { recursive: true, force: true });
  const repository = join(folder, 'flight-delay');
  mkdirSync(repository, { recursive: true });
  const show = (path) => relative(process.cwd(), path) || '.';

  say(heading('Preparing the flights'));
  await prepareFlights({ folder: repository, rows });
  say(
    `${rows === 'all' ? '3,000,000' : Number(rows).toLocaleString('en')} flights of January to June 2001 in ${show(join(repository, 'data'))}\n`,
  );

  cpSync(join(example, 'README.md'), join(repository, 'README.md'));
  writeFileSync(join(repository, '.gitignore'), 'data/\n.weighin/\n');
  const git = (...args) =>
    execFileSync(
      'git',
      ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', '-c', 'core.autocrlf=false', ...args],
      {
        cwd: repository,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin');

  const surprises = [];
  for (const pull of pullRequests) {
    say(heading(`Pull request ${pull.name.replace('-', ': ').split(':')[0]} · ${pull.title}`));
    say(`${pull.story}\n`);
    git('checkout', '--quiet', '-b', pull.name, 'main');
    if (pull === pullRequests[0]) addModel(repository);
    else git('apply', join(example, 'pull-requests', `${pull.name}.patch`));
    git('add', '--all');
    git('commit', '--quiet', '--message', pull.title);
    const run = join(repository, '.weighin', 'runs', 'flight-delay');
    // A job begins on an empty disk; the store is elsewhere.
    rmSync(run, { recursive: true, force: true });
    const { status } = weighin(repository, 'run', '--base', 'main');
    if (status !== pull.expect) surprises.push(`${pull.name}: exit code ${status}, expected ${pull.expect}`);
    const kept = join(folder, 'pull-requests', pull.name);
    mkdirSync(kept, { recursive: true });
    for (const file of ['report.html', 'report.json', 'comment.md', 'MODEL_CARD.md', 'junit.xml']) {
      if (existsSync(join(run, file))) cpSync(join(run, file), join(kept, file));
    }
    say('');

    git('checkout', '--quiet', 'main');
    if (!pull.merge || status !== 0) continue;
    git('merge', '--quiet', '--no-ff', '--message', `Merge ${pull.name}`, pull.name);
    say('Merged. On the default branch the same bytes become a version, and a second pull request moves production to it:');
    const registered = weighin(repository, 'register', '--quiet').status;
    const version = `flight-delay@v${pullRequests.indexOf(pull) + 1}`;
    const promoted = weighin(repository, 'promote', version, 'production', '--quiet').status;
    if (registered !== 0 || promoted !== 0) surprises.push(`${pull.name}: register ended with ${registered}, promote with ${promoted}`);
    git('add', '--all');
    git('commit', '--quiet', '--message', `Promote ${version} to production`);
    say('');
  }

  const demo = show(folder);
  say(heading(`Six pull requests in ${((performance.now() - began) / 1000).toFixed(0)} s`));
  say(`What a reviewer would open:
  ${demo}/pull-requests/2-airport-lateness/report.html    the better model, with the interval that says so
  ${demo}/pull-requests/3-fewer-columns/report.html       the worse one, and the gate that stopped it
  ${demo}/pull-requests/5-new-export/comment.md           the comment on the broken data, with row numbers
  ${demo}/pull-requests/2-airport-lateness/MODEL_CARD.md  the model card

What to type next:
  cd ${demo}/flight-delay
  node ${relative(repository, cli)} versions flight-delay     what was registered, and what production runs
  node ${relative(repository, cli)} diff flight-delay v1 v2   the two models on the same rows
  node ${relative(repository, cli)} run --help
With your own data:  weighin init --data FILE`);

  if (surprises.length > 0) {
    say(`\nNot as expected:\n  ${surprises.join('\n  ')}`);
    return 3;
  }
  return 0;
}

/** What the first pull request brings: the configuration, and the contract of the data. */
function addModel(repository) {
  cpSync(join(example, 'contracts'), join(repository, 'contracts'), { recursive: true });
  const config = readFileSync(join(example, 'weighin.yaml'), 'utf8');
  writeFileSync(join(repository, 'weighin.yaml'), config.replace('../../schema/', './node_modules/weighin/schema/'));
}

function weighin(cwd, ...args) {
  return spawnSync(process.execPath, [cli, ...args], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, GITHUB_ACTIONS: '' },
  });
}

const say = (text) => console.log(text);
const bold = process.stdout.isTTY && !process.env['NO_COLOR'] ? (text) => `\u001b[1m${text}\u001b[22m` : (text) => text;
const heading = (text) => bold(`── ${text} ${'─'.repeat(Math.max(2, 74 - text.length))}`);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await play({ folder: join(process.cwd(), 'weighin-demo'), rows: 300_000 });
}
