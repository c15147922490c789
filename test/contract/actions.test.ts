import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmeTable } from '../../actions/readme-table.ts';
import { specs } from '../../actions/specs.ts';
import { actionNames, actionPath, readActionFile, root } from '../support/act-actions.ts';
import { checkAction } from '../support/act-check-action.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** `dist/bot.js` is the server. */
const bundleOf = (name: string) => (name === 'bot' ? 'bot-once' : name);

it('has a spec, an action.yml and a main.ts for each action', () => {
  const folders = readdirSync(join(root, 'actions'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const withSpec = folders.map(({ name }) => name).filter((name) => existsSync(join(root, 'actions', name, 'spec.ts')));
  expect(withSpec.sort()).toEqual(specs.map(({ name }) => name).sort());
  expect(actionNames().sort()).toEqual(withSpec);
  for (const name of [...withSpec, 'install-natives']) expect(existsSync(join(root, 'actions', name, 'main.ts')), name).toBe(true);
});

it('keeps each main.ts a reading, a call and a writing', () => {
  for (const { name } of specs)
    expect(readFileSync(join(root, 'actions', name, 'main.ts'), 'utf8').split('\n').length, name).toBeLessThan(80);
});

describe.each(specs.map((spec) => [spec.name, spec] as const))('%s', (name, spec) => {
  const { text, action } = readActionFile(name);

  it('says in action.yml what its spec says', () => {
    expect(action.description).toBe(spec.summary);
    expect(Object.keys(action.inputs)).toEqual(Object.keys(spec.inputs));
    for (const [input, { description, required, default: fallback }] of Object.entries(spec.inputs)) {
      // Only GitHub can give its own token; the command line, which reads the same spec, must not take the expression for text.
      const expected = input === 'github-token' ? `\${{ github.token }}` : fallback;
      expect(action.inputs[input], input).toEqual({
        description,
        required: required ?? false,
        ...(expected === undefined ? {} : { default: expected }),
      });
    }
    expect(Object.fromEntries(Object.entries(action.outputs).map(([output, { description }]) => [output, description]))).toEqual(
      spec.outputs,
    );
  });

  it('maps every input into the one step that reads them, and keeps the other rules of composites', () => {
    expect(
      checkAction(action, text, { bundle: bundleOf(name), up: actionPath(name).up, version, natives: name !== 'bot' && name !== 'weigh' }),
    ).toEqual([]);
  });

  it('reads what it declares, and declares what it reads', () => {
    const main = readFileSync(join(root, 'actions', name, 'main.ts'), 'utf8');
    const outputs = new Set([...main.matchAll(/setOutput\('([\w-]+)'/g)].map(([, output]) => output));
    expect([...outputs].filter((output) => output && !(output in spec.outputs))).toEqual([]);
  });
});

it('starts every action the same way', () => {
  // The bot works with no data, so it loads no engine: of the start it has the first step alone.
  const first = specs.map(({ name }) => JSON.stringify(readActionFile(name).action.runs.steps[0]));
  expect(new Set(first).size).toBe(1);
  // The weigh run's jobs trust no cache: it could be filled by the one of them in which a team's command runs.
  const working = specs.filter(({ name }) => name !== 'bot' && name !== 'weigh');
  const starts = working.map(({ name }) => {
    const { steps } = readActionFile(name).action.runs;
    return JSON.stringify(steps.slice(0, 3)).replaceAll('/../..', '');
  });
  expect(new Set(starts).size).toBe(1);
});

it('takes nothing from a cache into the weigh run', () => {
  const { steps } = readActionFile('weigh').action.runs;
  expect(steps.map(({ uses = '' }) => uses.split('@')[0])).toEqual(['actions/setup-node', '', '']);
});

it('shows in the README what the specs say', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, block] = /<!-- actions:begin -->\n([\s\S]*?)\n?<!-- actions:end -->/.exec(readme) ?? [];
  expect(block?.trim()).toBe(readmeTable(specs));
});
