import { parseDuration } from '../../config/quantities.ts';
import type { RunProcess } from '../../training/run-process.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { fillNames } from '../targets/fill-names.ts';
import type { CheckOutcome, RunCheck } from './guard-parts.ts';

export interface CheckSurroundings {
  readonly fetch: typeof fetch;
  readonly runProcess: RunProcess;
  /** Where commands run. */
  readonly cwd: string;
  /** What commands get of the environment: never this process's own secrets. */
  readonly env: Readonly<Record<string, string>>;
}

const usualTimeout = 30_000;
const longest = 600_000;

/** Asks whether all is well: 2xx of an address, exit code 0 of a command. Never throws: what can't be asked says no. */
export function createRunCheck({ fetch, runProcess, cwd, env }: CheckSurroundings): RunCheck {
  return async (check, version) => {
    const timeout = Math.min(longest, check.timeout === undefined ? usualTimeout : parseDuration(check.timeout));
    try {
      return 'http' in check
        ? await askAddress(fillNames(check.http, version, '`http` of a check'), timeout, fetch)
        : await askCommand(fillNames(check.command, version, '`command` of a check'));
    } catch (error) {
      return no(error instanceof Error ? error.message : String(error));
    }

    async function askCommand(command: string): Promise<CheckOutcome> {
      let last = '';
      const onLine = (line: string) => {
        if (line.trim() !== '') last = line;
      };
      const { exitCode, timedOut, signal } = await runProcess({ command, cwd, env, timeoutMs: timeout, onLine });
      const said = last === '' ? '' : `: ${last}`;
      if (exitCode === 0 && !timedOut) return { ok: true, detail: clip(`the command succeeded${said}`) };
      if (timedOut) return no(`the command took longer than ${timeout / 1000} s${said}`);
      return no(`the command ended with ${signal ?? `exit code ${exitCode}`}${said}`);
    }
  };
}

async function askAddress(address: string, timeout: number, ask: typeof fetch): Promise<CheckOutcome> {
  const place = shownAddress(address);
  try {
    // A redirect is no answer: it may lead anywhere, also to where this process alone may go.
    const response = await ask(address, { redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    await response.body?.cancel();
    return { ok: response.ok, detail: clip(`${place} answered ${response.status}`) };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return no(`${place} ${late ? `did not answer within ${timeout / 1000} s` : 'could not be reached'}`);
  }
}

/** Without user, password and query, which may hold a secret. */
function shownAddress(address: string): string {
  if (!URL.canParse(address)) return 'the address';
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

const clip = (text: string) => clipText(visibleText(text), 300);
const no = (detail: string): CheckOutcome => ({ ok: false, detail: clip(detail) });
