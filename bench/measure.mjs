import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The middle value; of an even number the upper one of the two. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Runs one whole process. Seconds are from before it is started to after its end; `firstOutput` is until its first byte on either
 * stream; `lines` are those of stderr with the second at which they came; `peak` is the greatest resident set in bytes, where it is asked for of a
 * Node process. `ends` are the exit codes that are no failure.
 */
export async function measure([command, ...args], { cwd = process.cwd(), env = {}, peak: wantsPeak = false, ends = [0] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-peak-'));
  const peakFile = join(folder, 'peak');
  const words = wantsPeak ? ['--import', new URL('report-peak.mjs', import.meta.url).href, ...args] : args;
  const begun = performance.now();
  const since = () => (performance.now() - begun) / 1000;
  const child = spawn(command, words, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', CI: '1', ...(wantsPeak && { WEIGHIN_PEAK: peakFile }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let firstOutput;
  let stdout = '';
  let stderr = '';
  const lines = [];
  child.stdout.on('data', (chunk) => {
    firstOutput ??= since();
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    firstOutput ??= since();
    const at = since();
    stderr += chunk;
    for (const line of String(chunk).split('\n')) if (line) lines.push({ at, line });
  });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = since();
  const peak = wantsPeak ? Number(readFileSync(peakFile, 'utf8')) : null;
  rmSync(folder, { recursive: true });
  if (!ends.includes(status)) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-2000)}`);
  return { seconds, firstOutput, stdout, lines, peak };
}

/** Ours and the peer's by turns, so that a busy minute of the machine meets both. */
export async function alternate(runs, ...jobs) {
  const found = jobs.map(() => []);
  for (let run = 0; run < runs; run++) for (const [index, job] of jobs.entries()) found[index].push(await job(run));
  return found;
}
