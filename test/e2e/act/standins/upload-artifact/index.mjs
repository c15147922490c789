import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
const stop = (message) => {
  console.log(`::error::${message}`);
  process.exit(1);
};

const name = input('name');
if (name === '' || /[":<>|*?\r\n\\/]/.test(name)) stop(`The artifact name is not valid: ${name}`);
const from = resolve(process.env.GITHUB_WORKSPACE, input('path'));
const hidden = input('include-hidden-files') === 'true';
const files = !existsSync(from)
  ? []
  : statSync(from).isFile()
    ? [from]
    : readdirSync(from, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter(
          (path) =>
            hidden ||
            !relative(from, path)
              .split('/')
              .some((part) => part.startsWith('.')),
        );
if (files.length === 0) {
  if (input('if-no-files-found') === 'error') stop(`No files were found with the provided path: ${from}`);
  console.log(`upload-artifact (stand-in): no files in ${from}`);
  process.exit(0);
}
const to = join(process.env.STANDIN_ARTIFACTS, name);
if (existsSync(to)) {
  if (input('overwrite') !== 'true')
    stop('Failed to CreateArtifact: (409) Conflict: an artifact with this name already exists on the workflow run');
  rmSync(to, { recursive: true });
}
const top = statSync(from).isFile() ? dirname(from) : from;
for (const file of files) {
  const target = join(to, relative(top, file));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
}
console.log(`upload-artifact (stand-in): ${files.length} files of ${basename(from)} as ${name}`);
