import { describe, expect, it } from 'vitest';
import { type LiveDocument, type Phase, phases, terminalPhases } from '../../../../shared/promotion/live-document.ts';
import type { RolloutEvent } from '../../../../shared/rollout/engine/rollout-event.ts';
import { pending, quick, say, setTo, simulate, unwritable } from './simulated-rollout.ts';

const made = new Map<Phase, ReturnType<typeof lead>>();

/** A rollout in each phase. The way there is gone once; documents are never changed, so they can be handed out again. */
function inPhase(phase: Phase) {
  const first = made.get(phase) ?? lead(phase);
  made.set(phase, first);
  const { live, now, observed, readAt } = first;
  return Object.assign(simulate(pending(quick())), { live, now, observed, readAt, answerCheck: null });
}

/** As it gets there by itself. */
function lead(phase: Phase) {
  const verifyAfter = phase === 'verifying' ? [{ command: 'smoke' }] : [];
  const rollout = simulate(pending(quick(), { verifyAfter }));
  if (phase === 'idle') {
    rollout.live = { ...rollout.live, phase: 'idle', candidate: null, weight: null };
    return rollout;
  }
  if (phase === 'pending') return rollout;
  rollout.answerCheck = null;
  rollout.begin().pass(60);
  switch (phase) {
    case 'shifting':
      rollout.pass(230);
      rollout.isStuck = true;
      rollout.tick();
      break;
    case 'paused':
      rollout.reduce(say('pause', 90));
      break;
    case 'promoting':
      rollout.until(() => rollout.live.step === 2 && rollout.live.guardedSeconds >= 290, 1);
      rollout.isStuck = true;
      rollout.tick();
      break;
    case 'verifying':
    case 'succeeded':
      rollout.untilPhase(phase, 1);
      break;
    case 'rolling-back':
    case 'rolled-back':
      rollout.isStuck = phase === 'rolling-back';
      rollout.reduce(say('abort', 90));
      rollout.tick();
      break;
    case 'superseded':
      rollout.reduce(say('supersede', 90));
      rollout.tick();
      break;
    case 'failed': {
      const first = simulate(pending(quick(), { stable: 0, verifyAfter: [{ command: 'smoke' }] }));
      first.answerCheck = null;
      first.begin();
      first.reduce(say('abort', 90));
      return first;
    }
    default:
      break;
  }
  rollout.isStuck = false;
  return rollout;
}

const events: readonly (readonly [string, RolloutEvent])[] = [
  ['begin', { is: 'begin', owner: 'host-1', history: {}, historyBucketSeconds: 300 }],
  ['taken-over', { is: 'taken-over', owner: 'host-2' }],
  ['checked', { is: 'checked', key: 'churn.production.42/after/1', ok: true, detail: 'HTTP 200' }],
  ['checked no', { is: 'checked', key: 'churn.production.42/after/1', ok: false, detail: 'HTTP 500' }],
  ['pause', say('pause')],
  ['resume', say('resume')],
  ['promote', say('promote')],
  ['abort', say('abort')],
  ['set 10', setTo(10)],
  ['set 100', setTo(100)],
  ['supersede', say('supersede')],
];

/** The phase that each event leads to, or the code of its refusal; `=` stays. A tick with good counts is in the last column. */
const table: Readonly<Record<Phase, readonly string[]>> = {
  // begin, taken-over, checked, checked no, pause, resume, promote, abort, set 10, set 100, supersede, tick
  idle: ['=', '=', '=', '=', ...Array<string>(7).fill('NO_ROLLOUT'), '='],
  pending: ['shifting', '=', '=', '=', 'paused', 'NOT_PAUSED', 'NOT_BEGUN', 'rolled-back', 'NOT_BEGUN', 'NOT_BEGUN', 'superseded', '='],
  shifting: ['=', '=', '=', '=', 'paused', 'NOT_PAUSED', '=', 'rolling-back', '=', '=', 'rolling-back', '='],
  verifying: [
    '=',
    '=',
    'succeeded',
    'rolling-back',
    'paused',
    'NOT_PAUSED',
    'ALREADY_PROMOTED',
    'rolling-back',
    'ALREADY_PROMOTED',
    'ALREADY_PROMOTED',
    'rolling-back',
    '=',
  ],
  analysing: ['=', '=', '=', '=', 'paused', 'NOT_PAUSED', 'shifting', 'rolling-back', 'shifting', 'shifting', 'rolling-back', '='],
  promoting: [
    '=',
    '=',
    '=',
    '=',
    'paused',
    'NOT_PAUSED',
    'ALREADY_PROMOTED',
    'rolling-back',
    'ALREADY_PROMOTED',
    'ALREADY_PROMOTED',
    'rolling-back',
    '=',
  ],
  paused: ['=', '=', '=', '=', 'ALREADY_PAUSED', 'analysing', 'shifting', 'rolling-back', '=', 'PAUSED', 'rolling-back', '='],
  'rolling-back': ['=', '=', '=', '=', ...Array<string>(6).fill('ROLLBACK_IN_PROGRESS'), '=', '='],
  succeeded: ['=', '=', '=', '=', ...Array<string>(7).fill('NO_ROLLOUT'), '='],
  'rolled-back': ['=', '=', '=', '=', ...Array<string>(7).fill('NO_ROLLOUT'), '='],
  superseded: ['=', '=', '=', '=', ...Array<string>(7).fill('NO_ROLLOUT'), '='],
  failed: ['=', '=', '=', '=', ...Array<string>(7).fill('NO_ROLLOUT'), '='],
};

describe.each(phases.map((phase) => [phase] as const))('in phase %s', (phase) => {
  it('is a rollout that got there', () => {
    expect(inPhase(phase).live.phase).toBe(phase);
  });

  it.each(events.map(([name, event], index) => [name, table[phase][index] ?? '?', event] as const))(
    '%s leads to %s',
    (_, wanted, event) => {
      const rollout = inPhase(phase);
      const before = rollout.live;
      rollout.isStuck = true;
      const result = rollout.reduce(event);
      if (/^[A-Z_]+$/.test(wanted)) {
        expect(result.refusal).toMatchObject({
          code: wanted,
          message: expect.stringMatching(/churn production/) as unknown,
          next: expect.stringMatching(/./) as unknown,
        });
        expect(result).toMatchObject({ live: before, events: [], record: false });
      } else {
        expect(result.refusal).toBeNull();
        expect(result.live.phase).toBe(wanted === '=' ? phase : wanted);
        if (wanted !== '=') expect(result.record).toBe(true);
      }
      expect(unwritable(result.live)).toEqual([]);
      // Once more: nothing.
      const after = rollout.live;
      const again = rollout.reduce(event);
      expect(again.events).toEqual([]);
      expect({ ...again.live, revision: 0 }).toEqual({ ...after, revision: 0 });
    },
  );

  it('a tick that repeats itself changes nothing', () => {
    const rollout = inPhase(phase);
    const reading = terminalPhases.includes(phase) ? null : rollout.reading();
    rollout.isStuck = true;
    const tick: RolloutEvent = { is: 'tick', owner: 'host-1', reading, observed: rollout.look() };
    rollout.now += 10_000;
    rollout.reduce(tick);
    const { live } = rollout;
    const counted = (document: LiveDocument) => ({ ...document, revision: 0 });
    const again = rollout.reduce(tick);
    expect(again.events).toEqual([]);
    expect(counted(again.live)).toEqual(counted(live));
  });
});
