import { type EventData, eventData } from '../../shared/promotion/event-data.ts';
import type { EventLine } from '../../shared/promotion/event-document.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';

type Words = { readonly [Type in keyof EventData]: (data: EventData[Type]) => string };

const v = ({ number }: { readonly number: number }) => `v${number}`;
const because = (reason: string | null) => (reason === null || reason === '' ? '' : `: “${clipText(reason, 160)}”`);
const percent = (weight: number) => `${formatCount(weight)} %`;

/** What each type of event says, in a clause whose subject is its actor or the stage. */
const words: Words = {
  'promotion.requested': ({ version, operation, reason }) =>
    `${operation === 'rollback' ? 'go back to' : 'promotion of'} v${version} asked for${because(reason)}`,
  'promotion.weighing': ({ why }) => `a weigh run was asked for: ${clipText(why, 160)}`,
  'promotion.weighed': ({ verdict, level }) => `weighed: ${verdict}, evidence ${level}`,
  'promotion.planned': ({ pull }) => `planned as pull request #${pull}`,
  'promotion.replanned': ({ pull }) => `planned anew in pull request #${pull}`,
  'approval.counted': ({ as }) => `approved, as ${clipText(as, 60)}`,
  'approval.withdrawn': () => 'an approval no longer counts',
  'gate.overridden': ({ gate, reason }) => `answered for gate ${clipText(gate, 80)}${because(reason)}`,
  'promotion.merging': () => 'every condition holds; merging',
  'promotion.merged': ({ pull }) => (pull === null ? 'merged' : `pull request #${pull} merged`),
  'promotion.started': ({ rollout }) => (rollout === null ? 'started' : `started, rollout ${clipText(rollout, 60)}`),
  'promotion.refused-at-start': ({ unmet }) => `refused at its start: ${clipText(unmet.map(({ code }) => code).join(', '), 120)}`,
  'promotion.refused': ({ why }) => `refused: ${clipText(why, 200)}`,
  'promotion.withdrawn': ({ why }) => `given up: ${clipText(why, 200)}`,
  'promotion.superseded': ({ why }) => `superseded: ${clipText(why, 200)}`,
  'rollout.began': ({ version, stable, strategy }) => `${strategy} of ${v(version)} began${stable ? `, beside ${v(stable)}` : ''}`,
  'rollout.advanced': ({ step, weight, unproven }) =>
    `step ${step + 1}: ${percent(weight)} of traffic${unproven ? ', the step before unproven for want of requests' : ''}`,
  'rollout.set': ({ weight }) => `traffic set to ${percent(weight)}`,
  'rollout.paused': ({ reason, detail }) => `rollout paused (${clipText(reason, 40)})${detail ? `: ${clipText(detail, 200)}` : ''}`,
  'rollout.resumed': () => 'rollout resumed',
  'rollout.taken-over': ({ owner }) => `${clipText(owner, 80)} took up the guard`,
  'rollout.succeeded': ({ version }) => `${v(version)} runs: the rollout is done`,
  'rollout.failed': ({ version, why }) => `the rollout of ${v(version)} failed: ${clipText(why, 200)}`,
  'rollout.rolled-back': ({ from, to, detail }) => `${v(from)} rolled back${to ? ` to ${v(to)}` : ''}: ${clipText(detail, 240)}`,
  'rollout.superseded': ({ why }) => `rollout superseded: ${clipText(why, 200)}`,
  'rollback.requested': ({ from, to, reason }) => `back from ${v(from)} to ${v(to)}${because(reason)}`,
  'rollback.recorded': ({ pull }) => `the way back is recorded${pull === null ? '' : ` in pull request #${pull}`}`,
  'hold.placed': ({ hold }) => `held${hold.until === null ? '' : ` until ${hold.until.slice(0, 16)}Z`}${because(hold.reason)}`,
  'hold.lifted': ({ holds }) => `${holds.length === 1 ? 'a hold was' : `${holds.length} holds were`} lifted`,
};

/** A sentence's rest; the type's own name where the event does not say what its type says. */
export function eventWords({ type, data }: Pick<EventLine, 'type' | 'data'>): string {
  const parsed = eventData[type].safeParse(data);
  // The schema and the words of a type are of one and the same type.
  return parsed.success ? (words[type] as (data: unknown) => string)(parsed.data) : type;
}
