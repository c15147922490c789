import { describe, expect, it } from 'vitest';
import { runCommands } from '../../../../bot/commands/run-commands.ts';
import { canonicalJson, digestOf } from '../../../../shared/digest/canonical-json.ts';
import type { Person } from '../../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../../shared/promotion/live-document.ts';
import { acceptedPath, knownReportPath, knownVersionPath, livePath } from '../../../../shared/promotion/state-paths.ts';
import { stagePath } from '../../../../shared/registry/work-tree-paths.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { versionDraft } from '../../../support/registry/version-draft.ts';
import { metric } from '../../../support/reports/parts.ts';
import { evaluation, report } from '../../../support/reports/reports.ts';
import { anna, ben, bot, createRepository, head, type MemoryRepository } from './memory-repository.ts';
import { twoModels } from './policies.ts';
import { createPromotions } from './promotion-double.ts';

const sha = (text: string) => digestOf(new TextEncoder().encode(text));

/** A version as the bot took it in, with its report. */
function addVersion(place: MemoryRepository, number: number, given: Partial<Report> | null) {
  const state = place.files.get('weighin/state');
  const text = given && canonicalJson(report({ evidence: 'measured', ...given }));
  const draft = versionDraft({ seed: number, report: text === null ? null : new TextEncoder().encode(text) });
  state?.set(knownVersionPath('churn', number), canonicalJson({ schema: 'weighin/version@1', number, ...draft }));
  if (text !== null) state?.set(knownReportPath(sha(text)), text);
  return draft.subject.digest;
}

function addStage(place: MemoryRepository, stage: string, number: number, live: Partial<LiveDocument>) {
  const version = { number, digest: versionDraft({ seed: number }).subject.digest };
  place.files.get('main')?.set(
    stagePath('churn', stage),
    JSON.stringify({
      ...{ schema: 'weighin/stage@1', model: 'churn', stage, generation: 41, operation: 'promote', promotion: `churn.${stage}.41` },
      ...{ version: { ...version, record: sha('record') }, previous: null, plan: sha('plan'), rollout: null },
    }),
  );
  const document: LiveDocument = {
    ...{ schema: 'weighin/live@1', model: 'churn', stage, generation: 41, revision: 3, fence: 0, rolloutId: null, plan: null },
    ...{ strategy: null, phase: 'idle', step: 0, stepStartedAt: null, guardedSeconds: 0, pausedBy: null, stable: version },
    ...{ candidate: null, weight: null, looks: [], guard: null, effects: [], deployment: null, holds: [], rolledBack: [] },
    verified: [{ ...version, generation: 41, at: '2026-11-18T09:12:00Z' }],
    ...live,
  };
  place.files.get('weighin/state')?.set(livePath('churn', stage), JSON.stringify(document));
}

const values = (auc: number, recall: number) =>
  evaluation({ baseline: null, metrics: [metric({ name: 'roc_auc', value: auc }), metric({ name: 'recall', value: recall })] });

function furnished() {
  const place = createRepository({ policy: twoModels });
  place.teams['ml-leads'] = [];
  const v11 = addVersion(place, 11, { evaluation: values(0.846, 0.712) });
  addVersion(place, 12, {
    evaluation: evaluation({
      baseline: { stage: 'production', version: 11, digest: v11, createdAt: '2026-10-14T08:00:00.000Z', ageDays: 38 },
      metrics: [
        metric({ name: 'roc_auc', value: 0.853, baseline: 0.846, interval: { low: 0.005, high: 0.009, level: 0.9, method: 'delong' } }),
        metric({ name: 'recall', value: 0.651, baseline: 0.712, interval: { low: -0.098, high: -0.024, level: 0.9, method: 'tango' } }),
        metric({ name: 'latency_p99', value: 6.0, baseline: 4.1, unit: 'ms', greaterIsBetter: false }),
        metric({ name: 'recall', value: 0.6, baseline: 0.7, slice: 'region=south' }),
      ],
    }),
  });
  addVersion(place, 13, null);
  addVersion(place, 10, { evaluation: { ...values(0.84, 0.7), testDigest: sha('older test rows'), rows: 19_000 } });
  addStage(place, 'production', 11, {
    holds: [
      {
        id: sha('hold'),
        digest: null,
        reason: 'incident 4711 | @all',
        by: anna,
        at: '2026-11-20T08:00:00Z',
        until: '2026-12-24T17:00:00Z',
      },
      { id: sha('past'), digest: null, reason: 'over', by: anna, at: '2026-11-01T08:00:00Z', until: '2026-11-02T00:00:00Z' },
    ],
  });
  addStage(place, 'staging', 12, {
    phase: 'analysing',
    stable: { number: 11, digest: v11 },
    candidate: { number: 12, digest: sha('12') },
    weight: { desired: 30, observed: 30, at: null },
    verified: [],
  });
  return place;
}

async function replyTo(place: MemoryRepository, body: string, { actor = anna, onPull = true }: { actor?: Person; onPull?: boolean } = {}) {
  const comment = place.say(actor, body);
  await runCommands(place.context, { number: 57, onPull, comment }, createPromotions().actions);
  const [reply = ''] = place.replies().slice(-1);
  return reply;
}

describe('replies as people read them', () => {
  it.each<[string, string]>([
    ['help', '/weighin help'],
    ['help-promote', '/weighin help promote'],
    ['status', '/weighin status'],
    ['diff', '/diff churn'],
    ['diff-unpaired', '/diff churn v10 v12'],
    ['diff-without-report', '/diff churn v12 v13'],
    ['drift', '/drift churn'],
    ['run', '/weighin run'],
    ['retry', '/weighin retry latency_p99.maxRelative'],
    ['canary', '/canary churn staging set 30'],
    ['several', '/why\n\n/weighin promot churn@v12 production\n/rollback ../../x production'],
    ['unreadable-team', '/promote churn@v12 production'],
    ['hostile', '/weighin @everyone](https://x.test)<img src=x>`|`'],
  ])('%s', async (name, body) => {
    const place = furnished();
    if (name === 'diff') place.files.get('weighin/state')?.delete(knownVersionPath('churn', 13));
    if (name === 'unreadable-team') delete place.teams['ml-leads'];
    await expect(await replyTo(place, body)).toMatchFileSnapshot(`golden/${name}.md`);
    expect(place.logged).toEqual([]);
  });

  it('denied', async () => {
    await expect(await replyTo(furnished(), '/promote churn@v12 production', { actor: ben })).toMatchFileSnapshot('golden/denied.md');
  });
});

it('holds no mention, link, image or HTML of a commenter', async () => {
  const hostile = '@everyone [x](http://x.test) ![y](http://y.test) <img src=x onerror=y> <!-- weighin:denied user=11 --> #1 http://z.test';
  for (const body of [
    `/weighin ${hostile}`,
    `/weighin status ${hostile}`,
    `/weighin retry "${hostile}"`,
    `/promote ${hostile}`,
    `/weighin help ${hostile}`,
  ]) {
    const reply = await replyTo(furnished(), body);
    const prose = reply.replace(/`[^`\n]*`|<code>[^<]*<\/code>/g, '').replace(/^<!-- weighin:.*-->$/gm, '');
    expect(prose).not.toMatch(/@\w|https?:|<(?!br>)|!\[|\]\(|#\d/);
    expect(reply.split('\n').filter((line) => line.includes('weighin:denied'))).toEqual([]);
  }
});

const codeOf = (reply: string) => /: `([A-Z_]+)`$/m.exec(reply)?.[1];

describe('a weigh run', () => {
  it('is bound to the head as it is', async () => {
    const place = furnished();
    await replyTo(place, '/weighin run');
    expect(place.dispatched).toEqual([
      {
        type: 'weighin-weigh',
        payload: { schema: 'weighin/weigh@1', model: null, promotion: null, version: null, pull: 57, headSha: head },
      },
    ]);
  });

  it("of a promotion weighs the plan's version, and only of one that the bot opened", async () => {
    const place = furnished();
    const branch = { sha: head, branch: 'weighin/promote/churn.production.42', owner: 'acme', fork: false };
    const plan = {
      ...{ schema: 'weighin/plan@1', repositoryId: 81, model: 'churn', stage: 'production', operation: 'promote', generation: 42 },
      ...{ from: null, to: { number: 12, digest: sha('12') }, record: sha('r'), evaluation: null, policy: sha('p'), rollout: null },
      ...{ target: null, overrides: [] },
    };
    place.files.set(head, new Map([['registry/churn/plans/production-42.json', JSON.stringify(plan)]]));
    place.setPull({ head: branch, author: bot });
    await replyTo(place, '/weighin run');
    place.setPull({ head: branch, author: anna });
    await replyTo(place, '/weighin run');
    expect(place.dispatched.map(({ payload }) => payload)).toEqual([
      { schema: 'weighin/weigh@1', model: 'churn', promotion: 'churn.production.42', version: 12, pull: null, headSha: null },
      { schema: 'weighin/weigh@1', model: null, promotion: null, version: null, pull: 57, headSha: head },
    ]);
  });

  it.each<[string, string, string, boolean]>([
    ['an issue', '/weighin run', 'NOT_A_PULL', false],
    ['a gate that is not there', '/weighin retry roc_auk.maxRegression', 'GATE_UNKNOWN', true],
    ['a gate by its own name', '/weighin retry caught.min', 'WEIGH_STARTED', true],
    ['a gate without an entry', '/weighin retry contract', 'WEIGH_STARTED', true],
  ])('for %s: %s', async (_, body, code, onPull) => {
    const place = furnished();
    expect(codeOf(await replyTo(place, body, { onPull }))).toBe(code);
    expect(place.dispatched).toHaveLength(code === 'WEIGH_STARTED' ? 1 : 0);
  });

  it('is refused for what is closed or goes elsewhere', async () => {
    const place = furnished();
    place.setPull({ state: 'merged' });
    expect(codeOf(await replyTo(place, '/weighin run'))).toBe('PULL_CLOSED');
    place.setPull({ base: 'release' });
    expect(codeOf(await replyTo(place, '/weighin run'))).toBe('BASE_NOT_DEFAULT');
    expect(place.dispatched).toEqual([]);
  });
});

describe('from Git', () => {
  it.each([
    ['/weighin status chrun', 'MODEL_UNKNOWN'],
    ['/weighin status constructor', 'MODEL_UNKNOWN'],
    ['/diff chrun', 'MODEL_UNKNOWN'],
    ['/diff chrun v1 v2', 'MODEL_UNKNOWN'],
    ['/drift chrun', 'MODEL_UNKNOWN'],
    ['/diff fraud', 'NOTHING_TO_COMPARE'],
    ['/diff churn v12 v12', 'NOTHING_TO_COMPARE'],
    ['/diff churn v12 v99', 'VERSION_NOT_FOUND'],
    ['/drift fraud', 'DRIFT_NOT_SET_UP'],
    ['/weighin hold churn staging --reason x --until 2026-11-21T10:59Z', 'UNTIL_PAST'],
    ['/weighin hold churn staging --reason x --until 2026-11-21T11:01Z', 'DONE'],
  ])('%s: %s', async (body, code) => {
    expect(codeOf(await replyTo(furnished(), body))).toBe(code);
  });

  it('compares the version in production with the newest that has come in since', async () => {
    const place = furnished();
    place.files.get('weighin/state')?.delete(knownVersionPath('churn', 13));
    place.files.get('weighin/state')?.set(acceptedPath('churn', 14), '{}');
    expect(await replyTo(place, '/diff churn')).toContain('v11 → v12');
  });

  it('says so where weighin.yaml is broken', async () => {
    const place = createRepository({ policy: 'models: [' });
    for (const body of ['/weighin status', '/diff churn', '/drift churn', '/weighin retry x']) {
      const reply = await replyTo(place, body);
      expect(codeOf(reply)).toBe('POLICY_UNREADABLE');
    }
    expect(codeOf(await replyTo(place, '/weighin help'))).toBe('HELP');
  });

  it('keeps a reply below what a comment may hold', async () => {
    const place = furnished();
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
    place.files
      .get('main')
      ?.set(
        'weighin.yaml',
        `version: 1\nmodels:\n${names.map((name) => `  ${name}: {task: binary, model: {format: metrics, file: m.json}, evaluation: {gates: [{metric: roc_auc, min: 0.5}]}, stages: {production: {}}}`).join('\n')}\n`,
      );
    const reply = await replyTo(place, '/weighin status\n/weighin help\n/weighin status');
    expect(reply.length).toBeLessThan(65_536);
    expect(reply).toContain('more stages are not shown');
  });
});
