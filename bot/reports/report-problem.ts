import { UserError } from '../../shared/errors.ts';

/** Why something that was handed in is not shown, or is shown with a warning. `code` is stable. */
export interface ReportProblem {
  readonly code: string;
  /** One sentence, plain text: it may name what a stranger named. */
  readonly message: string;
}

/** A mistake of whoever handed it in is told to people; a failing server is thrown on. */
export function problemOf(error: unknown): ReportProblem {
  if (error instanceof UserError) return { code: error.code, message: error.message };
  throw error;
}
