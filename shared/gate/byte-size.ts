import { UserError } from '../errors.ts';

const FACTORS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes of `50MB`, `1.5 GiB` or a plain number. */
export function byteSize(limit: number | string): number {
  if (typeof limit === 'number') return limit;
  const parts = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(limit);
  const factor = parts && FACTORS[parts[2]!];
  if (parts && factor) return Number(parts[1]) * factor;
  throw new UserError('GATE_BAD_SIZE', `"${limit}" is no size.`, 'Write bytes, or a size such as 50MB or 1.5GiB.');
}
