/**
 * A moment as ISO 8601 writes it, in UTC: a date (its first moment in UTC), or a date and time with `Z` or an offset. Null for anything
 * else: a time without its zone means another moment to every reader.
 */
export function readUntil(text: string): string | null {
  const found = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2}))?(?:\.\d{1,9})?(Z|[+-]\d{2}:?\d{2}))?$/i.exec(text);
  if (!found) return null;
  const [, date = '', time = '00:00', seconds = '00', zone = 'Z'] = found;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const moment = new Date(`${date}T${time}:${seconds}${offset}`);
  // Dates roll over: 31 February would be 3 March.
  const exists = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(moment.getTime()) || Number.isNaN(exists.getTime()) || exists.toISOString().slice(0, 10) !== date) return null;
  return moment.toISOString().replace('.000Z', 'Z');
}
