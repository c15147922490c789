/** One thing that was looked at. `open`: it could not be asked, or there is nothing to hold it against. */
export interface Proof {
  /** Stable, for scripts: `MODEL_BYTES`, `RECORD`, `REPORT_BYTES`, `DECISION`, `EVIDENCE` … */
  readonly code: string;
  readonly status: 'proved' | 'broken' | 'open';
  /** One sentence. */
  readonly says: string;
  /** What it digests to, where it has bytes. */
  readonly digest: string | null;
}

export const proved = (code: string, says: string, digest: string | null = null): Proof => ({ code, status: 'proved', says, digest });
export const broken = (code: string, says: string, digest: string | null = null): Proof => ({ code, status: 'broken', says, digest });
export const open = (code: string, says: string): Proof => ({ code, status: 'open', says, digest: null });
