import { UserError } from '../../errors.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';

/** Where a page came from and the line that is read, from 1. */
export interface PagePlace {
  readonly file: string;
  readonly line: number;
}

/** A page that is not as its format asks: what, where, what to do. Columns count characters from 1. */
export const metricsError = ({ file, line }: PagePlace, message: string, hint: string, column?: number) =>
  new UserError(
    'METRICS_INVALID',
    message.replace(/^[a-z]/, (first) => first.toUpperCase()),
    hint,
    { file, line, ...(column !== undefined && { column }) },
  );

/** Text of somebody's page within a sentence. */
export const quoteText = (text: string) => `\`${clipText(visibleText(text), 60)}\``;
