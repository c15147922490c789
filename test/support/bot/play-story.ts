import { setImmediate as turn } from 'node:timers/promises';
import type { Hint } from '../../../bot/bot-context.ts';
import type { Delivery } from '../github/webhooks.ts';
import { type BotInProcess, hintsOf, startBot } from './bot-in-process.ts';
import type { Death, Strike } from './mortal-fetch.ts';
import { type NormalForm, normalForm } from './normal-form.ts';
import type { Act } from './promotion-story.ts';
import { openRegisteredTeam, type RegisteredTeam } from './registered-team.ts';

export type Story = (team: RegisteredTeam) => readonly Act[];

export interface Played {
  readonly form: NormalForm;
  /** Writes of each act, where one bot plays. */
  readonly writes: Readonly<Record<string, number>>;
  /** Acts on whose way a bot died. */
  readonly deaths: readonly string[];
  /** What went wrong on the way: answers that were lost, limits. */
  readonly failures: readonly unknown[];
}

/** A sweep that writes nothing is rest; more in a row that write are a mistake of ours. */
const mostSweeps = 8;
const sweep: readonly Hint[] = [{ kind: 'sweep' }];
/** Nobody takes a claim over before it is old. */
const untilClaimsAreOld = { minutes: 3 };

/** The story with one bot, which dies in each act where `deathIn` says; another one, that remembers nothing, finds what is left by sweeping alone. */
export function playWithDeaths(story: Story, deathIn: (act: string) => Death | null): Promise<Played> {
  return withTeam(async (team) => {
    const { github } = team;
    const writes: Record<string, number> = {};
    const deaths: string[] = [];
    let bot = await startBot(github);
    for (const act of story(team)) {
      const before = bot.writes();
      bot.doom(deathIn(act.name));
      const first = github.deliveries.all.length;
      await act.does();
      for (const delivery of github.deliveries.all.slice(first)) await bot.work(hintsOf(delivery, github));
      await bot.work(sweep);
      if (!bot.dead()) {
        github.clock.advance(untilClaimsAreOld);
        await bot.work(sweep);
      }
      writes[act.name] = bot.writes() - before;
      if (bot.dead()) {
        deaths.push(act.name);
        proveSound(bot, 'no errors');
        bot = await startBot(github);
        github.clock.advance(untilClaimsAreOld);
        await bot.work(sweep);
      }
      bot.doom(null);
    }
    github.clock.advance(untilClaimsAreOld);
    await sweepToRest([bot]);
    proveSound(bot, 'no errors');
    return { form: normalForm(team), writes, deaths, failures: [] };
  });
}

/**
 * The story with two bots that work at once, on deliveries that are lost, doubled, late and out of order, over a connection that fails,
 * and that die now and then; in the end both sweep. Everything by the seed.
 */
export function playWithTwoBots(story: Story, seed: number): Promise<Played> {
  return withTeam(async (team) => {
    const { github } = team;
    const random = createRandom(seed);
    const chance = (share: number) => random() < share;
    const upTo = (most: number) => Math.floor(random() * most);
    let calm = false;
    const strikes: readonly Strike[] = ['cut-before', 'cut-after', '502-before', '502-after', 'limited', 'stale'];
    const weather = {
      async tick() {
        for (let left = upTo(6); left > 0; left--) await turn();
      },
      strike: () => (!calm && chance(0.05) ? (strikes[upTo(strikes.length)] ?? null) : null),
    };
    const bots = [await startBot(github, weather), await startBot(github, weather)];
    const writes: Record<string, number> = {};
    const deaths: string[] = [];
    const failures: unknown[] = [];
    const retire = (bot: BotInProcess) => {
      proveSound(bot);
      failures.push(...bot.errors);
    };
    const late: Delivery[] = [];
    let read = github.deliveries.all.length;
    for (const act of story(team)) {
      read = github.deliveries.all.length;
      calm = false;
      await act.does();
      for (let round = 0; round < 4; round++) {
        const lanes: Delivery[][] = [[], []];
        const lane = () => lanes[upTo(2)] ?? [];
        for (const delivery of [...late.splice(0), ...github.deliveries.all.slice(read)]) {
          const fate = random();
          if (fate < 0.15) continue;
          if (fate < 0.3) late.push(delivery);
          else if (fate < 0.6) lane().push(delivery);
          else for (const own of chance(0.7) ? lanes : [lane(), lane()]) own.splice(upTo(own.length + 1), 0, delivery);
        }
        read = github.deliveries.all.length;
        await Promise.all(
          bots.map(async (_, index) => {
            const bot = bots[index];
            if (chance(0.15)) bot?.doom({ write: 1 + upTo(8), when: chance(0.5) ? 'before' : 'after' });
            for (const delivery of lanes[index] ?? []) await bot?.work(hintsOf(delivery, github));
          }),
        );
        for (const [index, bot] of bots.entries()) {
          if (bot.dead()) {
            deaths.push(act.name);
            retire(bot);
            bots[index] = await startBot(github, weather);
          }
          bot.doom(null);
        }
        if (github.deliveries.all.length === read) break;
      }
      github.clock.advance(untilClaimsAreOld);
      await Promise.all(bots.map((bot) => bot.work(sweep)));
      // People go on when the bot has done its part, so once a sweep must get through.
      calm = true;
      await Promise.all(bots.map((bot) => bot.work(sweep)));
    }
    // Those that did not come until now, to bots that have done everything.
    for (const delivery of late) await Promise.all(bots.map((bot) => bot.work(hintsOf(delivery, github))));
    github.clock.advance(untilClaimsAreOld);
    await sweepToRest(bots);
    for (const bot of bots) retire(bot);
    return { form: normalForm(team), writes, deaths, failures };
  });
}

async function withTeam(plays: (team: RegisteredTeam) => Promise<Played>): Promise<Played> {
  const team = await openRegisteredTeam();
  try {
    const played = await plays(team);
    if (team.github.unknown.length > 0) throw new Error(`the double does not know ${team.github.unknown.join(', ')}`);
    return played;
  } finally {
    await team.close();
  }
}

/** Nothing went wrong inside. */
function proveSound({ errors, logged }: BotInProcess, strictly?: 'no errors') {
  if (logged.length > 0) throw new Error(JSON.stringify(logged));
  if (strictly && errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
}

async function sweepToRest(bots: readonly BotInProcess[]): Promise<void> {
  for (let left = mostSweeps; left > 0; left--) {
    const before = bots.map((bot) => bot.writes());
    const ends = await Promise.all(bots.map((bot) => bot.work(sweep)));
    if (ends.every((end) => end === 'done') && bots.every((bot, index) => bot.writes() === before[index])) return;
  }
  throw new AggregateError(
    bots.flatMap(({ errors }) => errors.slice(-1)),
    `after ${mostSweeps} sweeps there is no rest`,
  );
}

/** mulberry32: from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
