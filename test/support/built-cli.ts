import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The bundle as users run it. `npm test` builds it first; WEIGHIN_DIST points a single test run at another build. */
const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');

export interface CliAnswer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliCall {
  readonly cwd: string;
  /** Beside PATH and HOME: nothing of the machine's own CI or colours leaks in. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `weighin …words` as a process of its own. */
export function weighin(words: readonly string[], { cwd, env = {} }: CliCall): Promise<CliAnswer> {
  const bundle = join(dist, 'cli.js');
  if (!existsSync(bundle)) throw new Error(`${bundle} is not there: run \`npm run build\` first.`);
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((answer, failed) => {
    const child = spawn(process.execPath, [bundle, ...words], { cwd, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', failed);
    child.on('close', (status) => answer({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
  });
}
