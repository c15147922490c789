import { visibleText } from '../words/visible-text.ts';
import type { FailureReason } from './ask-model.ts';
import type { ServingEngine } from './serving-engine.ts';

const QUIET_MS = 60_000;

/**
 * Says in the server's own output why a model gave no answer: once a minute for each version and kind, so that a model that fails on every
 * request fills no disk. Holds no value of a request: what the engine says of a node's data stays out.
 */
export function tellFailure({ settings, totals }: ServingEngine, version: string, reason: FailureReason, error: unknown): void {
  // It rests because of what was told before.
  if (reason === 'open') return;
  const code = codeOf(error);
  const key = `${version} ${reason} ${code}`;
  const now = settings.clock();
  const before = totals.failuresTold.get(key);
  if (before !== undefined && now - before < QUIET_MS) return;
  totals.failuresTold.set(key, now);
  const why = reason === 'late' ? `no answer within ${settings.timeoutMs} ms [MODEL_LATE]` : `${whyOf(error, code)} [${code}]`;
  settings.warn(`${version} failed on a request: ${why}; told once a minute, /metrics counts all.`);
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z_]{1,60}$/.test(error.code)
    ? error.code
    : 'MODEL_FAILED';

function whyOf(error: unknown, code: string): string {
  // Scores are the model's; any other text may quote what it was given.
  if (!(error instanceof Error) || !code.startsWith('SCORES_')) return 'the graph could not be computed on what it was given';
  return visibleText(error.message.split('\n')[0] ?? '')
    .replace(/\.$/, '')
    .slice(0, 300);
}
