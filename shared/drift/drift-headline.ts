import { formatMany, formatPercent } from '../words/format-number.ts';
import { visibleText } from '../words/visible-text.ts';
import type { DriftReport } from './drift-report.ts';

/** One sentence that names what moved most. Plain text: whoever shows it escapes it. */
export function driftHeadline({ dataset, columns, findings, verdict, model }: Omit<DriftReport, 'headline'>): string {
  const subject = model ? `${visibleText(model)}: ` : '';
  const { compared, drift, shift, notTested } = dataset.columns;
  if (verdict === 'inconclusive') return `${subject}not enough data: ${formatMany(notTested, 'column')}, none could be tested`;
  const [first] = columns;
  const most =
    first && first.level !== 'none'
      ? ` (most: ${visibleText(first.column)}${first.effect === null ? '' : `, ${formatPercent(first.effect)} of the rows`})`
      : '';
  const moved = [
    drift > 0 ? `${drift} of ${formatMany(compared, 'column')} drifted` : '',
    shift > 0 ? `${drift > 0 ? shift : `${shift} of ${formatMany(compared, 'column')}`} shifted` : '',
  ].filter(Boolean);
  const told = findings.filter(({ level }) => level !== 'none');
  const alarms = told.filter(({ level }) => level === 'drift').length;
  const beside =
    told.length === 0
      ? ''
      : `${formatMany(told.length, 'finding')}${alarms > 0 && drift === 0 ? `, first: ${told[0]?.message ?? ''}` : ''}`;
  const parts = [moved.length > 0 ? `${moved.join(', ')}${most}` : '', beside].filter(Boolean);
  return subject + (parts.length > 0 ? parts.join('; ').replace(/\.$/, '') : `no drift in ${formatMany(compared, 'column')}`);
}
