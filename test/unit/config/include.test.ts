import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { config, folderOf, refused } from './config-text.ts';

const main = 'version: 1\ninclude: models/*/weighin.yaml\n';
const part = (name: string) => config().replace('churn:', `${name}:`);

it('joins models of other files, each at home in its own folder', async () => {
  const root = await folderOf({
    'weighin.yaml': `${config()}include: [./models/*/weighin.yaml, "models/**/*.yaml"]\n`,
    'models/b/weighin.yaml': part('fraud').replace('training:', 'stages: {production: {verify: [{command: a}]}}\n    training:'),
    'models/a/weighin.yaml': part('uplift').replace('version: 1\n', ''),
    'models/node_modules/x/weighin.yaml': 'not: read',
  });
  const loaded = await loadConfig('weighin.yaml', { root });
  expect(loaded.files).toEqual(['weighin.yaml', 'models/a/weighin.yaml', 'models/b/weighin.yaml']);
  expect(Object.keys(loaded.config.models)).toEqual(['churn', 'uplift', 'fraud']);
  expect([loaded.rootOf('churn'), loaded.rootOf('fraud'), loaded.fileOf('fraud')]).toEqual([
    root,
    join(root, 'models/b'),
    'models/b/weighin.yaml',
  ]);
  expect(loaded.locate(['models', 'fraud', 'task'])).toEqual({ file: 'models/b/weighin.yaml', line: 4, column: 11 });
  expect(loaded.notices).toMatchObject([{ model: 'fraud', location: { file: 'models/b/weighin.yaml', line: 6 } }]);
});

it.each([
  [
    'two models of one name',
    { 'models/a/weighin.yaml': part('x'), 'models/b/weighin.yaml': part('x') },
    'models/b/weighin.yaml:3:3 `x` is a model of models/a/weighin.yaml:3 already; rename one.',
  ],
  [
    'a mistake, in its own file',
    { 'models/a/weighin.yaml': part('x').replace('task', 'taks') },
    'models/a/weighin.yaml:4:5 `taks` is not a key of models.x; nearest: `task`.',
  ],
  [
    'policy in an included file',
    { 'models/a/weighin.yaml': `${part('x')}mode: advise\n` },
    "models/a/weighin.yaml:8:7 `mode` can't stand in an included file, only `models` and `version`.",
  ],
  [
    'an include in an included file',
    { 'models/a/weighin.yaml': `${part('x')}include: "*.yaml"\n` },
    "`include` can't stand in an included file",
  ],
  [
    'an included file that is empty',
    { 'models/a/weighin.yaml': '' },
    'models/a/weighin.yaml:1:1 An included file holds `models:`; this one is empty or something else.',
  ],
  [
    'an included file of another version',
    { 'models/a/weighin.yaml': part('x').replace('1', '2') },
    'models/a/weighin.yaml:1:10 version must be 1.',
  ],
  ['an included file that is no YAML', { 'models/a/weighin.yaml': 'a: [' }, 'models/a/weighin.yaml:'],
  ['a glob that matches nothing', {}, 'weighin.yaml:2:10 include "models/*/weighin.yaml" matches no file.'],
])('refuses %s', async (_, files, line) => expect((await refused(main, files)).join('\n')).toContain(line));

it.each(['../**/weighin.yaml', '/etc/*.yaml', 'a/../../*.yaml'])('does not look outside: %s', async (glob) => {
  expect(await refused(`version: 1\ninclude: "${glob}"\n`)).toEqual([
    'weighin.yaml:2:10 include names files below this one: no absolute path, no `..`.',
  ]);
});
