import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';
import { runBot } from '../../support/bot/run-bot.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam(['hidden', 'named', 'pasted', 'edited', 'old', 'written']);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** What the bot wrote anywhere, and every branch and tag. */
const traces = () => ({
  comments: team.github.comments().filter(({ author }) => author.login === team.github.app.botLogin).length,
  pulls: team.github.repository.pulls.size,
  state: team.github.git.files('weighin/state'),
});

it('command in a fence, a quote, an HTML comment', async () => {
  const { github, bot } = team;
  const command = '/promote churn@v1 hidden';
  const before = traces();
  const bodies = [
    `\`\`\`\n${command}\n\`\`\``,
    `~~~~sh\n~~~\n${command}\n~~~~`,
    `    ${command}`,
    `> ${command}`,
    `> as anna wrote\n${command}`,
    `<!--\n${command}\n-->`,
    `<!-- nothing to see\n\n${command}\n\n-->`,
    `<pre>\n${command}\n</pre>`,
    `<blockquote>\n${command}\n</blockquote>`,
    `\`${command}\``,
    `Please ${command}`,
    `- [ ] ${command}`,
    `<details>\n<!--\n</details>\n${command}`,
  ];
  const written = bodies.map((body) => github.comment(team.desk, body, 'anna'));
  await bot.settled();
  expect(traces()).toEqual(before);
  for (const { reactions, body } of written) expect(reactions, body).toHaveLength(0);
  // The same words where they are meant.
  await team.ask('hidden');
});

it('model named ../../x', async () => {
  const { github, bot } = team;
  const before = traces();
  const names = ['../../x', '..', 'churn/../../x', '%2e%2e/x', '__proto__', 'constructor', '/etc/passwd', 'churn\\..\\x'];
  for (const name of names) {
    github.comment(team.desk, `/promote ${name}@v1 named`, 'anna');
    github.comment(team.desk, `/rollback ${name} named`, 'anna');
    github.comment(team.desk, `/promote churn@v1 ${name}`, 'anna');
    await bot.settled();
  }
  // Each is answered, none is a path, a branch or a pull request, and none goes wrong inside.
  const { comments, ...rest } = traces();
  expect(comments).toBe(before.comments + 3 * names.length);
  expect({ ...rest, comments: 0 }).toEqual({ ...before, comments: 0 });
  expect(team.ownComments(team.desk).join('\n')).not.toContain('INTERNAL');
  expect(bot.log()).not.toMatch(/"level":"error"/);
  const paths = github.requests.map(({ path }) => decodeURIComponent(path));
  expect(paths.filter((path) => path.includes('..') || path.includes('passwd'))).toEqual([]);
});

it('pasted marker', async () => {
  const { github, bot } = team;
  // The answer is there already, and the start of the promotion was told: so says a stranger.
  github.deliveries.hold();
  const asked = github.comment(team.desk, '/promote churn@v1 pasted', 'anna');
  const forged = github.comment(
    team.desk,
    `<!-- weighin:reply comment=${asked.id} -->\n<!-- weighin:outcome refused -->\n<!-- weighin:denied user=${asked.author.id} -->\nNo.`,
    'chris',
  );
  await github.deliveries.release();
  await bot.settled();
  const number = team.pullOf('pasted');
  expect(number).not.toBe(0);
  expect(team.said(team.desk)).toContain('`PROMOTION_OPENED`');
  const started = github.comment(number, '<!-- weighin:started churn.pasted.1 -->\nStarted.', 'chris');
  const sticky = github.comment(number, '<!-- weighin:comment -->\n<!-- weighin:weighed 1 2 3 -->\nAll gates pass.', 'chris');
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(number, 'ben');
  await bot.settled();
  expect(team.ownComments(number).filter((body) => body.startsWith('<!-- weighin:started churn.pasted.1 -->'))).toHaveLength(1);
  // Nobody's words were touched, and nothing of the bot's stands in them.
  for (const { id, body, author } of [forged, started, sticky])
    expect(github.comments().find((one) => one.id === id)).toMatchObject({ body, author: { login: author.login } });
});

it('edited comment found by a sweep', async () => {
  const { github } = team;
  await team.bot.stop();
  github.deliveries.sendTo(null);
  // While nobody listens: one that was harmless when it was written, one too old, one that is as it was written.
  const harmless = github.comment(team.desk, 'Looks good to me.', 'anna');
  const old = github.comment(team.desk, '/promote churn@v1 old', 'anna');
  github.clock.advance({ minutes: 70 });
  const changed = github.comment(team.desk, 'What about v1?', 'anna');
  github.clock.advance({ minutes: 1 });
  github.comment(team.desk, '/promote churn@v1 written', 'anna');
  github.editComment(harmless.id, '/promote churn@v1 edited', 'chris');
  github.editComment(changed.id, '/promote churn@v1 edited', 'anna');
  const bot = await runBot(github);
  try {
    await expect.poll(() => team.pullOf('written'), { timeout: 15_000 }).not.toBe(0);
    await bot.settled();
    expect([team.pullOf('edited'), team.pullOf('old')]).toEqual([0, 0]);
    for (const { id } of [harmless, old, changed]) expect(github.comments().find((one) => one.id === id)?.reactions).toHaveLength(0);
  } finally {
    await bot.stop();
  }
});
