// Loaded into every Node of a job by NODE_OPTIONS. act gives the steps of a composite an INPUT_<NAME> for each of its inputs
// (nektos/act#2874); GitHub's runner gives none. Whatever action.yml does not map by itself is taken away again, so that a
// mapping that is missing fails here as it would there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const file = `${process.env.GITHUB_ACTION_PATH ?? ''}/action.yml`;
// An action that is JavaScript gets its inputs on GitHub too; under act it still has the path of the composite around it.
const ownAction = `${dirname(process.argv[1] ?? '.')}/action.yml`;
const isJavaScript = existsSync(ownAction) && /^\s*using:\s*['"]?node/m.test(readFileSync(ownAction, 'utf8'));
if (!isJavaScript && process.env.GITHUB_ACTION_PATH && existsSync(file)) {
  const text = readFileSync(file, 'utf8');
  if (/^\s*using:\s*['"]?composite/m.test(text)) {
    const mapped = new Set([...text.matchAll(/^\s+['"]?(INPUT_[^'":\s]+)['"]?:/gm)].map(([, name]) => name));
    for (const name of Object.keys(process.env)) if (name.startsWith('INPUT_') && !mapped.has(name)) delete process.env[name];
  }
}
