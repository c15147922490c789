import { describe, expect, it } from 'vitest';
import { boardOf } from '../../../../bot/board/board-of.ts';
import { eventWords } from '../../../../bot/board/event-words.ts';
import { renderLive } from '../../../../bot/board/render-board.ts';
import { pauseAdvice, pauseTitle, stopAdvice, stopTitle } from '../../../../bot/board/trouble-words.ts';
import { parseComment } from '../../../../bot/commands/parse-comment.ts';
import type { RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import { eventTypes } from '../../../../shared/promotion/event-document.ts';
import { pauseReasons, stopReasons } from '../../../../shared/rollout/engine/engine-state.ts';
import { firstEngine } from '../../../../shared/rollout/engine/first-engine.ts';
import {
  ago,
  anna,
  boardNow,
  busyFacts,
  canary,
  event,
  factsOf,
  type GivenStage,
  heard,
  live,
  look,
  metric,
  planned,
  rolling,
  v,
  watch,
  workspaceOf,
} from '../../../support/board/board-facts.ts';

const id = 'churn.production.42';
const one = (given: GivenStage, more: Parameters<typeof factsOf>[1] = {}) => {
  const board = boardOf(factsOf({ 'churn production': given }, more));
  const stage = board.models[0]?.stages[0];
  if (!stage) throw new Error('there is one stage');
  return { board, stage, rollout: stage.rollout };
};

describe('boardOf', () => {
  it('has one place a model, production first, the rest as weighin.yaml has them', () => {
    const board = boardOf(factsOf({ 'churn dev': {}, 'churn staging': {}, 'churn production': {}, 'eta production': {} }));
    expect(board.models.map(({ name, stages }) => [name, ...stages.map(({ stage }) => stage)])).toEqual([
      ['churn', 'production', 'dev', 'staging'],
      ['eta', 'production'],
    ]);
  });

  it('says what runs and since when, by the version that runs and not the newest that did', () => {
    const verified = [v(11), v(12), v(11)].map((version, index) => ({ ...version, generation: 40 + index, at: ago(100 - index) }));
    expect(one({ live: live('churn', 'production', { stable: v(11), verified }) }).stage.runs).toEqual({ version: 11, since: ago(98) });
  });

  it('says what to do where nothing runs, and names the newest version', () => {
    const { stage, board } = one({ live: null });
    expect(stage.standing).toBe('empty');
    expect(stage.begin?.commands).toEqual(['/weighin promote churn@v13 production']);
    expect(board.says).toBe('nothing runs yet');
    expect(one({ live: null }, { known: new Map() }).stage.begin).toEqual({
      says: 'wait for the first version of churn: the weigh run on the default branch registers it.',
      commands: [],
    });
  });

  it('says why nothing is shown where weighin.yaml cannot be read', () => {
    const board = boardOf(factsOf({}, { workspace: workspaceOf({}, 'line 3: what is `modles`?') }));
    expect([board.standing, board.says, board.why]).toEqual(['broken', 'weighin.yaml can’t be read', 'line 3: what is `modles`?']);
  });

  it('tells a stage that cannot be read, and shows the others', () => {
    const broken = () => {
      throw new Error('live/churn/dev.json is not what the bot writes');
    };
    const board = boardOf(factsOf({ 'churn dev': { live: broken }, 'churn production': { live: live('churn', 'production') } }));
    expect(board.models[0]?.stages.map(({ standing }) => standing)).toEqual(['steady', 'broken']);
    expect(board.why).toContain('not what the bot writes');
  });

  it('puts what nobody guards before everything else, then what is paused, then drift', () => {
    const board = boardOf(busyFacts());
    expect(board.models.flatMap(({ stages }) => stages.map(({ model, stage, standing }) => `${model} ${stage} ${standing}`))).toEqual([
      'churn production moving',
      'churn staging steady',
      'eta production drift',
      'fraud production unguarded',
    ]);
    expect(board.says).toBe('fraud production: nobody guards v4');
    expect(board.why).toMatch(/ 1 other stage needs a look too; 1 promotion waits\.$/);
  });
});

describe('a rollout on the board', () => {
  it('shows the steps that are done, the one that it is in, and those to come', () => {
    const { rollout } = one({ live: rolling('churn', 'production') });
    expect(rollout?.steps.map(({ weight, hold, state }) => `${weight} ${hold} ${state}`)).toEqual([
      '5 3600 done',
      '15 3600 now',
      '30 3600 next',
      '50 3600 next',
      '75 3600 next',
      '100 3600 next',
    ]);
    expect(rollout?.steps[1]?.guarded).toBe(1520);
    expect(rollout?.says).toBe('v13 answers 15 % of production, step 2 of 6.');
  });

  it('has begun no step while it waits for a guard or is checked first', () => {
    const waiting = { weight: null, step: 0, guard: null } as const;
    const pending = one({ live: rolling('churn', 'production', { steps: [] }, { ...waiting, phase: 'pending' }) });
    expect(pending.rollout?.steps.every(({ state }) => state === 'next')).toBe(true);
    expect(pending.rollout?.guard).toMatchObject({ from: 'nothing', at: null });
    expect(pending.stage.standing).toBe('moving');
    const checked = one({ live: rolling('churn', 'production', { steps: [] }, { ...waiting, phase: 'verifying' }) });
    expect(checked.rollout?.steps.every(({ state }) => state === 'next')).toBe(true);
    expect(checked.rollout?.says).toBe('v13 is being checked before traffic moves.');
  });

  it('shows a weight that a person set in place of the step’s own', () => {
    const { rollout } = one({
      live: rolling('churn', 'production', { override: 20 }, { weight: { desired: 20, observed: 15, at: null } }),
    });
    expect(rollout?.steps[1]?.weight).toBe(20);
    expect(rollout?.traffic).toEqual({ wanted: 20, seen: 15, mirror: false });
  });

  it('believes a heartbeat over an older record, and a newer record over a heartbeat', () => {
    const beat = heard(id, { step: 2, weight: { desired: 30, observed: 30 }, held: { seconds: 60, of: 3600 } });
    const fresh = one({ live: rolling('churn', 'production') }, { heard: () => beat }).rollout;
    expect([fresh?.guard?.from, fresh?.guard?.at, fresh?.traffic?.seen, fresh?.steps[2]?.state]).toEqual(['heartbeat', ago(4), 30, 'now']);
    expect(fresh?.metrics[1]?.candidate).toEqual({ bad: 60, total: 7655 });
    const guard = { driver: 'server', owner: 'other', lastAt: ago(1), maxSilenceS: 60 };
    const recorded = one({ live: rolling('churn', 'production', {}, { guard }) }, { heard: () => beat }).rollout;
    expect([recorded?.guard?.from, recorded?.guard?.owner, recorded?.traffic?.seen]).toEqual(['record', 'other', 15]);
    expect(recorded?.metrics[1]?.candidate).toEqual({ bad: 58, total: 7412 });
  });

  it('takes no heartbeat of another rollout, and none once the rollout is over', () => {
    const other = one({ live: rolling('churn', 'production') }, { heard: () => heard('churn.production.41') });
    expect(other.rollout?.guard?.from).toBe('record');
    const over = live('churn', 'production', { generation: 42, rolloutId: id });
    expect(one({ live: over }, { heard: () => heard(id) }).rollout).toBe(null);
  });

  it.each([
    ['a heartbeat older than maxSilence', 61, true],
    ['a heartbeat as old as maxSilence', 60, false],
  ])('calls it unguarded after %s', (_what, seconds, silent) => {
    const guard = { driver: 'server', owner: 'g', lastAt: ago(300), maxSilenceS: 60 };
    const { stage, board } = one({ live: rolling('churn', 'production', {}, { guard }) }, { heard: () => heard(id, {}, seconds) });
    expect(stage.standing).toBe(silent ? 'unguarded' : 'moving');
    expect(board.says).toBe(silent ? 'churn production: nobody guards v13' : 'churn production: v13 at 15 %');
  });

  it('allows a record five minutes more: a guard writes no more often', () => {
    const at = (seconds: number) =>
      one({
        live: rolling('churn', 'production', {}, { guard: { driver: 'server', owner: 'g', lastAt: ago(seconds), maxSilenceS: 60 } }),
      }).stage.standing;
    expect([at(360), at(361)]).toEqual(['moving', 'unguarded']);
  });

  it('judges each metric for people: worse, over, well, open, blind', () => {
    const errors = (seen: ReturnType<typeof look>) => ({ errors: metric(seen) });
    const answer = (own: Parameters<typeof rolling>[2]) => one({ live: rolling('churn', 'production', own) }).rollout?.metrics[0]?.answer;
    const [few, many] = [
      { bad: 4, total: 1000 },
      { bad: 20, total: 1000 },
    ];
    expect(answer({ metrics: errors(look(few, few, { strength: 1 })) })).toBe('worse');
    expect(answer({ metrics: errors(look(many, few)) })).toBe('over');
    expect(answer({ metrics: errors(look(few, few, { ratioBounds: { lower: 0.5, upper: 1.2 } })) })).toBe('well');
    expect(answer({ metrics: errors(look(few, few, { ratioBounds: { lower: 0.5, upper: 1.21 } })) })).toBe('open');
    expect(answer({ metrics: errors(look(few, few, { ratioBounds: { lower: 0.5, upper: 'Infinity' } })) })).toBe('open');
    expect(answer({ metrics: {} })).toBe('open');
    expect(answer({ missing: { errors: { why: 'late', detail: 'no answer in 5 s', since: ago(60) } } })).toBe('blind');
  });

  it('shows how the arms predict where they are compared', () => {
    const told = one({ live: rolling('churn', 'production') }).rollout?.metrics[2];
    expect([told?.name, told?.distribution?.candidate.length, told?.answer]).toEqual(['predictions', 10, 'well']);
    const apart = { ...metric(null), distribution: { candidate: [0, 1000], stable: [1000, 0] } };
    const other = one({ live: rolling('churn', 'production', { metrics: { predictions: apart } }) }).rollout?.metrics[2];
    expect(other?.distribution?.share).toBeCloseTo(1, 1);
    expect(other?.answer).toBe('over');
  });

  it('says why it is paused and what to comment', () => {
    const pause = { reason: 'both-arms', detail: 'errors 3.1 % against 2.9 %', at: ago(60) } as const;
    const { stage, rollout, board } = one({
      live: rolling('churn', 'production', { pause, pausedFrom: 'analysing' }, { phase: 'paused' }),
    });
    expect(stage.standing).toBe('paused');
    expect(rollout?.trouble).toMatchObject({ title: 'both versions are worse', detail: pause.detail, at: pause.at });
    expect(rollout?.trouble?.advice.commands).toEqual([
      '/weighin canary churn production resume',
      '/weighin canary churn production abort',
    ]);
    expect(board.says).toBe('churn production: v13 is paused, both versions are worse');
  });

  it('keeps telling of a version that was taken back after nothing is the candidate any more', () => {
    const stop = {
      ends: 'rolled-back',
      reason: 'stable',
      metric: 'errors',
      detail: 'errors ×2.4 (1.6 … 3.5)',
      by: anna,
      cause: 'guard:1',
      at: ago(60),
    } as const;
    const key = { model: 'churn', stage: 'production', generation: 42 };
    const { stage, rollout } = one({
      live: rolling('churn', 'production', { stop }, { phase: 'rolled-back', candidate: null, weight: null }),
      events: { 42: [event(key, 1, 60, 'rollout.rolled-back', anna, { from: v(13), to: v(12), reason: 'stable', detail: stop.detail })] },
    });
    expect([stage.standing, rollout?.candidate, rollout?.guard, rollout?.traffic]).toEqual(['stopped', 13, null, null]);
    expect(rollout?.says).toBe('v13 was taken back: worse than stable. v12 runs on.');
    expect(rollout?.steps.map(({ state }) => state)).toEqual(['done', 'stopped', 'next', 'next', 'next', 'next']);
    expect(rollout?.metrics[0]?.answer).toBe('worse');
    expect(rollout?.trouble?.advice.commands).toContain('/weighin unhold churn production');
  });

  it('shows one that is handed over to others without a guard of ours', () => {
    const handed = live('churn', 'production', { generation: 42, rolloutId: id, phase: 'pending', candidate: v(13), strategy: 'canary' });
    const { rollout } = one({ live: handed });
    expect([rollout?.guard, rollout?.steps, rollout?.metrics]).toEqual([null, [], []]);
    expect(rollout?.says).toBe('v13 is handed over: who carries it out reports back.');
  });

  it('asks for no guard where the target judges for itself', () => {
    const guard = { driver: 'target', owner: null, lastAt: null, maxSilenceS: 60 };
    expect(one({ live: rolling('churn', 'production', {}, { guard }) }).rollout?.guard).toBe(null);
  });

  it.each([
    ['blue-green', { duration: '30m' }, { weight: 100, observed: 100 }, ['100 1800 now'], 'v13 answers 100 % of production.'],
    [
      'shadow',
      { duration: '2d' },
      { weight: 0, observed: 0 },
      ['0 172800 now'],
      'v13 gets a copy of what production answers, and answers nobody.',
    ],
    [
      'ab',
      {
        duration: '7d',
        experiment: { share: 0.4, metric: { name: 'kept', better: 'higher', converted: 'c', units: 'u' }, guardrails: [] },
      },
      { weight: 40, observed: 40 },
      ['40 604800 now'],
      'v13 answers 40 % of production.',
    ],
  ] as const)('shows strategy %s', (strategy, more, { weight, observed }, steps, says) => {
    const { steps: _, ...rest } = canary;
    const definition = { ...rest, ...more, strategy } as unknown as RolloutConfig;
    const own = { ...firstEngine('other', definition), outcome: { recommends: 'keep', why: 'lift −2 % (−5 … 1 %)' } } as const;
    const board = boardOf(
      factsOf({
        'churn production': {
          live: rolling('churn', 'production', own, { strategy, step: 0, weight: { desired: weight, observed, at: null } }),
        },
      }),
    );
    const { rollout } = board.models[0]?.stages[0] ?? {};
    expect(rollout?.steps.map(({ weight: share, hold, state }) => `${share} ${hold} ${state}`)).toEqual(steps);
    expect(rollout?.says).toBe(says);
    const page = renderLive(board);
    expect(page).toContain('The comparison says: keep v12.');
    expect(page.includes('<b>a copy</b>')).toBe(strategy === 'shadow');
  });

  it('says what a broken rollout is at its stage alone', () => {
    const { stage } = one({ live: rolling('churn', 'production', {}, { engine: { schema: 'weighin/engine@1', name: 3 } }) });
    expect(stage.standing).toBe('broken');
    expect(stage.problem).toContain('churn production');
  });
});

describe('what waits, is held, drifts and was done', () => {
  const open = {
    model: 'churn',
    stage: 'production',
    promotion: id,
    version: 13,
    requestedBy: anna,
    requestedAt: ago(600),
    pull: 7,
    problem: null,
  };
  it('says each condition that is unmet, with what would change it', () => {
    const status = planned([{ code: 'SOAK', message: 'five hours to go.', next: 'Wait.', until: ago(-18_000) }], 1);
    const { stage, board } = one({ live: live('churn', 'production') }, { open: [{ ...open, status }] });
    expect(stage.standing).toBe('waiting');
    expect(stage.waits[0]).toMatchObject({
      pull: 7,
      approvals: '1 of 2 approvals',
      unmet: [{ code: 'SOAK', next: 'Wait.', until: ago(-18_000) }],
    });
    expect(board.says).toBe('churn production: v13 waits');
  });
  it('never calls one ready whose conditions could not be asked for', () => {
    const { stage } = one({ live: live('churn', 'production') }, { open: [{ ...open, status: null, problem: 'GitHub did not answer' }] });
    expect(stage.waits[0]?.says).toBe('What it waits for is not known: GitHub did not answer');
    expect(stage.waits[0]?.approvals).toBe(null);
  });

  it('calls a stage held by a hold of the stage, not by one of a version', () => {
    const hold = { id: v(1).digest, digest: null, reason: 'audit', by: anna, at: ago(60), until: null };
    expect(one({ live: live('churn', 'production', { holds: [hold] }) }).stage.standing).toBe('held');
    const ofVersion = one({ live: live('churn', 'production', { holds: [{ ...hold, digest: v(12).digest }] }) }).stage;
    expect([ofVersion.standing, ofVersion.holds[0]?.version]).toEqual(['steady', 12]);
    expect(one({ live: live('churn', 'production', { holds: [{ ...hold, until: ago(1) }] }) }).stage.holds).toEqual([]);
  });

  it('drifts while an episode is open, whatever the newest window says', () => {
    const episode = {
      id: 'e',
      kind: 'drift',
      since: ago(9000),
      until: null,
      level: 'drift',
      headline: 'h',
      issue: 9,
      closed: false,
    } as const;
    expect(one({ live: live('churn', 'production'), watch: watch('churn', 'production', { episodes: [episode] }) }).stage.standing).toBe(
      'drift',
    );
    const ended = { ...episode, until: ago(100) };
    expect(one({ live: live('churn', 'production'), watch: watch('churn', 'production', { episodes: [ended] }) }).stage.standing).toBe(
      'steady',
    );
  });

  it('lists the last events of every stage, newest first', () => {
    const key = { model: 'churn', stage: 'production', generation: 41 };
    const begun = event(key, 1, 100, 'rollout.resumed', anna, {});
    const set = event({ ...key, generation: 42 }, 1, 50, 'rollout.set', anna, { weight: 20 });
    expect(one({ live: null, events: { 41: [begun], 42: [set] } }).board.activity.map(({ says, by }) => `${says} ${by}`)).toEqual([
      'traffic set to 20 % anna',
      'rollout resumed anna',
    ]);
  });

  it('has words for every type of event, and the type itself where its data is foreign', () => {
    for (const type of eventTypes) expect(eventWords({ type, data: { nonsense: 1 } })).toBe(type);
    expect(eventWords({ type: 'rollout.advanced', data: { step: 1, weight: 15, unproven: true } })).toBe(
      'step 2: 15 % of traffic, the step before unproven for want of requests',
    );
    expect(eventWords({ type: 'promotion.refused-at-start', data: { unmet: [{ code: 'HELD', message: '' }] } })).toBe(
      'refused at its start: HELD',
    );
  });

  it('offers only commands that the bot understands', () => {
    const place = { model: 'churn', stage: 'production', candidate: 13 };
    const advice = [
      ...pauseReasons.map((reason) => pauseAdvice(reason, place)),
      stopAdvice({ ends: 'rolled-back' }, place),
      stopAdvice({ ends: 'superseded' }, place),
    ];
    const commands = [
      ...advice.flatMap((one) => one.commands),
      ...(boardOf(factsOf({ 'churn production': {} })).models[0]?.stages[0]?.begin?.commands ?? []),
    ];
    expect(commands.length).toBeGreaterThan(20);
    for (const text of commands)
      for (const verbs of ['prefixed', 'standalone'] as const) {
        const { lines, mistakes } = parseComment(text, { verbs });
        expect([text, lines.length, mistakes]).toEqual([text, 1, []]);
      }
    expect(new Set([...pauseReasons.map(pauseTitle), ...stopReasons.map(stopTitle)]).size).toBeGreaterThan(16);
  });

  it('is the same for the same facts', () => {
    expect(boardOf(busyFacts())).toEqual(boardOf(busyFacts()));
    expect(boardOf(busyFacts()).now).toBe(boardNow.toISOString());
  });
});
