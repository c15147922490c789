import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { installIfNeeded } from './install.mjs';
import { root } from './project.mjs';

/** `npm run bot`: the server, from a checkout. What is not installed or built yet is, once; a container starts dist/bot.js itself. */
const bundle = join(root, 'dist', 'bot.js');
if (!existsSync(bundle)) {
  installIfNeeded();
  await build();
}
await import(pathToFileURL(bundle).href);
