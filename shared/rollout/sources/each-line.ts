import { UserError } from '../../errors.ts';
import { formatCount } from '../../words/format-number.ts';
import type { PageLimits } from './page-limits.ts';

/** The lines of a page, from 1, without their breaks; what follows the last break is a line where there is something. */
export function* eachLine(
  text: string,
  file: string,
  { line: longest }: PageLimits,
): Iterable<{ readonly text: string; readonly number: number }> {
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    number++;
    if (end - start > longest)
      throw new UserError(
        'METRICS_TOO_LARGE',
        `A line has ${formatCount(end - start)} characters; ${formatCount(longest)} are read.`,
        'Shorten labels and HELP.',
        { file, line: number },
      );
    yield { text: text.slice(start, end), number };
    start = end + 1;
  }
}
