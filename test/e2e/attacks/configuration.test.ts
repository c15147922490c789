import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/digest/canonical-json.ts';
import { claimWorkflow } from '../../../shared/promotion/evidence-document.ts';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';
import { better } from '../../support/reports/reports.ts';
import { contractOf, useTables } from '../../unit/contract/table-fixture.ts';

/** What listens on the bot's own machine and network, where nobody outside may reach. */
const asked: string[] = [];
const inside: Server = createServer((request, response) => {
  asked.push(`${request.headers.host} ${request.url}`);
  response.end();
});
let team: AttackedTeam;
beforeAll(async () => {
  await new Promise<void>((resolve) => inside.listen(0, '0.0.0.0', resolve));
  const address = inside.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const env = {
    WEIGHIN_NOTIFY_SECRET: 'the-key-of-the-webhooks',
    // A listed address, a listed name that leads to one that is not, addresses that are not listed, and another secret altogether.
    WEIGHIN_OUTBOUND_HOSTS: '127.0.0.2,localhost',
    LISTED: `http://127.0.0.2:${port}/listed`,
    NAMED: `http://localhost:${port}/named`,
    LOOPBACK: `http://127.0.0.1:${port}/loopback`,
    DECIMAL: `http://2130706433:${port}/decimal`,
    MAPPED: `http://[::ffff:127.0.0.1]:${port}/mapped`,
    METADATA: 'http://169.254.169.254/latest/meta-data',
    SCHEME: 'file:///etc/passwd',
  };
  const names = ['LISTED', 'NAMED', 'LOOPBACK', 'DECIMAL', 'MAPPED', 'METADATA', 'SCHEME', 'PRIVATE_KEY'];
  const notify = names.map((name) => ({ webhook: { env: name } }));
  team = await openAttackedTeam(
    { told: { approvals: 0, verify: [{ http: `http://127.0.0.1:${port}/verify` }] }, bombed: {} },
    { top: { notify }, env },
  );
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
  inside.closeAllConnections();
  await new Promise((resolve) => inside.close(resolve));
});

it('SSRF through verify.http and notify', async () => {
  const { github, bot } = team;
  const number = await team.ask('told');
  github.mergePull(number, 'ben');
  await bot.settled();
  expect(team.live('told')).toMatchObject({ generation: 1, phase: 'succeeded' });
  await expect.poll(() => asked.length, { timeout: 15_000 }).toBe(1);
  await expect.poll(() => bot.log().match(/NOTIFY_FAILED/g)?.length, { timeout: 15_000 }).toBe(7);
  expect(asked.map((one) => one.replace(/:\d+/, ''))).toEqual(['127.0.0.2 /listed']);
  // The log tells which was refused, by the name of its variable; never an address or what the variable holds.
  expect(bot.log()).not.toMatch(/meta-data|\/loopback|\/named|passwd|BEGIN|the-key-of-the-webhooks/);
});

it('YAML bomb, __proto__, regular expression from config', async () => {
  const { github, bot } = team;
  const good = github.git.file('main', 'weighin.yaml') ?? '';
  const level = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]\n`;
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${names
    .slice(1)
    .map((name, at) => level(name, names[at] ?? ''))
    .join('')}`;
  const loop = good.replace('version: 1', 'version: 1\nextra: &loop [*loop]');
  const proto = good.replace('version: 1', 'version: 1\n__proto__: {mode: advise}');
  const model = good.replace('  churn:', '  __proto__: {task: binary}\n  churn:');
  const deep = `version: 1\nmodels: ${'['.repeat(50_000)}`;
  expect(new Set([good, loop, proto, model]).size).toBe(4);
  const pulls = [bomb, loop, proto, model, deep].map((text, index) => {
    const headSha = github.git.commit({ branch: `bomb-${index}`, base: 'main', files: { 'weighin.yaml': text }, by: 'ben' });
    github.playRun({
      path: claimWorkflow,
      event: 'pull_request',
      headBranch: `bomb-${index}`,
      headSha,
      actor: 'ben',
      artifacts: [
        {
          name: 'weighin-report-churn-1',
          files: { 'churn/report.json': canonicalJson(better()).replace('{', '{"__proto__":{"blocks":false},') },
        },
      ],
    });
    return { headSha, ...github.openPull({ branch: `bomb-${index}`, title: 'Bomb', by: 'ben' }) };
  });
  await bot.settled();
  for (const { number, headSha } of pulls) {
    expect(team.said(number)).toContain('This pull request changes policy');
    const gates = github.checks(headSha).find(({ name }) => name === 'weighin/churn');
    expect(gates?.conclusion).toBe('failure');
    expect(team.check(headSha)?.conclusion).toBe('success');
  }
  // The same key in a report, where nothing else is wrong.
  const headSha = github.git.commit({ branch: 'proto', base: 'main', files: { 'train.py': 'print(2)\n' }, by: 'ben' });
  const { number } = github.openPull({ branch: 'proto', title: 'Train', by: 'ben' });
  const report = canonicalJson(better()).replace('{', '{"__proto__":{"blocks":false},');
  const artifacts = [{ name: 'weighin-report-churn-1', files: { 'churn/report.json': report } }];
  github.playRun({ path: claimWorkflow, event: 'pull_request', headBranch: 'proto', headSha, actor: 'ben', artifacts });
  await bot.settled();
  expect(github.checks(headSha).find(({ name }) => name === 'weighin/churn')?.conclusion).toBe('failure');
  expect(team.said(number)).toContain('a key that JavaScript would take for its own');
  // On the default branch it stops everything, and says so; it stops nothing for good.
  for (const text of [bomb, proto]) {
    github.git.commit({ branch: 'main', files: { 'weighin.yaml': text }, by: 'octocat' });
    github.comment(team.desk, '/promote churn@v1 bombed', 'anna');
    await bot.settled();
    expect(team.said(team.desk)).toContain('`POLICY_UNREADABLE`');
  }
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': good }, by: 'octocat' });
  await bot.settled();
  await team.ask('bombed');
  expect(bot.log()).not.toMatch(/"level":"error","[^\n]*"msg":"(?!.*could not be told)/);
});

const tables = useTables();
it('regular expression from config', async () => {
  // Exponential in an engine that goes back; RE2 does not.
  const contract = contractOf('properties:\n  - name: x\n    logicalType: string\n    logicalTypeOptions: {pattern: "(a+)+(a+)+b"}');
  const { checks } = await tables.validate('parquet', `SELECT repeat('a', 5000) || '!' AS x FROM range(200)`, contract);
  expect(checks.find(({ rule }) => rule === 'pattern')).toMatchObject({ status: 'fail' });
  // What only such an engine could do is refused where it is written.
  const back = contract.replace('(a+)+(a+)+b', '(a)\\\\1(?=b)');
  await expect(tables.validate('parquet', `SELECT 'ab' AS x`, back)).rejects.toMatchObject({
    code: expect.stringMatching(/PATTERN|CONTRACT/),
  });
});
