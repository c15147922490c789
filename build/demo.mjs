import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installIfNeeded } from './install.mjs';
import { root } from './project.mjs';

/** `npm run demo`: installs if needed, builds, and plays the whole loop on this machine. */
const kinds = ['failing', 'slow', 'skewed'];
const usage = `npm run demo [-- --bad failing|slow|skewed] [--keep] [--json OUT]

The whole loop on this machine, offline: a GitHub of its own, the bot, a store, a server under traffic from real flights, and the guard.
A good version goes to 100 %, a bad one takes itself back, drift opens an issue and brings a new version. About three minutes.
  --bad KIND   how the third version is bad: failing (default), slow, or skewed
  --keep       leaves everything running at the end, to look at; Ctrl-C ends it
  --json OUT   writes what was claimed and whether it held
  --help       this text
It ends with 0 only if every claim held.`;

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        bad: { type: 'string', default: 'failing' },
        keep: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    refuse(cause.message.split('. ')[0]);
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (!kinds.includes(values.bad)) refuse(`--bad ${values.bad}: give one of ${kinds.join(', ')}`);
  return values;
}

function refuse(message) {
  console.error(`error: ${message}\n\n${usage}`);
  process.exit(2);
}

const options = readOptions();
installIfNeeded();
// A test brings what it has built already.
let dist = process.env.WEIGHIN_DIST;
if (!dist || !existsSync(join(dist, 'cli.js'))) {
  const { build } = await import('./build.mjs');
  await build();
  dist = join(root, 'dist');
}
// Four folders deep, as what it is made of: files beside the GitHub double are found from there.
const folder = join(root, 'node_modules', '.weighin-demo', String(process.pid));
const { rolldown } = await import('rolldown');
const bundle = await rolldown({
  cwd: root,
  input: { main: 'examples/demo/main.ts', train: 'examples/demo/train.ts', traffic: 'examples/demo/traffic.ts' },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id),
});
let code = 3;
try {
  await bundle.write({ dir: join(folder, 'js'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  process.env.WEIGHIN_DIST = dist;
  const { playDemo } = await import(join(folder, 'js', 'main.js'));
  code = await playDemo({ ...options, scripts: join(folder, 'js'), dist, root });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// Nothing is left to wait for; what broke off while it was being opened may still listen.
process.exit(code);
