import type { Check } from './contract-result.ts';
import type { Counts } from './count-violations.ts';
import { type Listed, overShare } from './list-rows.ts';
import { bare, type NullShareQuestion, type RowQuestion } from './question.ts';
import { passes, percentOf, toleranceNote } from './tolerance.ts';
import { ofRows } from './wording.ts';

export function judgeRows(question: RowQuestion, failed: number, total: number, listed: Listed | undefined): Omit<Check, 'location'> {
  const { tolerance, what, rule, column } = question;
  if (question.otherType !== undefined) return judgeOtherType(question, question.otherType, failed, total, listed);
  const fine = passes(question, failed, total);
  const leaks = rule === 'LEAKAGE_FUTURE_EVENT';
  const limit = tolerance && !fine ? toleranceNote(tolerance) : '';
  const rows = listed?.first ?? '';
  const none = leaks
    ? `No row where ${what}.`
    : `${column}: ${what.startsWith('have no value') ? 'every row has a value' : `no row is ${what}`}.`;
  const some = leaks
    ? `LEAKAGE_FUTURE_EVENT rows=${failed}: ${what} in ${ofRows(failed, total)}${rows}.`
    : `${column}: ${ofRows(failed, total)} ${what}${limit}${rows}.`;
  return {
    ...bare(question),
    status: fine ? 'pass' : question.severity,
    observed: tolerance?.unit === 'percent' ? percentOf(failed, total) : failed,
    failed,
    total,
    message: failed === 0 && fine ? none : some,
    rows: [...(listed?.rows ?? [])],
    ...(listed && listed.values.length > 0 && { values: [...listed.values] }),
  };
}

/** Every row is of the wrong type; those whose text isn't even of the right one in writing are worth a look. */
function judgeOtherType(
  question: RowQuestion,
  otherType: string,
  failed: number,
  total: number,
  listed: Listed | undefined,
): Omit<Check, 'location'> {
  const rows = listed?.rows ?? [];
  return {
    ...bare(question),
    status: question.severity,
    observed: otherType.includes('VARCHAR') ? 'VARCHAR' : 'text',
    failed: total,
    total,
    message: failed === 0 ? `${otherType}.` : `${otherType}: ${ofRows(failed, total)} ${question.what}${listed?.first ?? ''}.`,
    rows: [...rows],
    ...(listed && listed.values.length > 0 && { values: [...listed.values] }),
  };
}

export function judgeNullShare(question: NullShareQuestion, counts: Counts, listed: Listed | undefined): Omit<Check, 'location'> {
  const over = overShare(question, counts);
  const shares = over.map(({ name }) => `${name}: ${((100 * (counts.missing.get(name) ?? 0)) / counts.rows).toFixed(1)}`);
  const percent = 100 * question.share;
  return {
    ...bare(question),
    column: over.length > 0 ? over.map(({ name }) => name).join(', ') : null,
    status: over.length > 0 ? 'fail' : 'pass',
    observed: over.length,
    failed: listed?.failed ?? 0,
    total: counts.rows,
    // The wording is a contract of its own: scripts look for it.
    message: over.length > 0 ? `Columns with >${percent}% nulls: {${shares.join(', ')}}` : `No column has more than ${percent} % nulls.`,
    rows: [...(listed?.rows ?? [])],
  };
}
