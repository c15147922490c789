/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable: `PROMOTION_NOT_REQUIRED`. */
  readonly code: string;
  /** ok · wrong: it protects nothing, or stops everybody · advice: better otherwise · unknown: could not be asked. */
  readonly status: 'ok' | 'wrong' | 'advice' | 'unknown';
  /** One sentence: what is so. */
  readonly says: string;
  /** What to do about it: what to click or write. */
  readonly fix?: string;
  /** The page where it is done. */
  readonly url?: string;
}

export const ok = (code: string, says: string): Finding => ({ code, status: 'ok', says });
export const unknown = (code: string, says: string, why: string): Finding => ({
  code,
  status: 'unknown',
  says: `${says} could not be asked: ${why}`,
});
const found =
  (status: Finding['status']) =>
  (code: string, says: string, fix: string, url?: string | null): Finding => ({
    code,
    status,
    says,
    fix,
    ...(url && { url }),
  });
export const wrong = found('wrong');
export const advice = found('advice');
