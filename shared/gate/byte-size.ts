import { parseBytes } from '../config/quantities.ts';
import { UserError } from '../errors.ts';

/** Bytes of `50MB`, `1.5 GiB` or a plain number; a gate may come from elsewhere than the checked config. */
export function byteSize(limit: number | string): number {
  try {
    return parseBytes(limit);
  } catch {
    throw new UserError('GATE_BAD_SIZE', `"${limit}" is no size.`, 'Write bytes, or a size such as 50MB or 1.5GiB.');
  }
}
