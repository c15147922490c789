import { escapeHtml } from '../words/escape-html.ts';
import { clipText } from '../words/visible-text.ts';
import type { Report } from './report.ts';
import { sayCheck } from './words-of-contract.ts';

interface Case {
  readonly name: string;
  readonly seconds: number;
  /** A failure is a verdict of fail, an error one that could not be reached. */
  readonly outcome: null | { readonly kind: 'failure' | 'error'; readonly type: string; readonly message: string; readonly detail: string };
}

/** Text of attributes of the schema's type `token`: one line, single spaces, none at the ends, and not empty. */
const token = (text: string) => escapeHtml(clipText(text, 400)).replace(/ +/g, ' ').trim() || '-';

/** JUnit XML with the suites `contract`, `tests` and `gates`, as the schema that most readers follow wants it. Warnings pass. */
export function renderJunit(report: Report): string {
  const suites = [
    { name: 'contract', cases: contractCases(report) },
    { name: 'tests', cases: testCases(report) },
    { name: 'gates', cases: gateCases(report) },
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suites.map(({ name, cases }, id) => suite(name, id, cases, report)).join('')}</testsuites>
`;
}

function suite(name: string, id: number, cases: readonly Case[], report: Report): string {
  const count = (kind: string) => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const seconds = cases.reduce((sum, { seconds: one }) => sum + one, 0).toFixed(3);
  // The schema allows neither fractions of a second nor a zone.
  const timestamp = new Date(report.createdAt).toISOString().slice(0, 19);
  return `  <testsuite package="${token(`weighin.${report.model}`)}" id="${id}" name="${name}" timestamp="${timestamp}" hostname="localhost" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" time="${seconds}">
    <properties>
      <property name="verdict" value="${report.verdict}"/>
      <property name="decision" value="${report.decisionDigest}"/>
    </properties>
${cases.map((one) => testcase(one, `weighin.${report.model}.${name}`)).join('')}    <system-out/>
    <system-err/>
  </testsuite>
`;
}

function testcase({ name, seconds, outcome }: Case, classname: string): string {
  const open = `    <testcase name="${token(name)}" classname="${token(classname)}" time="${seconds.toFixed(3)}"`;
  if (!outcome) return `${open}/>\n`;
  const { kind, type, message, detail } = outcome;
  return `${open}><${kind} message="${escapeHtml(clipText(message, 1000))}" type="${token(type)}">${escapeHtml(clipText(detail, 4000))}</${kind}></testcase>\n`;
}

const kindOf = (status: string) => (status === 'fail' ? 'failure' : status === 'error' ? 'error' : null);

function contractCases({ contract }: Report): readonly Case[] {
  return (contract?.checks ?? []).map((check) => {
    const kind = kindOf(check.status);
    const where = check.location ? `${check.location.file}:${check.location.line}` : 'on by default';
    const detail = `${where}; ${check.failed} of ${check.total} rows; rows to look at: ${check.rows.join(', ') || 'none'}`;
    return {
      name: `${check.column ?? 'table'} ${check.rule}`,
      seconds: 0,
      outcome: kind && { kind, type: check.rule, message: sayCheck(check), detail },
    };
  });
}

function testCases({ tests }: Report): readonly Case[] {
  return tests.map((test) => {
    const kind = kindOf(test.status);
    const detail = [...test.failures, ...test.tail].join(' · ');
    return { name: test.name, seconds: test.seconds, outcome: kind && { kind, type: 'test', message: test.message, detail } };
  });
}

function gateCases({ gates }: Report): readonly Case[] {
  return gates.map((gate) => {
    const kind = kindOf(gate.status);
    const detail = `observed ${gate.observed ?? 'nothing'}, bound ${gate.bound ?? 'none'}, ${gate.answer}`;
    return { name: gate.id, seconds: 0, outcome: kind && { kind, type: gate.reason, message: gate.message, detail } };
  });
}
