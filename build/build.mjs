import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installIfNeeded } from './install.mjs';
import { root } from './project.mjs';

/** Bundles the command line and every action into dist/: one file each, what they share and what loads late in chunks beside them. */
export async function build() {
  const { rolldown } = await import('rolldown');
  const { nativeManifests } = await import('./natives.mjs');
  const { manifest, lock } = nativeManifests();
  const actions = readdirSync(join(root, 'actions')).filter((name) => existsSync(join(root, 'actions', name, 'main.ts')));
  const entries = {
    cli: 'cli/main.ts',
    bot: 'bot/main.ts',
    ...Object.fromEntries(actions.map((name) => [bundleOf(name), `actions/${name}/main.ts`])),
    ...Object.fromEntries(workers().map(([name, path]) => [name, path])),
  };

  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    external: Object.keys(manifest.dependencies),
    transform: { define: { 'process.env.WEIGHIN_VERSION': JSON.stringify(manifest.version) } },
    onLog(level, log, report) {
      // Packages that eval or import themselves in a circle are theirs to mend.
      if (level === 'warn' && log.message.includes('node_modules')) return;
      report(level, log);
    },
  });
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: (chunk) => (chunk.name === 'cli' && chunk.isEntry ? '#!/usr/bin/env node' : ''),
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(root, 'dist', 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  chmodSync(join(root, 'dist', 'cli.js'), 0o755);
}

/** The action that runs the bot once; `bot` is the server. */
const bundleOf = (action) => (action === 'bot' ? 'bot-once' : action);

/** Files that run in a worker thread are entries of their own: `new Worker()` needs a file, not a function. */
function workers() {
  const found = [];
  for (const entry of readdirSync(join(root, 'shared'), { recursive: true, encoding: 'utf8' })) {
    const match = /([\w-]+-worker)\.ts$/.exec(entry);
    if (match) found.push([match[1], join('shared', entry)]);
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  installIfNeeded();
  await build();
}
