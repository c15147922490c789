import type { Report } from './report.ts';

/** Every notice of a run once: steps keep their own, and the report gathers them. */
export function allNotices({ notices, dataset, training, evaluation }: Report): Report['notices'] {
  const gathered = [...notices, ...(dataset?.notices ?? []), ...(training?.notices ?? []), ...(evaluation?.notices ?? [])];
  return [...new Map(gathered.map((notice) => [`${notice.code} ${notice.message}`, notice])).values()];
}
