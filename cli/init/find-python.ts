import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a project installs and runs what it has, found by the files that its tools leave. */
export interface ProjectSetup {
  /** `pip`, `uv`, `poetry`, `pipenv`, `conda`; undefined where nothing says. */
  readonly tool: 'uv' | 'poetry' | 'pipenv' | 'pip' | 'conda' | undefined;
  readonly setup: string | undefined;
  /** `uv run python`, `python` … */
  readonly python: string;
  readonly train: string | undefined;
  /** Whether the training script knows where it has to leave its model. */
  readonly trainKnowsWeighin: boolean;
  readonly predict: string | undefined;
  /** A pickle or the like that the scripts make or read. */
  readonly pickle: string | undefined;
  readonly onnx: string | undefined;
}

/** Looks at names near the root, and into two files; runs nothing. Paths are relative to `folder`, with `/`. */
export async function findPython(folder: string): Promise<ProjectSetup> {
  const files = await listNear(folder);
  const has = (name: string) => files.includes(name);
  const project = has('pyproject.toml') ? await readFile(join(folder, 'pyproject.toml'), 'utf8').catch(() => '') : '';
  const { tool, setup, python } = findTool(has, project);
  const train = findScript(files, 'train');
  return {
    tool,
    setup,
    python,
    train,
    trainKnowsWeighin: train !== undefined && /\bWEIGHIN_[A-Z]+/.test(await readFile(join(folder, train), 'utf8').catch(() => '')),
    predict: findScript(files, 'predict'),
    pickle: files.find((file) => /\.(?:pkl|pickle|joblib)$/.test(file)),
    onnx: files.find((file) => file.endsWith('.onnx')),
  };
}

/** A lock decides over a list of requirements: it is what the team installs by. */
function findTool(has: (name: string) => boolean, project: string): Pick<ProjectSetup, 'tool' | 'setup' | 'python'> {
  if (has('uv.lock') || /^\[tool\.uv\b/m.test(project))
    return { tool: 'uv', setup: has('uv.lock') ? 'uv sync --locked' : 'uv sync', python: 'uv run python' };
  if (has('poetry.lock') || /^\[tool\.poetry\b/m.test(project))
    return { tool: 'poetry', setup: 'poetry install --no-root', python: 'poetry run python' };
  if (has('Pipfile')) return { tool: 'pipenv', setup: has('Pipfile.lock') ? 'pipenv sync' : 'pipenv install', python: 'pipenv run python' };
  if (has('requirements.txt')) return { tool: 'pip', setup: 'pip install -r requirements.txt', python: 'python' };
  if (/^\[(?:project|build-system)\]/m.test(project)) return { tool: 'pip', setup: 'pip install -e .', python: 'python' };
  if (has('environment.yml') || has('environment.yaml')) {
    const file = has('environment.yml') ? 'environment.yml' : 'environment.yaml';
    return {
      tool: 'conda',
      setup: `conda env update --prune --prefix .conda --file ${file}`,
      python: 'conda run --prefix .conda --no-capture-output python',
    };
  }
  return { tool: undefined, setup: undefined, python: 'python' };
}

/** The nearest to the root wins. */
const findScript = (files: readonly string[], verb: string) =>
  files.find((file) => new RegExp(`(?:^|/)(?:${verb}|${verb}_model|${verb}-model)\\.py$`).test(file));

const skipped = new Set([
  'node_modules',
  '.git',
  '.venv',
  'venv',
  'env',
  '__pycache__',
  'site-packages',
  'dist',
  'build',
  'test',
  'tests',
  '.weighin',
  '.conda',
]);

/** Files down to three levels, nearest first. */
async function listNear(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  let level = [''];
  for (let depth = 0; depth < 3 && found.length < 5_000; depth++) {
    const next: string[] = [];
    for (const path of level) {
      const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const child = path ? `${path}/${entry.name}` : entry.name;
        if (entry.isDirectory() && !skipped.has(entry.name) && !entry.name.startsWith('.')) next.push(child);
        else if (entry.isFile()) found.push(child);
      }
    }
    level = next;
  }
  return found;
}
