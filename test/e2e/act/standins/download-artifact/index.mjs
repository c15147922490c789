import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
const kept = process.env.STANDIN_ARTIFACTS;
const to = resolve(process.env.GITHUB_WORKSPACE, input('path'));
const all = existsSync(kept) ? readdirSync(kept) : [];
const [prefix, suffix = ''] = input('pattern').split('*');
const wanted = input('name')
  ? all.filter((name) => name === input('name'))
  : all.filter((name) => name.startsWith(prefix) && name.endsWith(suffix));
if (input('name') && wanted.length === 0) {
  console.log(`::error::Unable to download artifact(s): Artifact not found for name: ${input('name')}`);
  process.exit(1);
}
for (const name of wanted) {
  const target = input('name') || input('merge-multiple') === 'true' ? to : join(to, name);
  mkdirSync(target, { recursive: true });
  cpSync(join(kept, name), target, { recursive: true });
}
console.log(`download-artifact (stand-in): ${wanted.join(', ')}`);
