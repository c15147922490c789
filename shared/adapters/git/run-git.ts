import { execFile } from 'node:child_process';
import { InfrastructureError } from '../../errors.ts';

export interface GitAnswer {
  readonly status: number;
  readonly stdout: Buffer;
  /** In English, whatever the user's language. */
  readonly stderr: string;
}

/**
 * Runs git without a shell. A repository's own configuration may name programs (fsmonitor, pagers, external diffs): a checkout
 * of someone else's pull request must start none of them, nor may a question wait for a password or write to the index.
 */
const guarded = ['--no-pager', '--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const largestAnswer = 256 * 1024 * 1024;

export function runGit(folder: string, args: readonly string[], further: Readonly<Record<string, string>> = {}): Promise<GitAnswer> {
  const env = { ...process.env, ...further, LC_ALL: 'C', LANGUAGE: '', GIT_TERMINAL_PROMPT: '0', GIT_LITERAL_PATHSPECS: '0' };
  return new Promise((answer, failed) => {
    execFile('git', [...guarded, ...args], { cwd: folder, env, encoding: 'buffer', maxBuffer: largestAnswer }, (error, stdout, stderr) => {
      if (!error) return answer({ status: 0, stdout, stderr: stderr.toString() });
      if (typeof error.code === 'number') return answer({ status: error.code, stdout, stderr: stderr.toString() });
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      failed(
        new InfrastructureError(
          missing ? 'GIT_MISSING' : 'GIT_FAILED',
          missing ? `git could not be started in ${folder}. Is it installed, and the folder there?` : `git ${args[0]} failed in ${folder}.`,
          { cause: error },
        ),
      );
    });
  });
}

/** The answer's text; a failure of git is an error here. */
export async function askGit(folder: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runGit(folder, args);
  if (status === 0) return stdout.toString('utf8');
  throw new InfrastructureError('GIT_FAILED', `git ${args[0]} failed in ${folder}: ${firstLine(stderr)}`);
}

/** The answer's first line, or null where git says that there is none. */
export async function askGitOrNull(folder: string, args: readonly string[]): Promise<string | null> {
  const { status, stdout } = await runGit(folder, args);
  return status === 0 ? stdout.toString('utf8').replace(/\n$/, '') : null;
}

/** What `-z` gives: names of files as they are, also with line breaks, quotes or a leading dash. */
export const splitNul = (text: string): string[] => text.split('\0').filter((part) => part !== '');

export const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
