import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import type { CommandIo } from '../../../cli/command.ts';
import { command, run } from '../../../cli/commands/drift.ts';
import { parseArguments } from '../../../cli/parse-arguments.ts';
import { driftReportSchema } from '../../../shared/drift/drift-report.ts';
import { silent } from '../../../shared/pipeline/progress.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { rows, table } from './drift-tables.ts';

const cwd = ownFolder('drift-command');

/** The command as the terminal calls it. */
async function weighin(...words: string[]) {
  const printed: string[] = [];
  let json: unknown;
  const { args } = parseArguments(words, command);
  const io: CommandIo = {
    cwd,
    env: {},
    configFile: 'weighin.yaml',
    version: '0.0.0',
    colors: createColors(false),
    columns: 80,
    progress: silent,
    wantsJson: true,
    print: (text) => printed.push(text),
    writeJson: async (value) => {
      json = value;
    },
  };
  const exit = await run(args as never, io);
  return { exit, text: printed.join('\n'), json };
}

describe('weighin drift', () => {
  let before: string;
  let moved: string;
  let small: string;
  beforeAll(async () => {
    before = await table(rows(2000, "u AS amount, 'p' || (i % 3) AS plan, i AS id"));
    moved = await table(rows(2000, "u + 0.4 AS amount, 'p' || (i % 3) AS plan, i AS id"));
    small = await table(rows(2000, "u + 0.05 AS amount, 'p' || (i % 3) AS plan, i AS id"));
  });

  it('answers 1 for drift, 0 for a shift and for nothing, and says the verdict first', async () => {
    const drifted = await weighin('--reference', before, '--current', moved);
    expect(drifted.exit).toBe(1);
    expect(drifted.text.split('\n')[0]).toMatch(/amount/);
    expect(driftReportSchema.parse(drifted.json).verdict).toBe('fail');
    expect((await weighin('--reference', before, '--current', small)).exit).toBe(0);
    const same = await weighin('--reference', before, '--current', before);
    expect(same.exit).toBe(0);
    expect(driftReportSchema.parse(same.json).headline).toMatch(/^no drift in 2 columns/);
  });
  it('tells no age from a column without times', async () => {
    const asked = ['--reference', before, '--current', moved, '--max-age', '2d', '--time'];
    await expect(weighin(...asked, 'amount')).rejects.toMatchObject({
      code: 'DRIFT_TIME_TYPE',
      message: expect.stringContaining('number'),
    });
  });
  it('writes HTML and Markdown whole', async () => {
    await weighin('--reference', before, '--current', moved, '--html', 'out/drift.html', '--markdown', 'out/drift.md');
    expect(readFileSync(join(cwd, 'out/drift.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/i);
    expect(readFileSync(join(cwd, 'out/drift.md'), 'utf8')).toContain('amount');
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['drift.html', 'drift.md']);
  });
  it('leaves nothing where it can not write, and says where', async () => {
    mkdirSync(join(cwd, 'taken.html', 'inside'), { recursive: true });
    await expect(weighin('--reference', before, '--current', moved, '--html', 'taken.html')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    expect(readdirSync(cwd).filter((name) => name.includes('draft'))).toEqual([]);
    await expect(weighin('--reference', before, '--current', 'gone.csv', '--html', 'never.html')).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    expect(existsSync(join(cwd, 'never.html'))).toBe(false);
  });
  it('refuses what does not go together', async () => {
    const both = ['--reference', before, '--current', moved];
    await expect(weighin(...both, '--window', '1d')).rejects.toMatchObject({ code: 'FLAG_MISSING' });
    await expect(weighin(...both, '--window', 'soon', '--time', 'id')).rejects.toMatchObject({ code: 'DURATION_INVALID' });
    await expect(weighin(...both, '--column-method', 'amount')).rejects.toMatchObject({ code: 'COLUMN_METHOD_INVALID' });
    await expect(weighin(...both, '--importance', 'nowhere.json')).rejects.toMatchObject({ code: 'IMPORTANCE_INVALID' });
    await expect(weighin(...both, '--window', '1d', '--time', 'amount')).rejects.toMatchObject({ code: 'PROFILE_TIME_TYPE' });
    await expect(weighin(...both, '--contract', 'nowhere.yaml')).rejects.toMatchObject({ code: 'CONTRACT_NOT_FOUND' });
  });
});
