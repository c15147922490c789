import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** Bundles the process once into `folder`: Node 20 runs no TypeScript. */
export async function bundleRegistering(folder: string): Promise<string> {
  const file = join(folder, 'registering-process.mjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'registering-process.ts'), platform: 'node', logLevel: 'silent' });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return file;
}

export interface Registering {
  readonly process: ChildProcess;
  /** Starts the work; before it, the process stands ready. */
  readonly go: () => void;
  /** The numbers that it got, when it has ended, by itself or not. */
  readonly numbers: Promise<readonly number[]>;
}

export async function startRegistering(file: string, args: readonly (string | number)[]): Promise<Registering> {
  const child = spawn(process.execPath, [file, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdin.on('error', () => undefined);
  const numbers = new Promise<readonly number[]>((done) => {
    child.on('close', () => done([...output.matchAll(/^v(\d+)$/gm)].map((found) => Number(found[1]))));
  });
  await new Promise<void>((ready, failed) => {
    child.on('error', failed);
    child.on('close', () => failed(new Error('The process ended before it was ready.')));
    child.stdout.on('data', (text: string) => {
      output += text;
      if (output.includes('ready')) ready();
    });
  });
  return { process: child, go: () => child.stdin.end('\n'), numbers };
}
