import { UserError } from '../../errors.ts';
import { formatCount } from '../../words/format-number.ts';
import type { PagePlace } from './metrics-error.ts';

/** What a page may take of whoever reads it. */
export interface PageLimits {
  readonly bytes: number;
  /** Characters of one line. */
  readonly line: number;
  readonly samples: number;
}

export const pageLimits: PageLimits = { bytes: 16 * 1024 * 1024, line: 65_536, samples: 250_000 };

export const tooManySamples = ({ file, line }: PagePlace, { samples }: PageLimits) =>
  new UserError(
    'METRICS_TOO_LARGE',
    `The page has more than ${formatCount(samples)} values.`,
    'Serve the metrics of the model on a page of their own.',
    { file, line },
  );
