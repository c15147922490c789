import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { actionFileSchema, readActionFile, root } from '../support/act-actions.ts';
import { checkAction } from '../support/act-check-action.ts';

/** The rules are held by breaking an action on purpose: a rule that no break trips guards nothing. */
const { text } = readActionFile('report');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const check = (broken: string) => checkAction(actionFileSchema.parse(parse(broken)), broken, { bundle: 'report', up: '/../..', version });
const swap = (from: string | RegExp, to: string) => {
  expect(text).toMatch(from);
  return check(text.replace(from, to));
};
const expression = (of: string) => `\${{ ${of} }}`;

it('finds nothing in the action as it is', () => expect(check(text)).toEqual([]));

it.each([
  ['an input that nobody maps', / {8}INPUT_FAIL-ON:.*\n/, '', 'env INPUT_FAIL-ON is missing'],
  ['an input mapped to another', /INPUT_CONFIG: .*/, `INPUT_CONFIG: ${expression('inputs.output')}`, 'env INPUT_CONFIG is'],
  ['an underscore for a dash', 'INPUT_FAIL-ON:', 'INPUT_FAIL_ON:', 'env INPUT_FAIL_ON is of no input'],
  ['a stray variable', / {8}INPUT_MODEL:/, `        INPUT_AS-OF: ''\n        INPUT_MODEL:`, 'env INPUT_AS-OF is of no input'],
  ['an input of another action', expression('inputs.comment'), expression('inputs.commnet'), 'inputs.commnet is not declared'],
  [
    'an output of no step',
    expression('steps.run.outputs.verdict'),
    expression('steps.runs.outputs.verdict'),
    'output verdict is of no step',
  ],
  [
    'an output under another name',
    expression('steps.run.outputs.verdict'),
    expression('steps.run.outputs.verdit'),
    'output verdict is not what the step sets',
  ],
  ['an expression in a script', 'dist/report.js"', `dist/report.js" ${expression('inputs.model')}`, 'exactly one must'],
  [
    'an expression in another script',
    'dist/install-natives.js"',
    `dist/install-natives.js" ${expression('inputs.model')}`,
    'an expression inside run:',
  ],
  ['a shell that drops names with a dash', /shell: bash\n {6}env:\n {8}INPUT/, 'shell: sh\n      env:\n        INPUT', 'its shell is sh'],
  ['a shell that is not said', /shell: bash\n {6}env:\n {8}INPUT/, 'env:\n        INPUT', 'its shell is not said'],
  ['an action by its tag', /setup-node@\w+/, 'setup-node@v6', "is not one of GitHub's own actions at a full commit"],
  ["a stranger's action", /actions\/cache@/, 'acme/cache@', "is not one of GitHub's own actions"],
  ['a commit without its version', / # v6\.3\.0/, '', 'does not say which version that is'],
  ['an upload that a failed verdict skips', 'if: always() && ', 'if: ', 'is skipped when the verdict fails'],
  ['a cache without the version', `weighin-natives-${version}-`, 'weighin-natives-', "the cache's key is"],
  ['a cache of another folder', `path: ${expression('runner.tool_cache')}`, `path: ${expression('runner.temp')}`, "the cache's path is"],
  [
    'natives in another folder',
    `WEIGHIN_NATIVES: ${expression('runner.tool_cache')}`,
    `WEIGHIN_NATIVES: ${expression('runner.temp')}`,
    'natives are installed in',
  ],
  [
    'a bundle in another place',
    '$GITHUB_ACTION_PATH/../../dist/install',
    '$GITHUB_ACTION_PATH/dist/install',
    'it is not one call of a bundle',
  ],
])('finds %s', (_, from, to, sentence) => {
  expect(swap(from, to).join('\n')).toContain(sentence);
});
