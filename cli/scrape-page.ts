import { UserError } from '../shared/errors.ts';
import type { CommandIo, ExitCode } from './command.ts';

/** `weighin rollout scrape URL|FILE`. */
export async function scrapePage({ page }: { readonly page: string | undefined }, _io: CommandIo): Promise<ExitCode> {
  if (page === undefined)
    throw new UserError(
      'PAGE_MISSING',
      'No page of metrics is named.',
      'Write `weighin rollout scrape http://host:9102/metrics`, a file, or `-` for standard input.',
    );
  return 0;
}
