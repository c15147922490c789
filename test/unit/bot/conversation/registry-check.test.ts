import { expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { renderWhy } from '../../../../bot/conversation/render-why.ts';
import { writePromotionCheck } from '../../../../bot/conversation/write-promotion-check.ts';
import { writeRegistryCheck } from '../../../../bot/conversation/write-registry-check.ts';
import type { Condition } from '../../../../shared/promotion/promotion-facts.ts';
import { fakeForge, headSha, mainSha, pull, run } from '../fake-forge.ts';
import { config } from './promotion-facts.ts';

function setUp(trees: Readonly<Record<string, string>>, folder = '') {
  const fake = fakeForge();
  const list = async (ref: string, at: string) => [
    { path: `${at}/churn/stages/production.json`, oid: trees[ref] ?? '', bytes: 1, mode: 'file' as const },
  ];
  const forge = Object.assign(fake.forge, { git: { ...fake.forge.git, list } });
  const policy = { commit: mainSha, config: config(), problem: null, file: 'weighin.yaml', folder, template: null };
  const context: Pick<BotContext, 'forge' | 'policy'> = { forge, policy: async () => policy };
  return { ...fake, context: context as BotContext };
}

it.each([
  ['equal folders pass', { main: 'a', [headSha]: 'a' }, 'success'],
  ['other folders are never green', { main: 'a', [headSha]: 'b' }, 'failure'],
])('with more files than GitHub lists, %s', async (_, trees, conclusion) => {
  const { context, checks } = setUp(trees as Record<string, string>);
  await writeRegistryCheck(context, pull({ moreFiles: true }));
  expect(checks.map((check) => check.conclusion)).toEqual([conclusion]);
});

it('guards registry/ beside the configuration, and no folder that is only named alike', async () => {
  const { context, checks } = setUp({}, 'models');
  await writeRegistryCheck(context, pull({ files: ['registry/x.json', 'models/registry-of-names.py'] }));
  await writeRegistryCheck(context, pull({ files: ['models/registry/churn/stages/production.json'] }));
  expect(checks.map(({ conclusion, title }) => [conclusion, title])).toEqual([
    ['failure', 'fail: NOT_THE_BOTS, only Weighin changes registry/'],
  ]);
});

it('lists every unmet condition, however many, in a title that fits', async () => {
  const { context, checks } = setUp({});
  const codes = ['APPROVALS_MISSING', 'SOAK', 'FROZEN', 'HELD', 'EVIDENCE_STALE', 'CHANGES_REQUESTED'] as const;
  const unmet = codes.map((code): Condition => ({ code, message: `${code} holds it.`, next: 'Wait.' }));
  await writePromotionCheck(context, { sha: headSha, kind: 'promotion', unmet });
  expect(checks[0]?.title.length).toBeLessThanOrEqual(100);
  for (const code of codes) expect(checks[0]?.summary).toContain(`**${code}**`);
});

it.each([
  ['none', 'No run of'],
  ['running', 'is being weighed'],
  ['done', 'reported nothing'],
] as const)('/why says what there is to wait for: %s', (state, says) => {
  const policy = { commit: mainSha, config: config(), problem: null, file: 'weighin.yaml', folder: '', template: null };
  const findings = { pull: pull(), policy, claim: { state, run: run() }, models: [], weighed: [], problems: [], policyChanges: [] };
  expect(renderWhy(findings)).toContain(says);
});
