import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/digest/canonical-json.ts';
import { checkRender } from '../../../shared/promotion/check-render.ts';
import type { CommitFacts } from '../../../shared/promotion/forge.ts';
import type { PromotionFacts } from '../../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../../shared/promotion/promotion-status.ts';
import { renderPromotion } from '../../../shared/promotion/render-promotion.ts';
import { planPath, recordPath, stagePath } from '../../../shared/registry/work-tree-paths.ts';
import {
  anna,
  bot,
  commit,
  configOf,
  headSha,
  ready,
  rendered,
  requested,
  sha,
  webFlow,
  withEvent,
  withPull,
} from '../../support/promotion/promotion-facts.ts';
import { digestOf } from '../../support/reports/parts.ts';

const planFile = planPath('churn', 'production', 42);
const stageFile = stagePath('churn', 'production');
const recordFile = recordPath('churn', 12);
const check = (facts: PromotionFacts) => {
  if (!facts.pull) throw new Error('no pull request');
  return checkRender(facts, facts.pull, renderPromotion(facts));
};
const withFiles = (files: Readonly<Record<string, string | null>>) => check(withPull(requested(), [], { files }));
const withCommits = (...commits: CommitFacts[]) => check(withPull(requested(), [], { snapshot: { commits } }));
const without = (path: string) => {
  const facts = withPull(requested());
  const filesAtHead = new Map([...(facts.pull?.filesAtHead ?? [])].filter(([file]) => file !== path));
  return check({
    ...facts,
    pull: facts.pull && { ...facts.pull, filesAtHead, snapshot: { ...facts.pull.snapshot, files: [...filesAtHead.keys()] } },
  });
};
const edited = (path: string, change: (text: string) => string) => {
  const text = rendered(requested()).files.find((file) => file.path === path)?.text ?? '';
  expect(change(text)).not.toBe(text);
  return withFiles({ [path]: change(text) });
};

describe('checkRender', () => {
  it('knows its own plan, to the byte', () => {
    expect(withFiles({})).toEqual({ is: 'exact', why: '' });
  });

  it('misses no record that lies on the default branch already', () => {
    expect(without(recordFile).is).toBe('exact');
    expect(without(planFile).is).toBe('tampered');
    expect(without(stageFile).is).toBe('tampered');
  });

  it('tells a plan of its own that is out of date from one that it never wrote', () => {
    const facts = withPull(requested());
    expect(check({ ...facts, config: configOf({ approvals: 2 }) })).toMatchObject({ is: 'stale' });
    expect(check(withEvent(facts, 'gate.overridden', { gate: 'x', reason: 'y', commit: null }, { actor: anna }))).toMatchObject({
      is: 'stale',
    });
    // What cannot be rendered today is no reason to trust what lies there.
    expect(check({ ...facts, version: null }).is).toBe('stale');
  });

  const tampered: readonly [string, () => ReturnType<typeof check>, RegExp][] = [
    ['a file more', () => withFiles({ '.github/workflows/x.yml': 'on: push' }), /changes \.github\/workflows\/x\.yml, which is no part/],
    ['a file taken away', () => withFiles({ [stageFile]: null }), /is missing/],
    ['another file taken away', () => withFiles({ 'train.py': null }), /changes train\.py/],
    ['a space in the plan', () => edited(planFile, (text) => `${text}\n`), /is not what Weighin writes/],
    ['another version in the stage file', () => edited(stageFile, (text) => text.replace('"number":12', '"number":13')), /does not follow/],
    [
      'another version in the plan',
      () => edited(planFile, (text) => text.replace('"number":12', '"number":13')),
      /does not follow|changes/,
    ],
    ['another record', () => edited(recordFile, (text) => text.replace('"bytes":10', '"bytes":11')), /not the record/],
    ['a record that is no record', () => withFiles({ [recordFile]: '{}' }), /not the record/],
    [
      'a plan of another stage',
      () => edited(planFile, (text) => text.replace('"stage":"production"', '"stage":"staging"')),
      /does not follow/,
    ],
    ['a key more', () => edited(stageFile, (text) => canonicalJson({ ...JSON.parse(text), note: 1 })), /is not what Weighin writes/],
  ];
  it.each(tampered)('finds %s', (_name, found, why) => {
    expect(found().is).toBe('tampered');
    expect(found().why).toMatch(why);
  });

  it('finds files and commits that GitHub no longer lists', () => {
    expect(check(withPull(requested(), [], { snapshot: { moreFiles: true } })).is).toBe('tampered');
    expect(check(withPull(requested(), [], { snapshot: { moreCommits: true } })).is).toBe('tampered');
  });

  it('takes the bot alone for an author, and GitHub for who signs', () => {
    expect(withCommits(commit(), commit({ committer: bot })).is).toBe('exact');
    expect(withCommits(commit({ committer: null, verified: true })).is).toBe('exact');
    const foreign: readonly [Partial<CommitFacts>, RegExp][] = [
      [{ authors: [anna], committer: anna }, /by @anna, not by weighin\[bot\]/],
      [{ authors: [bot, anna] }, /by @anna/],
      [{ authors: [bot], committer: anna }, /by @anna/],
      // "Update branch" on the page: a person's merge, signed by GitHub.
      [{ authors: [anna], committer: webFlow }, /by @anna/],
      [{ authors: [null] }, /an unknown account/],
      [{ authors: [] }, /by nobody/],
      [{ committer: null, verified: false }, /an unknown account/],
    ];
    for (const [given, why] of foreign) {
      const found = withCommits(commit(), commit({ oid: sha('foreign'), ...given }));
      expect(found.is).toBe('tampered');
      expect(found.why).toMatch(why);
    }
  });

  it('does not build a branch for every push of somebody who does not stop', () => {
    const tamperedPull = (builds: number) => {
      let facts = withPull(requested(), [], { files: { 'train.py': 'x' } });
      for (let build = 2; build <= builds; build++)
        facts = withEvent(facts, 'promotion.planned', {
          plan: digestOf('plan'),
          pull: 60 + build,
          branch: `weighin/promote/churn.production.42.${build}`,
          commit: headSha,
        });
      return promotionStatus(facts);
    };
    expect(tamperedPull(4)).toMatchObject({ state: 'PLANNED', next: { do: 'rebuild' } });
    expect(tamperedPull(5)).toMatchObject({ state: 'PLANNED', next: { do: 'nothing' }, unmet: [{ code: 'TAMPERED' }, {}] });
  });

  it('says why a new plan drops approvals', () => {
    const overridden = promotionStatus(withEvent(ready(), 'gate.overridden', { gate: 'x', reason: 'y', commit: null }, { actor: anna }));
    expect(overridden.next).toMatchObject({ do: 'replan', kept: false, why: expect.stringContaining('approvals are given anew') });
  });
});
