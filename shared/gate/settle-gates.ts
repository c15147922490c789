import { adjust } from '../statistics/multiplicity.ts';
import { type Answer, answerOf, type Finding, type Question } from './judge.ts';

export interface Settled {
  readonly status: 'pass' | 'warn' | 'inconclusive' | 'fail';
  readonly mark: 'not shown' | null;
  readonly answer: Answer;
  /** After the family's correction; null for gates that are in none. */
  readonly adjustedP: number | null;
}

export type HarmMultiplicity = 'holm' | 'none' | 'bh';

/**
 * Settles gates together: safe gates each by its own bound (an intersection–union test needs no correction, Berger 1982), harm
 * gates by the p adjusted over their family. Gates that stop and gates that warn are two families; in a family are those with
 * rows enough and a p. Benjamini–Hochberg is for warnings alone: what stops stays on Holm.
 */
export function settleGates(
  gates: readonly { readonly question: Question; readonly finding: Finding }[],
  multiplicity: HarmMultiplicity,
): Settled[] {
  const adjusted = new Array<number | null>(gates.length).fill(null);
  for (const severity of ['fail', 'warn'] as const) {
    const members = gates.flatMap(({ question, finding }, index) =>
      question.severity === severity && isMember(question, finding) ? [{ index, p: finding.p! }] : [],
    );
    const method = multiplicity === 'bh' && severity === 'fail' ? 'holm' : multiplicity;
    adjust(
      members.map(({ p }) => p),
      method,
    ).forEach((p, place) => {
      adjusted[members[place]!.index] = p;
    });
  }
  return gates.map(({ question, finding }, index) => settle(question, finding, adjusted[index]!));
}

const isMember = ({ prove, decide }: Question, { short, identical, estimate, p }: Finding): boolean =>
  prove === 'harm' && decide === 'bound' && (!short || identical) && estimate !== null && p !== null;

function settle(question: Question, finding: Finding, adjustedP: number | null): Settled {
  const answer = answerOf(question, finding);
  const as = (status: 'pass' | 'inconclusive' | 'fail', mark: 'not shown' | null = null): Settled => ({
    status: status !== 'pass' && question.severity === 'warn' ? 'warn' : status,
    mark,
    answer,
    adjustedP,
  });
  if (answer === 'pass') return as('pass');
  if (question.decide === 'point') return as(answer === 'beyond' ? 'fail' : 'inconclusive');
  if (question.prove === 'safe') return as(answer === 'beyond' ? 'fail' : 'inconclusive');
  const shown = adjustedP === null ? answer === 'beyond' : adjustedP < question.alpha;
  return shown ? as('fail') : as('pass', 'not shown');
}
