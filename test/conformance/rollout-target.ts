import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InfrastructureError, UserError } from '../../shared/errors.ts';
import type { RolloutTarget } from '../../shared/rollout/engine/rollout-target.ts';
import { type DesiredTraffic, isAsDesired, type ServedVersion } from '../../shared/rollout/engine/traffic.ts';

/** What traffic really does, seen behind the target's back. */
export interface ActualTraffic {
  /** Percent of requests by version (`v11`); versions without any may be left out. */
  readonly shares: Readonly<Record<string, number>>;
  /** Versions that get copies and never answer. */
  readonly mirrored: readonly string[];
  /** Versions that are loaded, named or routed to, with traffic or without; null where this says nothing (all of them always stand there). */
  readonly present: readonly string[] | null;
  /** Seconds until it falls back by itself; null: it does not. */
  readonly leaseSeconds: number | null;
}

/** A world with a target in it, where v11 has all traffic and v12 and v13 may be rolled out. */
export interface TargetUnderTest {
  readonly target: RolloutTarget;
  /** The same configuration in another process: it remembers nothing. Closed by the suite, as `target` is. */
  readonly again: () => RolloutTarget;
  readonly actual: () => Promise<ActualTraffic> | ActualTraffic;
  /** From now on nobody answers (or writing fails), after so many more requests or writes that still do. */
  readonly breakOff: (after: number) => Promise<void> | void;
  /** Undoes `breakOff`. */
  readonly mend: () => Promise<void> | void;
  /** It starts again with what its configuration says, v11 alone, and has forgotten every wish. Left out where nothing can be forgotten. */
  readonly forget?: () => Promise<void> | void;
}

export interface TargetTraits {
  /** false: `observe` says nothing at all, and the target is believed. */
  readonly tells: boolean;
  readonly mirrors: boolean;
  readonly leases: boolean;
  /** It refuses a revision that is older than the last, from another process too. */
  readonly keepsRevision: boolean;
  /** Percentage points between a wish and what is so; 0 by default. */
  readonly within?: number;
  /** What must not stand in any error: tokens, passwords. */
  readonly secrets?: readonly string[];
}

const version = (number: number): ServedVersion => ({ number, digest: `sha256:${String(number).padStart(64, '0')}` });
export const [v11, v12, v13] = [version(11), version(12), version(13)] as const;

/** v11 alone, unless it is said otherwise. */
export const wish = (revision: number, change: Partial<DesiredTraffic> = {}): DesiredTraffic => ({
  model: 'churn',
  stage: 'production',
  rolloutId: 'churn.production.42',
  revision,
  stable: v11,
  candidate: null,
  percent: 0,
  mirror: false,
  leaseSeconds: null,
  ...change,
});
const canary = (revision: number, percent: number, change: Partial<DesiredTraffic> = {}) =>
  wish(revision, { candidate: v12, percent, ...change });

/** Every target passes this, or it is not one. `open` gives a world of its own each time, and takes it away after the test. */
export function describeRolloutTarget(name: string, traits: TargetTraits, open: () => Promise<TargetUnderTest>): void {
  const { within = 0 } = traits;

  /** Reality is what was wished for, and the target says so. */
  async function expectSo({ actual, target }: TargetUnderTest, desired: DesiredTraffic): Promise<void> {
    const found = await actual();
    const wanted = new Map([[`v${desired.stable.number}`, 100 - share(desired)]]);
    if (desired.candidate) wanted.set(`v${desired.candidate.number}`, share(desired));
    for (const one of new Set([...wanted.keys(), ...Object.keys(found.shares)])) {
      const [is, should] = [found.shares[one] ?? 0, wanted.get(one) ?? 0];
      expect(Math.abs(is - should), `${one} has ${is} %, should have ${should} %`).toBeLessThanOrEqual(within + 1e-9);
      // Without any traffic is without any, whatever the rounding.
      if (should === 0) expect(is, `${one} has traffic left`).toBe(0);
    }
    expect(found.mirrored, 'mirrored').toEqual(desired.mirror ? [`v${desired.candidate?.number}`] : []);
    if (found.present) for (const one of found.present) expect([...wanted.keys()], `${one} was left behind`).toContain(one);
    const observed = await target.observe(desired);
    expect(isAsDesired(desired, observed), inspect({ desired, observed }, { depth: 4 })).toBe(true);
    if (traits.tells) expect(observed.percent).not.toBeNull();
    else expect(observed).toEqual({ stable: null, candidate: null, percent: null, mirror: null });
  }
  const share = ({ candidate, mirror, percent }: DesiredTraffic) => (candidate && !mirror ? percent : 0);

  function check(title: string, body: (world: TargetUnderTest) => Promise<void>): void {
    it(title, async () => {
      const world = await open();
      const others: RolloutTarget[] = [];
      try {
        await body({
          ...world,
          again: () => {
            const other = world.again();
            others.push(other);
            return other;
          },
        });
      } finally {
        await world.mend();
        for (const one of [world.target, ...others]) await one.close();
      }
    });
  }
  async function follow(world: TargetUnderTest, wishes: readonly DesiredTraffic[]): Promise<void> {
    for (const desired of wishes) {
      await world.target.apply(desired);
      await expectSo(world, desired);
    }
  }

  describe(`rollout target: ${name}`, () => {
    check('says what it can do', async ({ target }) => {
      expect([target.mirrors, target.leases]).toEqual([traits.mirrors, traits.leases]);
    });

    check('gives a candidate none, some, a third and all of the traffic', (world) =>
      follow(world, [canary(1, 0), canary(2, 5), canary(3, 33), canary(4, 100), canary(5, 5), canary(6, 0)]),
    );

    check('makes the same wish true any number of times, from any process', async (world) => {
      await follow(world, [canary(1, 25), canary(1, 25), canary(1, 25)]);
      await world.again().apply(canary(1, 25));
      await expectSo(world, canary(1, 25));
    });

    check('leaves nothing of a candidate that was taken back, and takes the next one', (world) =>
      follow(world, [
        canary(1, 30),
        wish(2),
        wish(3),
        wish(4, { rolloutId: 'churn.production.43', candidate: v13, percent: 5 }),
        wish(5, { rolloutId: 'churn.production.43' }),
      ]),
    );

    check('makes the candidate stable at the end, and takes the next one from there', (world) =>
      follow(world, [
        canary(1, 50),
        canary(2, 100),
        wish(3, { stable: v12 }),
        wish(4, { rolloutId: 'churn.production.43', stable: v12, candidate: v13, percent: 5 }),
        wish(5, { rolloutId: 'churn.production.43', stable: v12 }),
        // Back to a version that ran before, as /rollback does.
        wish(6, { rolloutId: 'churn.production.44', stable: v12, candidate: v11, percent: 100 }),
        wish(7, { rolloutId: 'churn.production.44', stable: v11 }),
      ]),
    );

    check('puts a newer candidate in the place of one that has traffic', (world) =>
      follow(world, [canary(1, 30), wish(2, { rolloutId: 'churn.production.43', candidate: v13, percent: 10 })]),
    );

    if (traits.mirrors)
      check('copies traffic to a candidate without its answers, starts and ends that from any state', (world) =>
        follow(world, [
          canary(1, 0, { mirror: true }),
          canary(2, 0, { mirror: true }),
          canary(3, 5),
          canary(4, 0, { mirror: true }),
          canary(5, 0),
          canary(6, 0, { mirror: true }),
          wish(7),
        ]),
      );
    else
      check('refuses to mirror, says so, and changes nothing', async (world) => {
        await follow(world, [canary(1, 5)]);
        await expect(world.target.apply(canary(2, 0, { mirror: true }))).rejects.toSatisfy(
          (error) => error instanceof UserError && error.code === 'TARGET_CANNOT_MIRROR' && error.hint.length > 20,
        );
        await expectSo(world, canary(1, 5));
      });

    check(
      traits.leases ? 'keeps a lease only as long as it is wished' : 'takes a wish with a lease, though it keeps none',
      async (world) => {
        for (const leaseSeconds of [60, 60, null]) {
          const desired = canary(1, 5, { leaseSeconds });
          await follow(world, [desired]);
          const left = (await world.actual()).leaseSeconds;
          if (!traits.leases || leaseSeconds === null) expect(left).toBeNull();
          else expect(left).toSatisfy((seconds: number) => seconds > 50 && seconds <= 60);
        }
      },
    );

    if (traits.keepsRevision)
      check('refuses a wish that is older than the last, whoever sends it', async (world) => {
        await follow(world, [canary(8, 5), wish(9)]);
        for (const late of [world.target, world.again()])
          await expect(late.apply(canary(8, 50))).rejects.toMatchObject({ name: 'InfrastructureError', code: 'TARGET_REFUSED' });
        await expectSo(world, wish(9));
      });

    if (traits.tells)
      check('sees what is not as it should be', async ({ target, actual }) => {
        await target.apply(canary(1, 30));
        for (const other of [
          canary(1, 5),
          canary(1, 100),
          wish(1),
          wish(1, { candidate: v13, percent: 30 }),
          wish(1, { stable: v12, candidate: v13, percent: 30 }),
        ])
          expect(isAsDesired(other, await target.observe(other)), inspect({ other, actual: await actual() }, { depth: 4 })).toBe(false);
      });

    check('says who did not answer, and no secret', async (world) => {
      await follow(world, [canary(1, 5)]);
      await world.breakOff(0);
      const calls = [world.target.apply(canary(2, 15)), world.again().apply(wish(3))];
      if (traits.tells) calls.push(world.target.observe(canary(2, 15)).then(() => undefined));
      for (const { status, ...call } of await Promise.allSettled(calls)) {
        expect(status).toBe('rejected');
        const reason: unknown = 'reason' in call ? call.reason : null;
        expect(reason).toBeInstanceOf(InfrastructureError);
        expect(reason).toMatchObject({ code: 'TARGET_UNREACHABLE' });
        for (const secret of traits.secrets ?? []) expect(inspect(reason, { depth: 9 })).not.toContain(secret);
      }
      await world.mend();
      await follow(world, [canary(2, 15)]);
    });

    check('ends the same when it died in the middle, wherever that was, onward or back', async (world) => {
      const path = [{}, { candidate: v12, percent: 25 }, { stable: v12 }, { stable: v12, candidate: v13, percent: 5 }, { stable: v12 }];
      let revision = 0;
      for (const [index, to] of path.slice(1).entries()) {
        const from = path[index]!;
        let died = 0;
        for (const next of [to, from])
          for (let writes = 0; writes < 20; writes++) {
            await follow(world, [wish(++revision, from)]);
            await world.breakOff(writes);
            const whole = await world
              .again()
              .apply(wish(++revision, to))
              .then(Boolean, () => null);
            await world.mend();
            if (whole !== null) break;
            died++;
            await follow(world, [wish(next === to ? revision : ++revision, next)]);
          }
        expect(died).toBeGreaterThanOrEqual(2);
      }
    });

    check('reaches every wish from every other', async (world) => {
      const wishes = [
        {},
        { candidate: v12, percent: 5 },
        { candidate: v13, percent: 100 },
        { stable: v12 },
        { stable: v12, candidate: v11, percent: 33 },
        { stable: v13, candidate: v12, percent: 0 },
        ...(traits.mirrors ? [{ candidate: v12, mirror: true }] : []),
      ];
      let revision = 0;
      for (const from of wishes) for (const to of wishes) await follow(world, [wish(++revision, from), wish(++revision, to)]);
    });

    check('is set again after it was forgotten', async (world) => {
      if (!world.forget) return;
      await follow(world, [canary(7, 30)]);
      await world.forget();
      if (traits.tells) expect(isAsDesired(canary(7, 30), await world.target.observe(canary(7, 30)))).toBe(false);
      await follow(world, [canary(7, 30)]);
    });
  });
}
