import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { findPython } from '../../../cli/init/find-python.ts';

async function project(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-python-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return findPython(folder);
}

it.each<[Record<string, string>, string | undefined, string | undefined, string]>([
  [{}, undefined, undefined, 'python'],
  [{ 'requirements.txt': '' }, 'pip', 'pip install -r requirements.txt', 'python'],
  [{ 'requirements.txt': '', 'uv.lock': '' }, 'uv', 'uv sync --locked', 'uv run python'],
  [{ 'pyproject.toml': '[project]\nname = "a"\n[tool.uv]\n' }, 'uv', 'uv sync', 'uv run python'],
  [{ 'pyproject.toml': '[tool.poetry]\nname = "a"\n', 'requirements.txt': '' }, 'poetry', 'poetry install --no-root', 'poetry run python'],
  [{ 'pyproject.toml': '[project]\nname = "a"\n' }, 'pip', 'pip install -e .', 'python'],
  [{ 'pyproject.toml': '[tool.black]\n' }, undefined, undefined, 'python'],
  [{ Pipfile: '', 'Pipfile.lock': '{}' }, 'pipenv', 'pipenv sync', 'pipenv run python'],
  [{ Pipfile: '' }, 'pipenv', 'pipenv install', 'pipenv run python'],
  [
    { 'environment.yml': '' },
    'conda',
    'conda env update --prune --prefix .conda --file environment.yml',
    'conda run --prefix .conda --no-capture-output python',
  ],
])('installs by what is there: %j', async (files, tool, setup, python) =>
  expect(await project(files)).toMatchObject({ tool, setup, python }),
);

it('takes the script nearest to the root, and no test of it', async () => {
  expect(await project({ 'train.py': '', 'src/train.py': '' })).toMatchObject({ train: 'train.py' });
  expect(await project({ 'src/churn/train.py': '', 'src/predict.py': '', 'tests/train.py': '', '.venv/train.py': '' })).toMatchObject({
    train: 'src/churn/train.py',
    predict: 'src/predict.py',
  });
  expect(await project({ 'train_model.py': '', 'retrain.py': '', 'constrain.py': '' })).toMatchObject({ train: 'train_model.py' });
  expect(await project({ 'a/b/c/d/train.py': '' })).toMatchObject({ train: undefined });
});

it('sees whether the script knows Weighin, and models that lie about', async () => {
  expect(await project({ 'train.py': 'os.environ["WEIGHIN_OUTPUT"]' })).toMatchObject({ trainKnowsWeighin: true });
  expect(await project({ 'train.py': 'print(1)', 'models/m.joblib': '', 'out/m.onnx': '' })).toMatchObject({
    trainKnowsWeighin: false,
    pickle: 'models/m.joblib',
    onnx: 'out/m.onnx',
  });
});
