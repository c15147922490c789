import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { updatePullConversation } from '../../../../bot/conversation/update-pull-conversation.ts';
import { writeGateChecks } from '../../../../bot/conversation/write-gate-checks.ts';
import { readEvidence } from '../../../../bot/reports/read-evidence.ts';
import type { Config } from '../../../../shared/config/schema.ts';
import { canonicalBytes } from '../../../../shared/digest/canonical-json.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { better, worse } from '../../../support/reports/reports.ts';
import { bot, type FakeParts, fakeForge, headSha, mainSha, pull, run, weighRun } from '../fake-forge.ts';
import { evidenceArtifactOf, measured } from '../reports/measured.ts';
import { anna, config } from './promotion-facts.ts';

const claim = (report: Report) => ({
  name: `weighin-report-${report.model}-1`,
  zip: zipSync({ [`${report.model}/report.json`]: canonicalBytes(report), [`${report.model}/comment.md`]: strToU8('x') }),
});

function setUp(parts: FakeParts = {}, given: { readonly config?: Config; readonly template?: string } = {}) {
  const fake = fakeForge({ runs: [run()], artifacts: { 42: [claim(worse())] }, pulls: [pull()], ...parts });
  const policy = {
    commit: mainSha,
    config: given.config ?? config(),
    problem: null,
    file: 'weighin.yaml',
    folder: '',
    template: given.template ?? null,
  };
  const context: BotContext = {
    forge: fake.forge,
    by: 'weighin[bot]/0.1.0',
    log: { info() {}, warn() {}, error() {} },
    notify() {},
    mode: 'server',
    policy: async () => policy,
    verifyNewEvidence: async () => 'none',
    verifyEvidence: async () => 'unknown',
  };
  return { ...fake, context, comment: () => fake.comments.get(57) ?? [] };
}

describe('the one comment of a pull request', () => {
  it('is written once and not again where nothing changed', async () => {
    const { context, comment, calls } = setUp();
    await updatePullConversation(context, 57);
    expect(comment()).toHaveLength(1);
    expect(comment()[0]?.body).toContain('### ❌ churn: stopped.');
    expect(comment()[0]?.body).toContain('**claimed: same runner as training**');
    await updatePullConversation(context, 57);
    expect(calls.filter((call) => /comments\.(create|edit|remove)/.test(call))).toEqual(['comments.create']);
  });

  it('is measured as soon as the weigh run has been, and says what was claimed otherwise', async () => {
    const report = measured(better());
    const { context, comment, forge } = setUp({
      artifacts: { 42: [claim(worse())], 43: [evidenceArtifactOf(report)] },
      runs: [run(), weighRun()],
    });
    await updatePullConversation(context, 57);
    await readEvidence(forge, weighRun(), context.verifyNewEvidence);
    await updatePullConversation(context, 57);
    expect(comment()).toHaveLength(1);
    expect(comment()[0]?.body).toContain('### ✅ churn: passes.');
    expect(comment()[0]?.body).toContain('**measured by the weigh run, run-verified**');
    expect(comment()[0]?.body).toContain('claimed fail and was measured pass');
  });

  it('finds the measurement again after a restart, by the run that it names, and proves it anew', async () => {
    const report = measured(better());
    const parts = { artifacts: { 42: [claim(worse())], 43: [evidenceArtifactOf(report)] }, runs: [run(), weighRun()] };
    const before = setUp(parts);
    await readEvidence(before.forge, weighRun());
    await updatePullConversation(before.context, 57);
    const text = before.comment()[0]?.body ?? '';
    const after = setUp(parts);
    after.comments.set(57, [{ id: 1, author: bot, body: text }]);
    await updatePullConversation(after.context, 57);
    expect(after.calls).not.toContain('comments.edit');
    // A person with write access may edit the bot's comment: what it names is only where to look.
    const forged = setUp({ ...parts, runs: [run(), weighRun({ headBranch: 'evil' })] });
    forged.comments.set(57, [{ id: 1, author: bot, body: text }]);
    await updatePullConversation(forged.context, 57);
    expect(forged.comment()[0]?.body).toContain('**claimed: same runner as training**');
  });

  it('ignores a measurement of another commit', async () => {
    const { context, comment, forge } = setUp({
      artifacts: { 42: [claim(worse())], 43: [evidenceArtifactOf(measured(better()), { headSha: 'c3'.repeat(20) })] },
    });
    await readEvidence(forge, weighRun());
    await updatePullConversation(context, 57);
    expect(comment()[0]?.body).toContain('**claimed');
  });

  it('ignores one that an earlier comment names, since a push', async () => {
    const { context, comment, comments } = setUp({
      runs: [run(), weighRun()],
      artifacts: { 42: [claim(worse())], 43: [evidenceArtifactOf(measured(better()), { headSha: 'c3'.repeat(20) })] },
    });
    comments.set(57, [{ id: 1, author: bot, body: '<!-- weighin:comment config=weighin.yaml -->\n<!-- weighin:weighed 43 -->\n✅ churn' }]);
    await updatePullConversation(context, 57);
    expect(comment()[0]?.body).toContain('**claimed');
    expect(comment()[0]?.body).not.toContain('weighin:weighed');
  });

  it('keeps its text with one line above while a matrix is under way, and says nothing before there is something', async () => {
    const { context, comment, comments, calls } = setUp({ runs: [run({ status: 'in_progress', conclusion: null })] });
    await updatePullConversation(context, 57);
    expect(comment()).toEqual([]);
    comments.set(57, [{ id: 1, author: bot, body: '<!-- weighin:comment config=weighin.yaml -->\n### ✅ churn: passes\n' }]);
    await updatePullConversation(context, 57);
    await updatePullConversation(context, 57);
    expect(comment()[0]?.body).toBe(
      `<!-- weighin:comment config=weighin.yaml -->\n<!-- weighin:waiting -->⏳ weighing \`${headSha.slice(0, 7)}\` …\n\n### ✅ churn: passes\n`,
    );
    expect(calls.filter((call) => call === 'comments.edit')).toHaveLength(1);
  });

  it('does not wait for runs of another branch with the same commit', async () => {
    const { context, comment } = setUp({ runs: [run({ id: 41, headBranch: 'twin', status: 'queued' }), run()] });
    await updatePullConversation(context, 57);
    expect(comment()).toHaveLength(1);
  });

  it('leaves a pasted marker alone, and of its own comments the lowest id', async () => {
    const { context, comment, comments } = setUp();
    const pasted = { id: 1, author: anna, body: '<!-- weighin:comment config=weighin.yaml -->\n✅ churn: passes' };
    const quoted = { id: 2, author: bot, body: 'Somebody wrote <!-- weighin:comment config=weighin.yaml -->' };
    const own = [3, 4].map((id) => ({ id, author: bot, body: '<!-- weighin:comment config=weighin.yaml -->\nold' }));
    comments.set(57, [pasted, quoted, ...own]);
    await updatePullConversation(context, 57);
    expect(comment().map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(comment()[0]?.body).toContain('✅ churn: passes');
    expect(comment()[2]?.body).toContain('### ❌ churn');
  });

  it('gives way to an older one that another process created meanwhile', async () => {
    const { context, comment, forge, comments } = setUp();
    const create = forge.comments.create;
    Object.assign(forge.comments, {
      async create(number: number, body: string) {
        const made = await create(number, body);
        comments.set(57, [{ id: 5, author: bot, body: '<!-- weighin:comment config=weighin.yaml -->\nolder' }, ...comment()]);
        return made;
      },
    });
    await updatePullConversation(context, 57);
    expect(comment().map(({ id }) => id)).toEqual([5]);
    expect(comment()[0]?.body).toContain('### ❌ churn');
  });

  it('is not written with surface: check', async () => {
    const { context, calls } = setUp({}, { config: config({ conversation: { surface: 'check' } }) });
    await updatePullConversation(context, 57);
    expect(calls).toEqual([]);
  });

  it('says that a changed workflow claims', async () => {
    const workflow = '.github/workflows/weighin.yml';
    const { context, comment } = setUp({
      pulls: [pull({ files: [workflow] })],
      files: { main: { [workflow]: 'a' }, [headSha]: { [workflow]: 'b' } },
    });
    await updatePullConversation(context, 57);
    expect(comment()[0]?.body).toContain('WORKFLOW_CHANGED');
  });

  it('says nothing where no model was touched, and something where the run left no report', async () => {
    const untouched = setUp({ artifacts: {} });
    await updatePullConversation(untouched.context, 57);
    expect(untouched.comment()).toEqual([]);
    const lost = setUp({ artifacts: {}, runs: [run({ conclusion: 'failure' })] });
    await updatePullConversation(lost.context, 57);
    expect(lost.comment()[0]?.body).toContain('No verdict. The run ended without a report');
  });

  it('takes a run that waits for leave, or was cancelled, for none', async () => {
    for (const conclusion of ['action_required', 'cancelled', 'skipped']) {
      const { context, comment, checks } = setUp({ artifacts: {}, runs: [run({ conclusion })] });
      await updatePullConversation(context, 57);
      await writeGateChecks(context, pull());
      expect([...comment(), ...checks]).toEqual([]);
    }
  });

  it('fills a team’s template, and ends one that takes too long', async () => {
    const own = setUp({}, { template: '{{#each models}}Hello {{name}}: {{{headline}}}{{/each}}' });
    await updatePullConversation(own.context, 57);
    expect(own.comment()[0]?.body).toContain('Hello churn: stopped.');
    const nested = `${'{{#each @root.models.[0]}}'.repeat(12)}x${'{{/each}}'.repeat(12)}`;
    const bomb = setUp({}, { template: nested });
    await updatePullConversation(bomb.context, 57);
    expect(bomb.comment()[0]?.body).toContain('### ❌ churn');
    expect(bomb.comment()[0]?.body).toMatch(/TEMPLATE_TOO_SLOW/);
    const broken = setUp({}, { template: '{{#each models}}' });
    await updatePullConversation(broken.context, 57);
    expect(broken.comment()[0]?.body).toMatch(/TEMPLATE_INVALID/);
  });
});

describe('a check for each gate set', () => {
  it('fails with annotations at the lines of the configuration, and is not written again', async () => {
    const text =
      'version: 1\nmodels:\n  churn:\n    evaluation:\n      gates:\n        - { metric: roc_auc, min: 0.8 }\n        - { metric: recall, compare: { maxRegression: 0.02 } }\n        - { metric: latency_p99, compare: { maxRelative: 0.2 } }\n';
    const { context, checks, calls } = setUp({ files: { [headSha]: { 'weighin.yaml': text } } });
    await writeGateChecks(context, pull());
    await writeGateChecks(context, pull());
    expect(calls.filter((call) => call === 'checks.write')).toHaveLength(1);
    const [check] = checks;
    expect(check).toMatchObject({
      name: 'weighin/churn',
      conclusion: 'failure',
      sha: headSha,
      title: 'fail: Recall in region=south fell by 6.1 points',
    });
    expect(check?.annotations).toMatchObject([
      { path: 'weighin.yaml', line: 7, level: 'failure' },
      { path: 'weighin.yaml', line: 8, level: 'warning' },
    ]);
  });

  it.each<[string, Config, Partial<Parameters<typeof pull>[0]>, Report, string]>([
    ['advises with mode: advise', config({ mode: 'advise' }), {}, worse(), 'neutral'],
    ['passes with mode: advise', config({ mode: 'advise' }), {}, better(), 'success'],
    ['does not judge onto another base', config(), { base: 'dev' }, worse(), 'neutral'],
    ['believes the policy, not the report, about the mode', config(), {}, { ...worse(), mode: 'advise', blocks: false }, 'failure'],
  ])('%s', async (_, policy, given, report, conclusion) => {
    const { context, checks } = setUp({ artifacts: { 42: [claim(report)] }, pulls: [pull(given)] }, { config: policy });
    await writeGateChecks(context, pull(given));
    expect(checks.map((check) => check.conclusion)).toEqual([conclusion]);
  });

  it('is not opened by a claim that was judged by the pull request’s own rules, only by a measurement', async () => {
    const loose =
      'version: 1\nmodels:\n  churn:\n    task: binary\n    data: {source: data/customers.parquet, label: churned}\n    evaluation: {gates: [{metric: roc_auc, min: 0.1}]}\n';
    const given = pull({ files: ['weighin.yaml'] });
    const report = measured(better());
    const { context, checks, comment, forge } = setUp({
      pulls: [given],
      artifacts: { 42: [claim(better())], 43: [evidenceArtifactOf(report)] },
      files: { [headSha]: { 'weighin.yaml': loose }, main: { 'weighin.yaml': 'version: 1\n' } },
    });
    await updatePullConversation(context, given);
    await writeGateChecks(context, given);
    expect(comment()[0]?.body).toContain('### ⚖️ This pull request changes policy');
    expect(comment()[0]?.body).toContain("judged by this pull request's own rules");
    expect(checks).toMatchObject([{ conclusion: 'failure', title: 'fail: POLICY_CHANGED, the weigh run has yet to judge it' }]);
    await readEvidence(forge, weighRun());
    const again = { ...given };
    await updatePullConversation(context, again);
    await writeGateChecks(context, again);
    expect(comment()[0]?.body).toContain('What follows is judged by the policy of the default branch');
    expect(checks).toMatchObject([{ conclusion: 'success' }]);
  });

  it('says the worst of all runs where two pull requests have one commit', async () => {
    const twin = pull({ number: 58, head: { ...pull().head, branch: 'twin' } });
    const parts = {
      runs: [run(), run({ id: 44, headBranch: 'twin' })],
      artifacts: { 42: [claim(better())], 44: [claim(worse())] },
      pulls: [pull(), twin],
    };
    const { context, checks } = setUp(parts);
    await writeGateChecks(context, pull());
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ conclusion: 'failure' });
    expect(checks[0]?.summary).toContain('AMBIGUOUS_HEAD');
  });

  it('waits until the runs of both are done', async () => {
    const twin = pull({ number: 58, head: { ...pull().head, branch: 'twin' } });
    const { context, checks } = setUp({
      runs: [run({ id: 44, headBranch: 'twin', status: 'in_progress', conclusion: null }), run()],
      artifacts: { 42: [claim(better())] },
      pulls: [pull(), twin],
    });
    await writeGateChecks(context, pull());
    expect(checks).toEqual([]);
  });

  it('fails a model of which a failed run says nothing, and passes one that nothing touched', async () => {
    const lost = setUp({ artifacts: {}, runs: [run({ conclusion: 'failure' })] });
    await writeGateChecks(lost.context, pull());
    expect(lost.checks.map(({ conclusion, title }) => [conclusion, title])).toEqual([['failure', 'error: the run ended without a report']]);
    const untouched = setUp({ artifacts: {} });
    await writeGateChecks(untouched.context, pull());
    expect(untouched.checks.map(({ conclusion }) => conclusion)).toEqual(['success']);
  });

  it('passes an open answer unless the policy says otherwise', async () => {
    const open = { ...better(), verdict: 'inconclusive' as const };
    const lenient = setUp({ artifacts: { 42: [claim(open)] } });
    await writeGateChecks(lenient.context, pull());
    expect(lenient.checks[0]?.conclusion).toBe('success');
    const gates = [{ metric: 'roc_auc', min: 0.8 }];
    const strict = config({ models: { churn: { task: 'binary', evaluation: { gates, defaults: { onInconclusive: 'fail' } } } } });
    const harsh = setUp({ artifacts: { 42: [claim(open)] } }, { config: strict });
    await writeGateChecks(harsh.context, pull());
    expect(harsh.checks[0]?.conclusion).toBe('failure');
  });

  it('names no file outside the repository in an annotation', async () => {
    const report = worse();
    const evil = { ...report, policy: { ...report.policy, file: '../../etc/passwd' } };
    const { context, checks } = setUp({ artifacts: { 42: [claim(evil)] } });
    await writeGateChecks(context, pull());
    expect(checks[0]?.annotations).toBeUndefined();
  });
});
