import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Report, reportSchema } from '../../shared/report/report.ts';
import { type CliAnswer, weighin } from './built-cli.ts';

const example = join(import.meta.dirname, '../../examples/churn');

/** A copy of examples/churn as a team would have it: a Git repository with one commit, and the customers generated. */
export interface ChurnRepository {
  readonly folder: string;
  /** `weighin …words`, as a process. */
  run(...words: string[]): Promise<CliAnswer>;
  git(...words: string[]): string;
  write(name: string, text: string): void;
  read(name: string): string;
  has(name: string): boolean;
  /** Brings a file from elsewhere. */
  copyFrom(path: string, name: string): void;
  /** Replaces text that must be there. */
  edit(name: string, from: string | RegExp, to: string): void;
  commit(message: string): string;
  /** The last run's report, held against its schema. */
  report(): Report;
  /** The candidate of the last run as v1 in production, committed. */
  promote(): Promise<void>;
}

export interface ChurnOptions {
  readonly rows?: number;
  /** Replaces `trainer: logistic-regression` in the config. */
  readonly training?: string;
  readonly mode?: 'advise' | 'enforce';
}

/** Made anew for the test that asks, and gone after it. */
export function churnRepository(options: ChurnOptions = {}): ChurnRepository {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-churn-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return openChurn(folder, options);
}

/** The same in a folder that the caller owns, for tests that share one. */
export function openChurn(folder: string, { rows = 8_000, training, mode }: ChurnOptions = {}): ChurnRepository {
  cpSync(example, folder, { recursive: true, filter: (path) => !/[\\/](?:data|\.weighin)$/.test(path) });
  execFileSync(process.execPath, ['generate.mjs', String(rows)], { cwd: folder });
  const path = (name: string) => join(folder, name);
  const repository: ChurnRepository = {
    folder,
    run: (...words) => weighin(words, { cwd: folder }),
    git: (...words) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', ...words], {
        cwd: folder,
        encoding: 'utf8',
      }).trim(),
    write(name, text) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    has: (name) => existsSync(path(name)),
    copyFrom: (from, name) => cpSync(from, path(name)),
    edit(name, from, to) {
      const before = repository.read(name);
      const after = before.replace(from, () => to);
      if (after === before) throw new Error(`${name} does not hold ${from}`);
      repository.write(name, after);
    },
    commit(message) {
      repository.git('add', '--all');
      repository.git('commit', '--quiet', '--message', message);
      return repository.git('rev-parse', 'HEAD');
    },
    report: () => reportSchema.parse(JSON.parse(repository.read('.weighin/runs/churn/report.json'))),
    async promote() {
      for (const words of [['register'], ['promote', 'churn@v1', 'production']]) {
        const { status, stderr } = await repository.run(...words);
        if (status !== 0) throw new Error(`weighin ${words.join(' ')} ended with ${status}: ${stderr}`);
      }
      repository.commit('Promote churn@v1 to production');
    },
  };
  repository.edit('weighin.yaml', '../../schema/', './node_modules/weighin/schema/');
  if (training) repository.edit('weighin.yaml', '{trainer: logistic-regression}', training);
  if (mode) repository.edit('weighin.yaml', 'mode: advise', `mode: ${mode}`);
  repository.git('init', '--quiet', '--initial-branch=main');
  repository.commit('Begin');
  return repository;
}

/** `training:` for a command that is a Node script, written beside the config. */
export function nodeCommand(repository: ChurnRepository, name: string, script: string): string {
  repository.write(name, script);
  return `{command: '"${process.execPath}" ${name}'}`;
}
