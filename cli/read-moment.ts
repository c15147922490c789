import { UserError } from '../shared/errors.ts';

/** A day or an ISO 8601 time of a flag; days begin in UTC, and so does a time without an offset. */
export function readMoment(text: string | undefined, flag: string): Date | undefined {
  if (text === undefined) return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  const found = day ? new Date(`${text}T00:00:00Z`) : time ? new Date(time[1] === undefined ? `${text}Z` : text) : undefined;
  if (found && !Number.isNaN(found.getTime()) && (!day || found.toISOString().startsWith(text))) return found;
  throw new UserError(
    'FLAG_INVALID',
    `--${flag} must be a day or an ISO 8601 time.`,
    `Write --${flag} 2026-01-05 or --${flag} 2026-01-05T08:00:00Z.`,
  );
}
