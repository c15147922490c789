import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pinned } from '../../cli/init/bot-workflows.ts';
import { rolloutSchema } from '../../shared/config/rollout-schema.ts';
import { type LiveDocument, liveDocumentSchema } from '../../shared/promotion/live-document.ts';
import type { DesiredTraffic } from '../../shared/rollout/engine/traffic.ts';
import { trafficDocument } from '../../shared/rollout/targets/traffic-document.ts';
import { v11, v12, v13, wish } from '../conformance/rollout-target.ts';

const example = join(import.meta.dirname, '../../examples/rollout-dispatch');
const script = join(example, '.github/weighin/believe-wish.mjs');
const folder = mkdtempSync(join(tmpdir(), 'weighin-wish-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'live/churn'), { recursive: true });

const live = (change: Partial<LiveDocument> = {}): LiveDocument =>
  liveDocumentSchema.parse({
    schema: 'weighin/live@1',
    model: 'churn',
    stage: 'production',
    generation: 42,
    revision: 17,
    fence: 1,
    rolloutId: 'churn.production.42',
    plan: null,
    strategy: 'canary',
    phase: 'analysing',
    step: 1,
    stepStartedAt: null,
    guardedSeconds: 0,
    pausedBy: null,
    stable: v11,
    candidate: v12,
    weight: { desired: 15, observed: 15, at: null },
    looks: [],
    guard: null,
    effects: [],
    deployment: null,
    holds: [],
    verified: [],
    rolledBack: [],
    ...change,
  });

function believe(payload: unknown, state: LiveDocument): { readonly says: string; readonly error: string } {
  writeFileSync(join(folder, 'live/churn/production.json'), JSON.stringify(state));
  const { PATH = '' } = process.env;
  const run = spawnSync(process.execPath, [script, folder], { encoding: 'utf8', env: { PATH, WISH: JSON.stringify(payload) } });
  const said = Object.fromEntries(run.stdout.split('\n').map((line) => line.split('=', 2)));
  return run.status === 0
    ? { says: `${said['stable']} ${said['candidate'] || '-'} ${said['percent']}`, error: '' }
    : { says: '', error: /Error: (.*)/.exec(run.stderr)?.[1] ?? run.stderr };
}
const of = (change: Partial<DesiredTraffic>) => trafficDocument(wish(17, change));

describe('a workflow that moves traffic', () => {
  it.each([
    ['what Git says', { candidate: v12, percent: 15 }, {}, 'v11 v12 15'],
    ['less than Git says', { candidate: v12, percent: 5 }, {}, 'v11 v12 5'],
    ['no more than Git says', { candidate: v12, percent: 100 }, {}, 'v11 v12 15'],
    ['stable alone, before Git says so', {}, {}, 'v11 - 0'],
    [
      'nothing of a candidate that was taken back',
      { candidate: v12, percent: 15 },
      { weight: { desired: 0, observed: 15, at: null } },
      'v11 v12 0',
    ],
    ['the end of a promotion that Git has', { stable: v12 }, { engine: { promoted: true } }, 'v12 - 0'],
    ['stable again after it', { stable: v11 }, { engine: { promoted: true } }, 'v11 - 0'],
    ['what succeeded', { stable: v12 }, { stable: v12, candidate: null, phase: 'succeeded' as const }, 'v12 - 0'],
  ])('believes %s', (_, change, state, says) => {
    expect(believe(of(change), live(state))).toEqual({ says, error: '' });
  });

  it.each([
    ['another rollout', { ...of({}), rolloutId: 'churn.production.41' }, 'Git has rollout churn.production.42'],
    ['a stable that is only a candidate', of({ stable: v12 }), 'another stable'],
    ['a candidate that nobody approved', of({ candidate: v13, percent: 5 }), 'another candidate'],
    ['other bytes', of({ candidate: { ...v12, digest: v13.digest }, percent: 5 }), 'another candidate'],
    ['other bytes of stable', of({ stable: { ...v11, digest: v13.digest } }), 'another stable'],
    ['a way out of the folder', { ...of({}), stage: '../../x' }, 'no weighin/traffic@1'],
    ['a share that is none', { ...of({}), percent: 'NaN' }, 'no weighin/traffic@1'],
    ['nothing', null, 'no weighin/traffic@1'],
  ])('refuses %s', (_, payload, error) => {
    expect(believe(payload, live())).toEqual({ says: '', error: expect.stringContaining(error) });
  });

  it('listens to what the target sends by default, may only read, and puts no payload into a shell', () => {
    const text = readFileSync(join(example, '.github/workflows/weighin-traffic.yml'), 'utf8');
    const workflow = parse(text) as {
      on: { repository_dispatch: { types: string[] } };
      permissions: object;
      jobs: { move: { permissions: object; steps: { run?: string }[] } };
    };
    const { target } = rolloutSchema.parse({ strategy: 'canary', target: { kind: 'dispatch' } });
    expect(workflow.on.repository_dispatch.types).toEqual([target?.kind === 'dispatch' && target.event]);
    expect([workflow.permissions, workflow.jobs.move.permissions]).toEqual([{}, { contents: 'read' }]);
    for (const { run } of workflow.jobs.move.steps) expect(run ?? '').not.toContain('${{');
    expect(text.match(/actions\/checkout@\S+/g)).toEqual([pinned.checkout, pinned.checkout].map((pin) => pin.split(' ')[0]));
  });
});
