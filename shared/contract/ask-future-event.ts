import type { BoundColumn } from './bind-columns.ts';
import { isMoment, isNumber } from './column-sql.ts';
import type { RowQuestion } from './question.ts';

/** Equal times pass: an event at the very moment of the label is not after it. */
export function askFutureEvent(
  event: BoundColumn,
  label: BoundColumn,
  placed: { readonly severity: 'fail' | 'warn'; readonly line: number | null },
): RowQuestion {
  const comparable = event.type === label.type || (isMoment(event) && isMoment(label)) || (isNumber(event) && isNumber(label));
  return {
    kind: 'rows',
    rule: 'LEAKAGE_FUTURE_EVENT',
    column: `${event.name}, ${label.name}`,
    severity: placed.severity,
    line: placed.line,
    // Times that can't be compared can't be shown to be in order: every row counts as violating.
    violates: comparable ? `${event.value} > ${label.value}` : 'true',
    shown: `concat_ws(' > ', ${event.cell}, ${label.cell})`,
    tolerance: null,
    expected: `${event.name} ≤ ${label.name}`,
    what: comparable
      ? `${event.name} is later than ${label.name}`
      : `${event.name} (${event.source.sqlType}) and ${label.name} (${label.source.sqlType}) can't be compared`,
  };
}
