import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import { verifyChain } from '../../../../shared/promotion/event-chain.ts';
import { type LiveDocument, terminalPhases } from '../../../../shared/promotion/live-document.ts';
import { placeHold } from '../../../../shared/promotion/place-hold.ts';
import { eventsPath, livePath } from '../../../../shared/promotion/state-paths.ts';
import { guardEngine } from '../../../../shared/rollout/guard/guard-engine.ts';
import {
  anna,
  careful,
  createGuardWorld,
  type GuardProcess,
  type GuardWorld,
  handedOver,
  path,
  v12,
} from '../../../support/rollout/guard-world.ts';

/** Looks until it is over, or so many times. */
async function play(world: GuardWorld, { guard }: Pick<GuardProcess, 'guard'>, ticks = 80, seconds = 10): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let tick = 0; tick < ticks && !terminalPhases.includes(world.live().phase); tick++) {
    const { rollouts } = await guard.tick();
    for (const { transitions } of rollouts)
      for (const { to } of transitions) seen.push(`${to.phase}${to.percent === null ? '' : ` ${to.percent}`}`);
    world.pass(seconds);
  }
  return seen;
}
/** Somebody else's transition, as the bot writes it. */
function write(world: GuardWorld, change: (live: LiveDocument) => LiveDocument): void {
  const live = world.live();
  world.state.write({ [path]: canonicalJson({ ...change(live), revision: live.revision + 1 }) });
}
const person = (world: GuardWorld, event: { is: 'pause' | 'abort'; cause: string; detail: string } | { is: 'resume'; cause: string }) =>
  write(world, (live) => guardEngine.reduce(live, { ...event, by: anna }, { now: new Date(world.clock.now), by: anna }).live);
const types = (world: GuardWorld, stage = 'production') =>
  verifyChain(world.state.files().get(eventsPath('churn', stage, 42)) ?? '').lines.map(({ type }) => type);

describe('one guard', () => {
  it('takes a good candidate to the end, a step a wait, each recorded before it is done', async () => {
    const world = createGuardWorld();
    const seen = await play(world, world.start());
    expect(seen).toEqual([
      ...['shifting 5', 'analysing 5', 'shifting 30', 'analysing 30', 'shifting 100', 'analysing 100'],
      ...['promoting 100', 'succeeded'],
    ]);
    expect(world.live()).toMatchObject({ stable: v12, candidate: null, weight: null, guard: { owner: 'pod-a' } });
    expect(world.traffic.so).toMatchObject({ stable: v12, candidate: null });
    expect(world.moves.filter(({ ahead }) => ahead)).toEqual([]);
    // A commit a transition, and none between them.
    expect(world.state.commits).toHaveLength(1 + seen.length);
    expect(world.state.commits.at(-1)?.message).toContain('[skip ci]');
    // Two minutes by looks of ten seconds.
    expect(new Set(world.moves.filter(({ percent }) => percent === 5).map(({ at }) => at)).size).toBeGreaterThan(3);
  });

  it('rolls a bad one back, traffic first, and holds its bytes', async () => {
    const world = createGuardWorld();
    world.candidateBad = 0.3;
    const seen = await play(world, world.start());
    expect(seen.slice(-2)).toEqual(['rolling-back 0', 'rolled-back']);
    expect(world.live()).toMatchObject({ stable: { number: 11 }, candidate: null, holds: [{ digest: v12.digest }] });
    const back = world.log.lastIndexOf('pod-a apply v11');
    expect(back).toBeGreaterThan(0);
    expect(world.log.slice(back).filter((line) => line.includes('commit'))).toHaveLength(2);
  });

  it('says what it waits for and writes nothing while the bytes are held', async () => {
    const live = handedOver();
    const hold = { digest: v12.digest, reason: 'not now', by: anna, at: '2026-11-21T08:00:00.000Z', until: null, cause: 'comment:1:0' };
    const world = createGuardWorld([{ ...placeHold(live, hold).live, revision: live.revision }]);
    const { guard } = world.start();
    for (let tick = 0; tick < 3; tick++) {
      const { rollouts } = await guard.tick();
      expect(rollouts).toMatchObject([{ is: 'followed', says: { code: 'HELD' } }]);
      world.pass(10);
    }
    expect(world.state.commits).toHaveLength(1);
    expect(world.traffic.applied).toEqual([]);
  });

  it('does what people wrote: pause keeps the weight and its lease, abort goes back', async () => {
    const world = createGuardWorld();
    const process = world.start();
    await play(world, process, 4);
    person(world, { is: 'pause', cause: 'comment:5:0', detail: 'lunch' });
    await play(world, process, 40);
    expect(world.live().phase).toBe('paused');
    expect(world.percent()).toBe(5);
    person(world, { is: 'resume', cause: 'comment:6:0' });
    await play(world, process, 2);
    person(world, { is: 'abort', cause: 'comment:7:0', detail: 'enough' });
    await play(world, process, 3);
    expect(world.live().phase).toBe('rolled-back');
    expect(world.percent()).toBe(0);
  });

  it('asks the checks first, and takes no for an answer', async () => {
    const definition = { ...careful, verify: [{ http: 'http://{version}.test/ready' }] };
    const asked: string[] = [];
    for (const ok of [true, false]) {
      const world = createGuardWorld([handedOver(definition)]);
      const process = world.start({
        checks: async (check, { version }) => {
          asked.push(`${JSON.stringify(check)} v${version.number}`);
          return { ok, detail: ok ? 'well' : 'answered 503' };
        },
      });
      await play(world, process, 12);
      expect([world.live().phase, world.percent()]).toEqual(ok ? ['analysing', 5] : [expect.stringMatching(/paused|rolled-back/), 0]);
      if (!ok) expect(world.traffic.applied.every((wish) => wish.percent === 0)).toBe(true);
    }
    expect(asked).toEqual(Array.from({ length: 2 }, () => '{"http":"http://{version}.test/ready"} v12'));
  });

  it('says once that the target is away, gives nothing more, and goes on', async () => {
    const world = createGuardWorld();
    const process = world.start();
    await play(world, process, 5);
    world.target = false;
    await play(world, process, 4);
    world.target = true;
    const weights = world.moves.length;
    await play(world, process, 80);
    expect(process.lines.filter((line) => line.includes('did not answer'))).toHaveLength(2);
    expect(process.lines.filter((line) => line.includes('well again')).length).toBeGreaterThan(0);
    expect(world.moves.length).toBeGreaterThan(weights);
    expect(world.live().phase).toBe('succeeded');
  });

  it('never takes two steps for one wait when its clock jumps, forward or back', async () => {
    for (const jump of [3_600, -3_600, 86_400]) {
      const world = createGuardWorld();
      const process = world.start();
      await play(world, process, 4);
      world.clock.now += jump * 1000;
      const seen = await play(world, process, 200);
      expect([jump, world.live().phase]).toEqual([jump, 'succeeded']);
      expect([jump, ...seen.filter((line) => line.startsWith('shifting'))]).toEqual([jump, 'shifting 30', 'shifting 100']);
      const at = (percent: number) => world.moves.find((move) => move.percent === percent)!.at;
      expect(at(100) - at(30)).toBeGreaterThanOrEqual(120_000);
    }
  });

  it('begins the next rollout of a stage anew, with targets of its own', async () => {
    const world = createGuardWorld();
    const process = world.start();
    await play(world, process, 5);
    const next = { ...handedOver(careful, 'production', 43), revision: world.live().revision + 1, fence: world.live().fence };
    world.state.write({ [path]: canonicalJson(next) });
    await process.guard.tick();
    expect(world.log.filter((line) => /open|close/.test(line))).toEqual(['pod-a open 42', 'pod-a close', 'pod-a open 43']);
    expect(world.live()).toMatchObject({ rolloutId: 'churn.production.43', phase: 'analysing', guard: { owner: 'pod-a' } });
    await play(world, process, 80);
    expect(world.live()).toMatchObject({ phase: 'succeeded', stable: v12 });
    expect(world.log.filter((line) => /close/.test(line))).toHaveLength(2);
    const idle = { ...world.live(), revision: world.live().revision + 1 };
    world.state.write({ [path]: canonicalJson(idle) });
    expect((await process.guard.tick()).rollouts).toEqual([]);
  });

  it('keeps the lease of what stands while GitHub answers and takes no commit', async () => {
    const world = createGuardWorld();
    const { git } = world.state;
    const commit = git.commit;
    const process = world.start();
    await play(world, process, 8);
    git.commit = async () => {
      throw new InfrastructureError('FORGE_REFUSED', 'A rule of the repository keeps it out.');
    };
    await play(world, process, 60);
    expect(world.percent()).toBe(5);
    expect(world.moves.every(({ percent }) => percent === 5)).toBe(true);
    git.commit = commit;
    await play(world, process, 60);
    expect(world.live().phase).toBe('succeeded');
    expect(process.lines.filter((line) => /GitHub|Recording/.test(line))).toEqual([
      'Recording: A rule of the repository keeps it out.',
      'Recording: well again',
    ]);
  });

  it('is not led back by an answer that is older than what it wrote', async () => {
    const world = createGuardWorld();
    const { git } = world.state;
    const { head } = git;
    const process = world.start();
    for (let tick = 0; tick < 60 && !terminalPhases.includes(world.live().phase); tick++) {
      // Every second answer is of the commit before.
      git.head = async () => (tick % 2 === 1 ? world.state.commits.at(-2)!.oid : head('weighin/state'));
      await process.guard.tick();
      world.pass(10);
    }
    expect(world.live().phase).toBe('succeeded');
    const weights = world.moves.map(({ percent }) => percent);
    expect(weights).toEqual(weights.toSorted((a, b) => a - b));
    expect(world.live().fence).toBe(0);
  });

  it('takes an answer that was lost for what it was', async () => {
    const world = createGuardWorld();
    const { git } = world.state;
    const commit = git.commit;
    let lose = false;
    git.commit = async (change) => {
      const answer = await commit(change);
      if (!lose) return answer;
      lose = false;
      throw new Error('the connection died');
    };
    const process = world.start();
    for (let tick = 0; tick < 100 && !terminalPhases.includes(world.live().phase); tick++) {
      lose = tick % 2 === 0;
      await process.guard.tick();
      world.pass(10);
    }
    expect(world.live().phase).toBe('succeeded');
    expect(types(world).filter((type) => type === 'rollout.advanced')).toHaveLength(3);
    expect(world.moves.filter(({ ahead }) => ahead)).toEqual([]);
  });

  it('keeps other stages going beside one whose file is broken, and writes several as one commit', async () => {
    const world = createGuardWorld([handedOver(), handedOver(careful, 'staging')]);
    world.state.write({ [livePath('churn', 'canary')]: '{"schema":"weighin/live@1"' });
    const before = world.state.commits.length;
    const process = world.start();
    await process.guard.tick();
    expect(world.state.commits.length - before).toBe(2);
    expect(types(world, 'staging')).toEqual(['rollout.began']);
    expect(process.lines.filter((line) => line.includes('live/churn/canary.json'))).toHaveLength(1);
    // Also one that was guarded and is broken now: what is known of it stands, and it gets nothing more.
    const staging = JSON.parse(world.state.files().get(livePath('churn', 'staging'))!) as LiveDocument;
    const broken = { ...staging, revision: staging.revision + 1, engine: { schema: 'weighin/engine@1' } };
    world.state.write({ [livePath('churn', 'staging')]: canonicalJson(broken) });
    for (let tick = 0; tick < 3; tick++) {
      world.pass(10);
      expect((await process.guard.tick()).away).toBeNull();
    }
    expect(process.lines.filter((line) => line.startsWith('live/churn/staging.json'))).toHaveLength(1);
    world.state.write({ [livePath('churn', 'staging')]: canonicalJson({ ...staging, revision: staging.revision + 2 }) });
    world.state.write({ [eventsPath('churn', 'staging', 42)]: 'no chain\n' });
    await play(world, process, 60);
    expect(world.live().phase).toBe('succeeded');
    expect(
      process.lines.filter((line) => line.startsWith('churn staging: recording: The events of churn.staging.42 are broken')),
    ).toHaveLength(1);
    expect(process.lines.filter((line) => line.startsWith('Recording'))).toEqual([]);
  });
});

it('guards hundreds of stages, a commit a round for all of them', async () => {
  const world = createGuardWorld(Array.from({ length: 450 }, (_, index) => handedOver(careful, `stage-${index}`)));
  const process = world.start();
  const tick = await process.guard.tick();
  expect(tick.rollouts.filter(({ is }) => is === 'guarded')).toHaveLength(450);
  expect(world.state.commits).toHaveLength(3);
});

describe('several guards', () => {
  it('leave a rollout to the one that began it, until that one is silent', async () => {
    const world = createGuardWorld();
    const [a, b] = [world.start(), world.start({ owner: 'pod-b' })];
    const looks = await Promise.all([a.guard.tick(), b.guard.tick()]);
    const owner = world.live().guard?.owner;
    expect(['pod-a', 'pod-b']).toContain(owner);
    world.pass(10);
    const [first, second] = owner === 'pod-a' ? [a, b] : [b, a];
    await first.guard.tick();
    expect((await second.guard.tick()).rollouts).toMatchObject([{ is: 'followed', says: { code: 'GUARDED_BY_ANOTHER' } }]);
    expect(looks).toHaveLength(2);
    // Six minutes and more: its own looks every five are missing.
    world.pass(300);
    expect((await second.guard.tick()).rollouts).toMatchObject([{ is: 'followed' }]);
    world.pass(130);
    const other = owner === 'pod-a' ? 'pod-b' : 'pod-a';
    expect((await second.guard.tick()).rollouts).toMatchObject([{ is: 'guarded' }]);
    expect(world.live()).toMatchObject({ fence: 1, guard: { owner: other } });
    // The one that was away finds that it was overtaken, and does nothing.
    const moves = world.moves.length;
    world.candidateBad = 0.9;
    world.pass(10);
    expect((await first.guard.tick()).rollouts).toMatchObject([{ is: 'followed' }]);
    expect(world.moves.length).toBe(moves);
    await play(world, second, 12);
    expect(world.live().phase).toBe('rolled-back');
  });

  it('of one name: the later one guards, the earlier one steps back for good', async () => {
    const world = createGuardWorld();
    const earlier = world.start();
    await play(world, earlier, 3);
    const later = world.start();
    expect((await later.guard.tick()).rollouts).toMatchObject([{ is: 'guarded' }]);
    expect(world.live().fence).toBe(1);
    for (let tick = 0; tick < 5; tick++) {
      world.pass(10);
      expect((await earlier.guard.tick()).rollouts).toMatchObject([{ is: 'followed' }]);
      await later.guard.tick();
    }
    expect(world.live().fence).toBe(1);
  });

  it('hand over at once where one ends gracefully, and nothing that was seen is lost', async () => {
    const world = createGuardWorld();
    const first = world.start();
    await play(world, first, 5);
    const commits = world.state.commits.length;
    await first.guard.stop();
    expect(world.state.commits.length).toBe(commits + 1);
    expect(world.live().guard?.owner).toBeNull();
    const seconds = world.live().guardedSeconds;
    expect(seconds).toBeGreaterThan(25);
    const next = world.start({ owner: 'run:2' });
    expect((await next.guard.tick()).rollouts).toMatchObject([{ is: 'guarded' }]);
    expect(world.live().guardedSeconds).toBeGreaterThanOrEqual(seconds);
    await play(world, next);
    expect(world.live().phase).toBe('succeeded');
  });

  it('keep a stop that one made while GitHub was away, whatever was written meanwhile', async () => {
    const world = createGuardWorld();
    const process = world.start();
    await play(world, process, 4);
    world.github = false;
    world.candidateBad = 0.5;
    await play(world, process, 6);
    expect(world.percent()).toBe(0);
    // Somebody paused it in the meantime, and the pods that failed were replaced: what is counted now would stop nobody.
    world.candidateBad = 0;
    world.counters.candidate.bad = 0;
    person(world, { is: 'pause', cause: 'comment:9:0', detail: 'looks odd' });
    world.github = true;
    await play(world, process, 6);
    expect(world.live().phase).toBe('rolled-back');
    expect(types(world).filter((type) => type === 'rollout.rolled-back')).toHaveLength(1);
    expect(guardEngine.read(world.live())?.stop).toMatchObject({ metric: 'error_rate' });
    expect(world.percent()).toBe(0);
  });
});

describe('a single pass', () => {
  it('refuses a rollout that wants more looks, and takes one of an hour as far as it goes', async () => {
    const world = createGuardWorld();
    const once = world.start({ every: 0 });
    expect((await once.guard.tick()).rollouts).toMatchObject([{ is: 'refused', says: { code: 'GUARD_TOO_SLOW' } }]);
    expect(world.state.commits).toHaveLength(1);

    const slow = handedOver({ ...careful, guard: { driver: 'server', maxSilence: '2h' } });
    const hourly = createGuardWorld([{ ...slow, guard: { ...slow.guard!, maxSilenceS: 7_200 } }]);
    for (let hour = 0; hour < 12 && !terminalPhases.includes(hourly.live().phase); hour++) {
      const pass = hourly.start({ every: 0 });
      await pass.guard.tick();
      await pass.guard.stop();
      hourly.pass(3_600);
    }
    expect(hourly.live().phase).toBe('succeeded');
    expect(types(hourly).filter((type) => type === 'rollout.advanced')).toHaveLength(3);
  });
});
