import * as core from '@actions/core';

/** A remark at a line of a file, as GitHub shows it in the diff of a pull request. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** Relative to the repository. */
  readonly file?: string | null | undefined;
  readonly line?: number | null | undefined;
}

const levels = ['error', 'warning', 'notice'] as const;

const write = { error: core.error, warning: core.warning, notice: core.notice };

/** GitHub keeps 50 a job, the rest would vanish in silence: the worst come first, and the last one says how many are left out. */
export const annotationLimit = 50;

export function annotate(found: readonly Annotation[]): void {
  const sorted = levels.flatMap((level) => found.filter((annotation) => annotation.level === level));
  const shown = sorted.length > annotationLimit ? sorted.slice(0, annotationLimit - 1) : sorted;
  for (const { level, title, message, file, line } of shown)
    write[level](message, { title, ...(file ? { file } : {}), ...(file && line ? { startLine: line } : {}) });
  if (shown.length < sorted.length)
    core.notice(`${sorted.length - shown.length} more findings are in the report.`, { title: 'More in the report' });
}
