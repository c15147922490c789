import type { Dialect } from '../query/dialect.ts';
import type { BoundColumn } from './bind-columns.ts';
import { isMoment, isNumber } from './column-sql.ts';
import type { RowQuestion } from './question.ts';

/** Equal times pass: an event at the very moment of the label is not after it. */
export function askFutureEvent(
  event: BoundColumn,
  label: BoundColumn,
  dialect: Dialect,
  placed: { readonly severity: 'fail' | 'warn'; readonly line: number | null },
): RowQuestion {
  const comparable = event.type === label.type || (isMoment(event) && isMoment(label)) || (isNumber(event) && isNumber(label));
  // Times as texts are in the order of their bytes, whatever language a database sorts by.
  const [later, earlier] = event.type === 'text' ? [event, label].map(({ text }) => dialect.bytewise(text)) : [event.value, label.value];
  return {
    kind: 'rows',
    rule: 'LEAKAGE_FUTURE_EVENT',
    column: `${event.name}, ${label.name}`,
    severity: placed.severity,
    line: placed.line,
    // Times that can't be compared can't be shown to be in order: every row counts as violating.
    violates: comparable ? `${later} > ${earlier}` : 'true',
    shown: dialect.name === 'duckdb' ? `concat_ws(' > ', ${event.cell}, ${label.cell})` : `concat_ws(' > ', ${event.text}, ${label.text})`,
    tolerance: null,
    expected: `${event.name} ≤ ${label.name}`,
    what: comparable
      ? `${event.name} is later than ${label.name}`
      : `${event.name} (${event.source.sqlType}) and ${label.name} (${label.source.sqlType}) can't be compared`,
  };
}
