import { clipText, visibleText } from '../words/visible-text.ts';
import { gateRows, worstFirst } from './gate-row.ts';
import type { Report } from './report.ts';
import { sayCheck } from './words-of-contract.ts';

/** What Actions shows beside a file: `::error file=…,line=…,title=…::message`, which the writer escapes for its own format. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly file: string | null;
  readonly line: number | null;
  readonly title: string;
  readonly message: string;
}

/** GitHub shows ten of a step and fifty of a job. */
const most = 50;

/** Broken rules at their place in the contract, other gates at the policy file; worst first. Errors only where the verdict blocks. */
export function annotations(report: Report): readonly Annotation[] {
  const level = (status: string): Annotation['level'] => ((status === 'fail' || status === 'error') && report.blocks ? 'error' : 'warning');
  const line = (text: string, length: number) => clipText(visibleText(text), length);

  const checks = (report.contract?.checks ?? [])
    .filter(({ status }) => status !== 'pass')
    .map((check): Annotation => {
      const rows = check.rows.slice(0, 10).join(', ');
      return {
        level: level(check.status),
        file: check.location ? line(check.location.file, 300) : null,
        line: check.location?.line ?? null,
        title: line(`${report.model}: ${check.column ?? 'table'} breaks ${check.rule}`, 200),
        message: line(`${sayCheck(check)}.${rows ? ` Rows to look at: ${rows}.` : ''}`, 1000),
      };
    });
  const gates = worstFirst(gateRows(report))
    .filter(({ gate }) => gate.status !== 'pass' && !(gate.kind === 'contract' && checks.length > 0))
    .map(
      ({ gate, name, slice }): Annotation => ({
        level: level(gate.status),
        file: line(report.policy.file, 300),
        line: null,
        title: line(`${report.model}: ${name}${slice === null ? '' : ` in ${slice}`} ${gate.answer}`, 200),
        message: line(gate.message, 1000),
      }),
    );
  const all = [...checks, ...gates].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
  if (all.length <= most) return all;
  const left = all.length - (most - 1);
  return [
    ...all.slice(0, most - 1),
    {
      level: 'notice',
      file: null,
      line: null,
      title: line(`${report.model}: more findings`, 200),
      message: `${left} more findings are in the report.`,
    },
  ];
}
