import type { GateResult } from '../evaluation/evaluation-result.ts';
import { unmeasuredGate } from '../evaluation/unmeasured-gate.ts';
import type { CardSection } from './card-facts.ts';
import { sectionTitles } from './missing-sections.ts';

/**
 * The gate of `card.require`: fails while a required section is missing. Without `require` there is no gate (null):
 * what is missing then only stands in the card as *not stated*.
 */
export function cardGate(missing: readonly CardSection[], required: readonly CardSection[]): GateResult | null {
  if (required.length === 0) return null;
  const absent = required.filter((section) => missing.includes(section));
  const failed = absent.length > 0;
  return {
    ...unmeasuredGate,
    id: 'card',
    kind: 'card',
    metric: 'card',
    rule: 'require',
    severity: 'fail',
    status: failed ? 'fail' : 'pass',
    answer: failed ? 'incomplete' : 'complete',
    reason: failed ? 'CARD_INCOMPLETE' : 'GATE_PASSED',
    message: failed
      ? `The model card doesn't state ${absent.map((section) => sectionTitles[section]).join(', ')}, which card.require asks for.`
      : 'The model card states everything that card.require asks for.',
  };
}
