import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import type { CommandIo } from '../../../cli/command.ts';
import { command, run } from '../../../cli/commands/profile.ts';
import { parseArguments } from '../../../cli/parse-arguments.ts';
import { silent } from '../../../shared/pipeline/progress.ts';

let folder: string;
let printed: string[] = [];
let json: unknown;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-profile-command-'));
  const rows = Array.from(
    { length: 60 },
    (_, index) => `${index % 7},${index % 2 ? 'west' : 'east'},2024-01-0${1 + (index % 3)}T12:00:00Z`,
  );
  await writeFile(join(folder, 'a.csv'), `visits,region,at\n${rows.slice(0, 25).join('\n')}\n`);
  await writeFile(join(folder, 'b.csv'), `visits,region,at\n${rows.slice(25).join('\n')}\n`);
  await writeFile(join(folder, 'all.csv'), `visits,region,at\n${rows.join('\n')}\n`);
  await writeFile(join(folder, 'void.csv'), 'visits,region,at\n1,\u001b[31mred\u001b[0m,\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function weighin(...words: string[]): Promise<number> {
  printed = [];
  json = undefined;
  const { args, global } = parseArguments(words, command);
  const io: CommandIo = {
    cwd: folder,
    env: {},
    configFile: 'weighin.yaml',
    version: '0.0.0',
    colors: createColors(false),
    columns: 100,
    progress: silent,
    wantsJson: global.json !== undefined,
    print: (text) => void printed.push(text),
    writeJson: async (value) => {
      if (global.json !== undefined) json = value;
    },
  };
  // The parser makes what the command declares.
  return run(args as Parameters<typeof run>[0], io);
}
const text = (name: string) => readFile(join(folder, name), 'utf8');

it('counts files, and merges them to the whole file’s own profile', async () => {
  for (const name of ['a', 'b', 'all']) expect(await weighin('--data', `${name}.csv`, '--output', `${name}.json`)).toBe(0);
  expect(printed[0]).toMatch(/^all\.json: 60 rows, 3 columns, \d+ B$/);
  expect(await weighin('merge', 'b.json', 'a.json', '--output', 'merged.json')).toBe(0);
  expect(await text('merged.json')).toBe(await text('all.json'));
});

it('counts segments and windows', async () => {
  await weighin('--data', 'all.csv', '--output', 'split.json', '--by', 'region', '--window', '1d', '--time', 'at');
  expect(printed[0]).toContain('60 rows in 6 parts');
  await weighin('--data', 'all.csv', '--output', 'pairs.json', '--by', 'region,visits');
  expect(printed[0]).toContain('60 rows in 14 parts');
});

it('shows a table: types, what is missing, values, shape', async () => {
  await weighin('--data', 'all.csv', '--output', 'all.json');
  await weighin('show', 'all.json', '--html', 'all.html');
  expect(printed[0]).toContain('60 rows, 3 columns');
  expect(printed[0]).toMatch(/visits +integer +– +7 +[▁-█]{7} +mean 2\.9, sd/);
  expect(printed[0]).toMatch(/region +text +– +2 +██ +east 50\.0 %, west 50\.0 %/);
  expect(printed[0]).toMatch(/at +timestamp +– +3 days/);
  expect(await text('all.html')).toContain('<!doctype html>');
});

it('writes the page of what it counts or merges, too, and says where the file can’t be written', async () => {
  await weighin('--data', 'a.csv', '--output', 'a.json', '--html', 'a.html');
  await weighin('--data', 'b.csv', '--output', 'b.json');
  await weighin('merge', 'a.json', 'b.json', '--output', 'ab.json', '--html', 'ab.html');
  expect(printed[1]).toBe('ab.html');
  expect(await text('a.html')).toContain('25 rows');
  expect(await text('ab.html')).toContain('60 rows');
  await expect(weighin('show', 'a.json', '--html', '.')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
});

it('claims no more of an outward profile than it holds', async () => {
  await writeFile(join(folder, 'year.csv'), `year,region\n${'2015,west\n'.repeat(60)}`);
  await weighin('--data', 'year.csv', '--output', 'year.json', '--outward');
  await weighin('show', 'year.json');
  expect(printed[0]).toMatch(/year +integer +– +– +█ +about 2,008/);
});

it('shows no control character of the data, and says what is all missing', async () => {
  await weighin('--data', 'void.csv', '--output', 'void.json');
  await weighin('show', 'void.json');
  expect(printed[0]).not.toContain('\u001b');
  expect(printed[0]).toMatch(/at .* 100\.0 % +0 +all missing/);
});

it('gives a profile to stdout as JSON, and an outward one with nothing rare', async () => {
  await weighin('--data', 'void.csv', '--outward', '--json');
  expect(json).toMatchObject({ schema: 'weighin/profile@1', privacy: 'outward' });
  expect(JSON.stringify(json)).not.toContain('red');
});

it.each<[string, string[], string]>([
  ['no data', ['--output', 'x.json'], 'FLAG_MISSING'],
  ['nowhere to write', ['--data', 'all.csv'], 'FLAG_MISSING'],
  ['an unknown action', ['melt', 'a.json'], 'ACTION_UNKNOWN'],
  ['a file that is not there', ['--data', 'none.csv', '--output', 'x.json'], 'DATA_NOT_FOUND'],
  ['a column that is not there', ['--data', 'all.csv', '--output', 'x.json', '--by', 'regoin'], 'PROFILE_COLUMN_NOT_FOUND'],
  ['a column twice', ['--data', 'all.csv', '--output', 'x.json', '--by', 'region,region'], 'PROFILE_BY'],
  ['windows without a time', ['--data', 'all.csv', '--output', 'x.json', '--window', '1d'], 'FLAG_NEEDS_OTHER'],
  ['a time without windows', ['--data', 'all.csv', '--output', 'x.json', '--time', 'at'], 'FLAG_NEEDS_OTHER'],
  ['a window of nothing', ['--data', 'all.csv', '--output', 'x.json', '--window', '0d', '--time', 'at'], 'WINDOW_INVALID'],
  ['a window in words', ['--data', 'all.csv', '--output', 'x.json', '--window', 'day', '--time', 'at'], 'WINDOW_INVALID'],
  ['a time that is a text', ['--data', 'all.csv', '--output', 'x.json', '--window', '1d', '--time', 'region'], 'PROFILE_TIME_TYPE'],
  ['one profile to merge', ['merge', 'a.json', '--output', 'x.json'], 'FILES_MISSING'],
  ['data to merge', ['merge', 'a.csv', 'b.csv', '--output', 'x.json'], 'PROFILE_INVALID'],
  ['a profile that is not there', ['show', 'none.json'], 'PROFILE_NOT_FOUND'],
  ['two profiles to show', ['show', 'a.json', 'b.json'], 'FILES_MISSING'],
])('says what is wrong and writes nothing: %s', async (_, words, code) => {
  const before = (await readdir(folder)).sort();
  await expect(weighin(...words)).rejects.toMatchObject({ name: 'UserError', code });
  expect((await readdir(folder)).sort()).toEqual(before);
});

it('refuses an edited profile, and profiles that count different things', async () => {
  for (const name of ['a', 'b']) await weighin('--data', `${name}.csv`, '--output', `${name}.json`);
  await writeFile(join(folder, 'edited.json'), (await text('a.json')).replace('"rows":25', '"rows":26'));
  await expect(weighin('show', 'edited.json')).rejects.toMatchObject({ code: 'PROFILE_EDITED' });
  await weighin('--data', 'b.csv', '--output', 'split-b.json', '--by', 'region');
  await expect(weighin('merge', 'a.json', 'split-b.json', '--output', 'x.json')).rejects.toMatchObject({
    code: 'PROFILE_MISMATCH',
    message: 'split-b.json is split by region, the first by nothing.',
  });
});
