import type { Check, ContractResult } from '../contract/contract-result.ts';
import { formatCount, formatMany, formatPercent } from '../words/format-number.ts';
import { clipText } from '../words/visible-text.ts';

/** A leak is named before all else: with it no number that follows means anything. */
const urgency = ['LEAKAGE_FUTURE_EVENT', 'LEAKAGE', 'type', 'columns', 'unique', 'nulls', 'required'];
const rank = ({ rule }: Check) => {
  const place = urgency.findIndex((prefix) => rule.startsWith(prefix));
  return place < 0 ? urgency.length : place;
};

/** The failed (or warned) rules of a contract in the team's own words: column, count, rows to look at. */
export function wordsOfContract(result: ContractResult, status: 'fail' | 'warn'): { headline: string; why: string; next: string } | null {
  const broken = result.checks.filter((check) => check.status === status).sort((a, b) => rank(a) - rank(b));
  const [leading] = broken;
  if (!leading) return null;
  const more = broken.length > 1 ? `, and ${formatMany(broken.length - 1, 'more rule')} ${status === 'fail' ? 'failed' : 'warned'}` : '';
  return {
    headline: `${sayCheck(leading)}${more}`,
    why:
      broken.length > 1
        ? `${formatCount(broken.length)} of ${formatMany(result.checks.length, 'rule')} ${status === 'fail' ? 'failed' : 'warned'} on ${formatMany(result.rows, 'row')}: ${broken.slice(0, 4).map(sayCheck).join('; ')}${broken.length > 4 ? ' …' : ''}.`
        : explain(leading, result),
    next: [mend(leading), place(leading)].filter(Boolean).join(' '),
  };
}

/** One rule as a half sentence. Rows to look at are shown beside it. */
export function sayCheck({ rule, column, failed, message, total }: Check): string {
  const name = clipText(column ?? 'the table', 80);
  if (rule === 'LEAKAGE_FUTURE_EVENT') return `${eventOf(name)} is observed after its label in ${formatMany(failed, 'row')}`;
  if (rule === 'nulls' && column !== null && !column.includes(', ') && total > 0)
    return `${name} is missing in ${formatPercent(failed / total)} of rows`;
  return clipText(withoutRows(message), 200);
}

/** A check's message without its first rows and its period. */
export const withoutRows = (message: string) => message.replace(/; first rows? [\d, ]+/, '').replace(/\.?\s*$/, '');

/** A leak is between two columns: the event, and the label's time. */
const eventOf = (columns: string) => columns.split(', ')[0] ?? columns;

function explain(check: Check, { rows }: ContractResult): string {
  if (check.rule === 'LEAKAGE_FUTURE_EVENT')
    return `${formatCount(check.failed)} of ${formatMany(rows, 'row')} hold a value that was not known yet when the label was: a model trained on it looks good here and fails in use.`;
  if (check.failed === 0) return `${withoutRows(check.message)}.`;
  return `${formatCount(check.failed)} of ${formatMany(check.total, 'row')} break the rule \`${check.rule}\`.`;
}

function mend({ rule, column }: Check): string {
  const name = clipText(column ?? 'the table', 80);
  if (rule === 'LEAKAGE_FUTURE_EVENT')
    return `Take ${eventOf(name)} as it was known at prediction time (a point-in-time join), or leave it out with \`exclude\`.`;
  return 'Mend the data where it is made, or change the contract on the default branch if the rule is wrong.';
}

function place({ rows, failed, location }: Check): string {
  const shown = rows.slice(0, 5);
  const at = shown.length === 0 ? '' : `Look at row${shown.length > 1 ? 's' : ''} ${shown.join(', ')}${failed > shown.length ? ' …' : ''}`;
  const rule = location === null ? '' : `the rule stands at ${location.file}:${location.line}`;
  if (at && rule) return `${at}; ${rule}.`;
  return at ? `${at}.` : rule ? `${rule[0]?.toUpperCase()}${rule.slice(1)}.` : '';
}
