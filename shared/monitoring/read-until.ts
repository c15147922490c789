import { UserError } from '../errors.ts';
import { visibleText } from '../words/visible-text.ts';

/** A moment that somebody typed: a day is its beginning in UTC. @throws UserError `UNTIL_INVALID` */
export function readUntil(text: string): Date {
  const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (/^\d{4}-\d{2}-\d{2}(?:T.*(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw new UserError('UNTIL_INVALID', `until is ${visibleText(text)}: no moment.`, 'Write it as 2026-11-21, or as 2026-11-21T06:00:00Z.');
}
