import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { installIfNeeded } from './install.mjs';
import { root } from './project.mjs';

/** `npm start`: installs if needed, builds, and plays the pull requests of examples/flight-delay on real flights. */
const usage = `npm start [-- --rows N|all]

Plays the pull requests of a team that predicts late flights, on real flights, into weighin-demo/.
  --rows N|all   how many of the 3,000,000 flights to use (default 300000, at least 50000)
  --help         this text`;

function readRows() {
  let values;
  try {
    ({ values } = parseArgs({ options: { rows: { type: 'string', default: '300000' }, help: { type: 'boolean', default: false } } }));
  } catch (cause) {
    refuse(cause.message.split('. ')[0]);
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (values.rows === 'all') return 'all';
  const rows = Number(values.rows.replaceAll(/[_,]/g, ''));
  if (!Number.isInteger(rows) || rows < 50_000 || rows > 3_000_000)
    refuse(`--rows ${values.rows}: give a number from 50000 to 3000000, or all`);
  return rows;
}

function refuse(message) {
  console.error(`error: ${message}\n\n${usage}`);
  process.exit(2);
}

const rows = readRows();
installIfNeeded();
await build();
const { play } = await import('../examples/flight-delay/play.mjs');
process.exitCode = await play({ folder: join(root, 'weighin-demo'), rows });
