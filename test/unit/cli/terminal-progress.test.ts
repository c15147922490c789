import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import { createTerminalProgress } from '../../../cli/terminal-progress.ts';

let written = '';
let clock = 0;
const open = (live: boolean, columns = 80) =>
  createTerminalProgress({
    write(text) {
      written += text;
    },
    live,
    colors: createColors(false),
    columns: () => columns,
    now: () => clock,
  });

beforeEach(() => {
  written = '';
  clock = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

/** What a terminal shows of it: the live line is overwritten in place. */
const screen = () =>
  written.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[2K') < 0 ? 0 : line.lastIndexOf('\u001b[2K') + 4));

it('writes quiet lines where nobody watches', () => {
  const progress = open(false);
  progress.step('dataset', 'data.csv');
  progress.note('700 rows to train');
  progress.warn('rows dropped');
  progress.step('training');
  progress.end();
  expect(written).toBe('dataset: data.csv\n  700 rows to train\nwarning: rows dropped\ntraining\n');
});

it('keeps one live line with its seconds on a terminal, and a line for what is over', () => {
  const progress = open(true);
  progress.step('dataset', 'data.csv');
  expect(screen()).toEqual(['› dataset  data.csv']);
  clock = 3_200;
  vi.advanceTimersByTime(1_000);
  expect(screen()).toEqual(['› dataset  data.csv 3 s']);
  progress.note('700 rows');
  expect(screen()).toEqual(['  700 rows', '› dataset  data.csv 3 s']);
  progress.step('training');
  clock = 78_200;
  progress.end(true);
  expect(screen()).toEqual(['  700 rows', '✓ dataset  data.csv  3.2 s', '✖ training  1 min 15 s', '']);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not let a long line wrap, which would break the redrawing', () => {
  const progress = open(true, 40);
  progress.step('training', 'python train.py '.repeat(20));
  clock = 100_000;
  vi.advanceTimersByTime(1_000);
  expect(Math.max(...screen().map((line) => line.length))).toBeLessThan(40);
  progress.end();
  expect(Math.max(...screen().map((line) => line.length))).toBeLessThan(40);
});

it.each([true, false])('shows control characters of commands instead of obeying them (live: %s)', (live) => {
  const progress = open(live);
  progress.step('training', 'a\u001b[2Jb');
  progress.note('50 %\r100 %\u001b]0;title\u0007');
  progress.end();
  const text = written.replaceAll('\r\u001b[2K', '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(text).toContain('50 % 100 %⟨U+001B⟩]0;title⟨U+0007⟩');
});

it('ends silently where nothing began', () => {
  open(true).end();
  expect(written).toBe('');
});
