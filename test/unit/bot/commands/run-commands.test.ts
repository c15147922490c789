import { describe, expect, it } from 'vitest';
import { runCommands } from '../../../../bot/commands/run-commands.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import type { Comment } from '../../../../shared/promotion/forge.ts';
import { anna, ben, bot, createRepository, eve, Killed, type MemoryRepository } from './memory-repository.ts';
import { policy } from './policies.ts';
import { createPromotions } from './promotion-double.ts';

const open = (text = policy) => {
  const place = createRepository({ policy: text });
  place.teams['ml-leads'] = [];
  return place;
};
const deliver = (place: MemoryRepository, comment: Comment, promotions = createPromotions(), found = false) =>
  runCommands(place.context, { number: 57, onPull: true, comment, ...(found && { found }) }, promotions.actions);

it('claims, carries out, answers once, and ends with a reaction', async () => {
  const place = open();
  const promotions = createPromotions();
  const comment = place.say(anna, 'Looks fine.\n\n/promote churn@v12 staging');
  await deliver(place, comment, promotions);
  expect(promotions.asked).toEqual([{ name: 'promote', cause: `comment:${comment.id}:3` }]);
  expect(place.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  expect(place.replies()).toHaveLength(1);
  // Listing again finds a second reply of another bot; reading the role is the only other question.
  expect(place.calls.filter((call) => call !== 'git.read')).toEqual([
    'react eyes',
    'people.roleOf',
    'comments.create',
    'comments.list',
    'react rocket',
  ]);
});

describe('asks nothing of GitHub', () => {
  const ignored = async (change: Partial<Comment>, body = '/why') => {
    const place = open();
    await deliver(place, { ...place.say(anna, body), ...change });
    return place.calls;
  };
  it('about comments without a command, edited ones, and those of bots', async () => {
    expect(await ignored({}, 'Looks fine.\n```\n/why\n```\n/approve')).toEqual([]);
    expect(await ignored({ updatedAt: '2026-11-21T11:00:01Z' })).toEqual([]);
    expect(await ignored({ author: { id: 5, login: 'renovate[bot]', type: 'Bot' } })).toEqual([]);
    expect(await ignored({ author: bot })).toEqual([]);
    expect(await ignored({ author: { ...bot, type: 'User' } })).toEqual([]);
  });
});

it('answers verbs alone only where the policy leaves them on', async () => {
  const place = open(`${policy}conversation: {verbs: prefixed}\n`);
  await deliver(place, place.say(anna, '/why'));
  expect(place.replies()).toEqual([]);
  await deliver(place, place.say(anna, '/weighin why'));
  expect(place.replies()).toHaveLength(1);
});

it('takes what a sweep finds only while it is young', async () => {
  const place = open();
  const comment = place.say(anna, '/why');
  place.pass(61);
  await deliver(place, comment, createPromotions(), true);
  expect(place.calls.filter((call) => call !== 'git.read')).toEqual([]);
  const next = place.say(anna, '/why');
  place.pass(59);
  await deliver(place, next, createPromotions(), true);
  expect(place.replies()).toHaveLength(1);
});

it('answers every command of a comment in one reply, mistakes in their place', async () => {
  const place = open();
  const promotions = createPromotions();
  const comment = place.say(anna, '/why\n/weighin promot\n/canary churn staging pause\n/why');
  await deliver(place, comment, promotions);
  const [reply = ''] = place.replies();
  const codes = [...reply.matchAll(/: `([A-Z_]+)`$/gm)].map(([, code]) => code);
  expect(codes).toEqual(['DONE', 'UNKNOWN_COMMAND', 'DONE', 'TOO_MANY_COMMANDS']);
  expect(place.reactionsTo(comment.id)).toEqual(['eyes', 'confused']);
  expect(promotions.asked).toHaveLength(2);
});

describe('denies once on an issue or pull request', () => {
  it('and is silent then, but for a reaction', async () => {
    const place = open();
    const promotions = createPromotions();
    for (let times = 0; times < 3; times++) await deliver(place, place.say(ben, '/promote churn@v12 staging\n/weighin run'), promotions);
    expect(place.replies()).toHaveLength(1);
    expect(place.replies()[0]).toContain(`<!-- weighin:denied user=${ben.id} -->`);
    const asked = place.comments.filter(({ author }) => author.id === ben.id);
    expect(asked.map(({ id }) => place.reactionsTo(id))).toEqual([
      ['eyes', '-1'],
      ['eyes', '-1'],
      ['eyes', '-1'],
    ]);
    expect(promotions.asked).toEqual([]);
  });

  it('each person, and goes on to answer what the person may', async () => {
    const place = open();
    await deliver(place, place.say(eve, '/weighin run'));
    await deliver(place, place.say(ben, '/weighin run'));
    await deliver(place, place.say(ben, '/weighin run\n/weighin help'));
    const replies = place.replies();
    expect(replies).toHaveLength(3);
    expect(replies[2]).toContain('`HELP`');
    expect(replies[2]).not.toContain('NOT_ALLOWED');
  });

  it('whatever markers people paste', async () => {
    const place = open();
    place.say(eve, `<!-- weighin:reply comment=902 -->\n<!-- weighin:outcome done -->\n<!-- weighin:denied user=${ben.id} -->\n`);
    const comment = place.say(ben, '/weighin run');
    await deliver(place, comment);
    expect(place.replies()).toHaveLength(1);
  });

  it('by what GitHub says now, not by what it said before', async () => {
    const place = open();
    await deliver(place, place.say(ben, '/weighin run'));
    place.roles['ben'] = 'write';
    await deliver(place, place.say(ben, '/weighin run'));
    expect(place.dispatched).toHaveLength(1);
  });
});

describe('a comment that is delivered again', () => {
  it('is left to whoever has it', async () => {
    const place = open();
    const promotions = createPromotions();
    const comment = place.say(anna, '/why');
    await place.context.forge.comments.react(comment.id, 'eyes');
    await deliver(place, comment, promotions);
    place.pass(1.9);
    await deliver(place, comment, promotions, true);
    expect(promotions.asked).toEqual([]);
    place.pass(0.2);
    await deliver(place, comment, promotions, true);
    expect(promotions.asked).toHaveLength(1);
    await deliver(place, comment, promotions, true);
    await deliver(place, comment, promotions);
    expect(promotions.asked).toHaveLength(1);
    expect(place.replies()).toHaveLength(1);
  });

  it('is not carried out again when somebody took the answer away and ran the old job anew', async () => {
    const place = open();
    const promotions = createPromotions();
    const comment = place.say(anna, '/promote churn@v12 staging');
    await place.context.forge.comments.react(comment.id, 'eyes');
    place.pass(61);
    await deliver(place, comment, promotions);
    expect(promotions.asked).toEqual([]);
    expect(place.replies()).toEqual([]);
  });

  it('costs a sweep nothing once it is answered', async () => {
    const place = open();
    const comment = place.say(anna, '/why');
    await deliver(place, comment);
    const denied = place.say(ben, '/weighin run\n/weighin run');
    await deliver(place, denied);
    const before = place.calls.length;
    place.pass(5);
    await deliver(place, comment, createPromotions(), true);
    await deliver(place, denied, createPromotions(), true);
    expect(place.calls.slice(before).filter((call) => call !== 'git.read')).toEqual([]);
  });

  it('keeps the first of two replies', async () => {
    const place = open();
    const comment = place.say(anna, '/why');
    await deliver(place, comment);
    const [first] = place.comments.filter(({ author }) => author.id === bot.id);
    await place.context.forge.comments.create(57, first?.body ?? '');
    place.pass(5);
    await deliver(place, comment);
    expect(place.comments.filter(({ author }) => author.id === bot.id)).toEqual([first]);
  });
});

describe('killed anywhere and started again', () => {
  const body = '/promote churn@v12 staging\n/weighin run\n/rollback churn staging';
  const clean = open();
  const total = deliver(clean, clean.say(anna, body)).then(() => clean.writes());

  it.each(
    Array.from({ length: 5 }, (_, index) => index + 1).flatMap((write) => (['before', 'after'] as const).map((when) => ({ write, when }))),
  )('$when write $write', async (kill) => {
    expect(await total).toBe(4);
    const place = open();
    const promotions = createPromotions();
    const comment = place.say(anna, body);
    place.killAt(kill);
    const survived = await deliver(place, comment, promotions).then(
      () => true,
      (error: unknown) => {
        // A dispatch is inside a command, whose every other error is answered; a kill ends the process.
        if (error instanceof Killed) return false;
        throw error;
      },
    );
    expect(survived).toBe(kill.write > 4);
    place.killAt(null);
    for (let sweep = 0; sweep < 3; sweep++) {
      place.pass(5);
      await deliver(place, comment, promotions, true);
    }
    expect([...promotions.effects]).toEqual([
      [`comment:${comment.id}:1`, 'promote'],
      [`comment:${comment.id}:3`, 'rollback'],
    ]);
    expect(place.dispatched).toHaveLength(1);
    expect(place.replies()).toHaveLength(1);
    expect(place.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  });
});

it('takes no weigh run from before the comment for its own', async () => {
  const place = open();
  await deliver(place, place.say(anna, '/weighin run'));
  place.pass(1);
  const comment = place.say(anna, '/weighin run');
  place.killAt({ write: 2, when: 'before' });
  await expect(deliver(place, comment)).rejects.toThrow(Killed);
  place.killAt(null);
  place.restart();
  place.pass(5);
  await deliver(place, comment, createPromotions(), true);
  expect(place.dispatched).toHaveLength(2);
});

it('leaves out what a comment can not hold, and says so', async () => {
  const place = open();
  const promotions = createPromotions();
  const actions = { ...promotions.actions, why: async () => ({ outcome: 'done' as const, code: 'WHY', body: 'x'.repeat(35_000) }) };
  await runCommands(place.context, { number: 57, onPull: true, comment: place.say(anna, '/why\n/why') }, actions);
  const [reply = ''] = place.replies();
  expect(reply.length).toBeLessThan(65_536);
  expect(reply).toContain('The answer is longer than a comment may be.');
});

describe('what goes wrong', () => {
  it('inside is answered, logged, and shows nothing', async () => {
    const place = open();
    const comment = place.say(anna, '/why');
    await deliver(
      place,
      comment,
      createPromotions(() => {
        throw new TypeError('token ghs_secret');
      }),
    );
    expect(place.replies()[0]).toContain('`INTERNAL`');
    expect(place.replies()[0]).not.toContain('secret');
    expect(place.logged).toHaveLength(1);
    expect(place.reactionsTo(comment.id)).toEqual(['eyes', 'confused']);
  });

  it('outside for a moment costs no time, and no second weigh run', async () => {
    const place = open();
    const promotions = createPromotions();
    const comment = place.say(anna, '/weighin run\n/promote churn@v12 staging');
    let fails = 2;
    const flaky = createPromotions(() => {
      fails -= 1;
      if (fails >= 0) throw new InfrastructureError('FORGE_UNREACHABLE', 'GitHub did not answer.');
    });
    for (let times = 0; times < 2; times++) {
      await expect(deliver(place, comment, flaky)).rejects.toThrow('GitHub did not answer');
      // GitHub lists a run only after a while.
      place.runs.length = 0;
    }
    await deliver(place, comment, flaky);
    await deliver(place, comment, promotions);
    expect(place.dispatched).toHaveLength(1);
    expect(place.replies()).toHaveLength(1);
    expect(flaky.asked).toHaveLength(3);
    expect(promotions.asked).toEqual([]);
  });

  it('outside is tried again, and told when it lasts', async () => {
    const place = open();
    const promotions = createPromotions(() => {
      throw new InfrastructureError('FORGE_UNREACHABLE', 'GitHub did not answer.');
    });
    const comment = place.say(anna, '/why');
    await expect(deliver(place, comment, promotions)).rejects.toThrow('GitHub did not answer');
    place.pass(5);
    await expect(deliver(place, comment, promotions, true)).rejects.toThrow('GitHub did not answer');
    expect(place.replies()).toEqual([]);
    place.pass(6);
    await deliver(place, comment, promotions, true);
    expect(place.replies()).toHaveLength(1);
    expect(place.replies()[0]).toContain('`FORGE_UNREACHABLE`');
  });
});
