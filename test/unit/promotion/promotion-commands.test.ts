import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import type { CommandIo, ExitCode } from '../../../cli/command.ts';
import { run as audit } from '../../../cli/commands/audit.ts';
import { run as history } from '../../../cli/commands/history.ts';
import { run as status } from '../../../cli/commands/status.ts';
import { canonicalJson } from '../../../shared/digest/canonical-json.ts';
import { newEvent } from '../../../shared/promotion/event-data.ts';
import { placeHold } from '../../../shared/promotion/place-hold.ts';
import { anna, ben, rosa, v } from '../../support/promotion/promotion-facts.ts';
import { newPromotionRepository, type PromotionRepository, policyText } from '../../support/promotion/promotion-repository.ts';
import { digestOf } from '../../support/reports/parts.ts';

interface Told {
  readonly code: ExitCode;
  readonly text: string;
  readonly json: unknown;
}
async function tell(root: string, command: (io: CommandIo) => Promise<ExitCode>): Promise<Told> {
  const lines: string[] = [];
  let json: unknown = null;
  const code = await command({
    cwd: root,
    env: {},
    configFile: 'weighin.yaml',
    version: 'test',
    colors: createColors(false),
    columns: 80,
    progress: { step: () => undefined, warn: () => undefined } as unknown as CommandIo['progress'],
    wantsJson: false,
    print: (line) => lines.push(line),
    writeJson: async (value) => {
      json = JSON.parse(JSON.stringify(value));
    },
  });
  return { code, text: lines.join('\n'), json };
}

let repository: PromotionRepository;
const root = () => repository.root;
beforeAll(async () => {
  repository = await newPromotionRepository();
});
afterAll(() => repository.dispose());

describe('before the first promotion', () => {
  it('says that there is nothing yet, and that the clone has no state branch', async () => {
    const told = await tell(root(), (io) => status({ model: undefined }, io));
    expect(told.code).toBe(0);
    expect(told.text).toMatch(/^churn staging {5}nothing promoted yet\nchurn production {2}nothing promoted yet\nNothing promoted yet\.\n/);
    expect(told.text).toContain('This clone has no branch weighin/state');
    expect((await tell(root(), (io) => history({ model: 'churn', stage: 'production', at: undefined }, io))).text).toContain(
      'Nothing promoted yet to churn production.',
    );
    expect(await tell(root(), (io) => audit({ model: undefined }, io))).toMatchObject({
      code: 0,
      text: expect.stringContaining('Nothing promoted yet.'),
    });
  });

  it('names the nearest of what it does not know', async () => {
    await expect(tell(root(), (io) => status({ model: 'chrun' }, io))).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      hint: 'Did you mean churn?',
    });
    await expect(tell(root(), (io) => history({ model: 'churn', stage: 'prod', at: undefined }, io))).rejects.toMatchObject({
      code: 'STAGE_UNKNOWN',
    });
    await expect(tell(root(), (io) => history({ model: 'churn', stage: 'production', at: 'monday' }, io))).rejects.toMatchObject({
      code: 'DATE_INVALID',
    });
  });
});

describe('after two promotions and a rollback', () => {
  beforeAll(async () => {
    await repository.promote(11, { at: '2026-11-18T10:00:00.000Z' });
    await repository.promote(12, { at: '2026-11-20T10:00:00.000Z', approvers: [anna, ben] });
  });

  it('tells who approved what runs, and on what evidence', async () => {
    const told = await tell(root(), (io) => history({ model: 'churn', stage: 'production', at: undefined }, io));
    expect(told.text).toMatch(
      /^ {2}2 {2}v12 {2}.*promotion, started\n {2}asked for by @rosa: for the season\n {2}approved by @anna \(write\), @ben \(write\)\n {2}evidence measured, verdict pass/,
    );
    expect(told.text).toContain(
      'What ran\n  v12   2026-11-20 10:00 to now               by promotion\n  v11   2026-11-18 10:00 to 2026-11-20 10:00  by promotion',
    );
  });

  it('tells what ran at a moment', async () => {
    const at = async (date: string) => (await tell(root(), (io) => history({ model: 'churn', stage: 'production', at: date }, io))).json;
    expect(await at('2026-11-17')).toMatchObject({ ran: null });
    expect(await at('2026-11-18')).toMatchObject({ ran: { version: v(11) }, by: { generation: 1, requestedBy: { login: 'rosa' } } });
    expect(await at('2026-11-20T10:59:59+01:00')).toMatchObject({ ran: { version: v(11) } });
    expect(await at('2026-11-20T11:00:00+01:00')).toMatchObject({ ran: { version: v(12), to: null }, by: { generation: 2 } });
  });

  it('shows what runs, what holds it and what is on its way, with what Git knows to be unmet', async () => {
    const live = repository.live();
    if (!live) throw new Error('nothing was promoted');
    const held = placeHold(live, {
      digest: null,
      reason: 'an \u001b[31mincident',
      by: anna,
      at: '2026-11-21T10:00:00.000Z',
      until: null,
      cause: 'comment:9:1',
    });
    await repository.writeState({ 'live/churn/production.json': canonicalJson(held.live) });
    const data = { version: 13, digest: v(13).digest, record: digestOf('r13'), reason: null, operation: 'promote' as const };
    await repository.event(3, newEvent('promotion.requested', rosa, 'comment:3:1', data), '2026-11-21T11:00:00.000Z');
    const told = await tell(root(), (io) => status({ model: 'churn' }, io));
    expect(told.text).toContain('churn production  v12 since 2026-11-20 10:00\n  held by @anna: an ⟨U+001B⟩[31mincident\n');
    expect(told.text).toContain('  v13 is on its way: no pull request yet, asked for by @rosa on 2026-11-21 11:00\n    HELD ');
    expect(told.json).toMatchObject({
      state: 'weighin/state',
      stages: [
        { stage: 'staging', version: null },
        { stage: 'production', version: { number: 12 }, open: { promotion: 'churn.production.3' } },
      ],
    });
  });

  it('finds nothing wrong, and says what it looked at', async () => {
    const told = await tell(root(), (io) => audit({ model: 'churn' }, io));
    expect(told.text).toContain('✓ churn production: 2 generations, 10 events, 3 approvals');
    expect(told.code).toBe(0);
  });

  it('reads what a clone fetched, and says where a shallow one ends', async () => {
    const clone = await mkdtemp(join(tmpdir(), 'weighin-clone-'));
    repository.git('clone', '--quiet', '--depth=1', '--no-single-branch', `file://${root()}`, clone);
    const told = await tell(clone, (io) => status({ model: 'churn' }, io));
    expect(told.text).toContain('churn production  v12 since 2026-11-20 10:00');
    expect(told.text).toMatch(
      /From origin\/main [0-9a-f]{8} and origin\/weighin\/state, as they were fetched last\.\nThis clone is shallow/,
    );
    await rm(clone, { recursive: true });
  });

  it('takes a rollback for what runs from then on', async () => {
    const data = { from: v(12), to: v(11), reason: null };
    await repository.event(2, newEvent('rollback.requested', rosa, 'comment:5:1', data), '2026-11-21T11:30:00.000Z');
    const told = await tell(root(), (io) => history({ model: 'churn', stage: 'production', at: '2026-11-21' }, io));
    expect(told.json).toMatchObject({ ran: { version: v(11), from: '2026-11-21T11:30:00.000Z', by: 'rollback' }, by: { generation: 1 } });
  });

  it('tells how a rollout that was guarded ended, and audits its events', async () => {
    const guard = { id: 9, login: 'weighin[bot]', type: 'Bot' } as const;
    const [from, to] = [v(12), v(11)];
    for (const event of [
      newEvent('rollout.paused', guard, 'guard:2:1', { reason: 'no-data', detail: 'nobody answered' }),
      newEvent('rollout.rolled-back', guard, 'guard:2:2', { from, to, reason: 'stable', detail: 'worse than stable' }),
    ])
      await repository.event(2, event, '2026-11-21T11:40:00.000Z');
    const told = await tell(root(), (io) => history({ model: 'churn', stage: 'production', at: undefined }, io));
    expect(told.text).toMatch(/^ {2}2 {2}v12 {2}.*promotion, rolled back\n/);
    expect(told.text).toMatch(/\n {2}1 {2}v11 {2}.*promotion, started\n/);
    expect((await tell(root(), (io) => audit({ model: 'churn' }, io))).text).toContain('✓ churn production: 2 generations');
  });
});

describe('what was tampered with', () => {
  const codes = async () => {
    const told = await tell(root(), (io) => audit({ model: undefined }, io));
    const { stages } = told.json as { stages: { findings: { code: string; file: string }[] }[] };
    return { exit: told.code, codes: stages.flatMap(({ findings }) => findings.map(({ code }) => code)) };
  };
  const events = 'events/churn/production/2.jsonl';

  it('is found in the events', async () => {
    const whole = `${repository.readState(events)}\n`;
    await repository.writeState({ [events]: whole.replace('"login":"ben"', '"login":"bea"') });
    expect(await codes()).toEqual({ exit: 1, codes: expect.arrayContaining(['CHAIN_BROKEN']) });
    await repository.writeState({ [events]: whole });
    expect(await codes()).toEqual({ exit: 0, codes: [] });
  });

  it('is found in a plan, a record and a stage file', async () => {
    const { git, write, commitAll } = repository;
    const edited = async (path: string, change: (text: string) => string) => {
      await write(path, change(git('show', `HEAD:${path}`)));
      commitAll('edit');
      const found = await codes();
      git('reset', '--quiet', '--hard', 'HEAD~1');
      return found.codes;
    };
    expect(await edited('registry/churn/plans/production-1.json', (text) => text.replace('"overrides":[]', '"overrides":[1]'))).toEqual([
      'PLAN_CHANGED',
    ]);
    expect(
      await edited('registry/churn/versions/v11.json', (text) => text.replace('"seed"', '"seed"').replace('measured', 'claimed')),
    ).toEqual(['RECORD_CHANGED']);
    expect(await edited('registry/churn/stages/production.json', (text) => text.replace('"generation":2,', '"generation":7,'))).toContain(
      'GENERATION_JUMPED',
    );
    expect(await edited('registry/churn/stages/production.json', () => '{}')).toEqual(['STAGE_FILE_INVALID']);
  });

  it('is a start without enough approvals, or with one of the wrong person', async () => {
    await repository.promote(14, { approvers: [] });
    expect(await codes()).toEqual({ exit: 1, codes: ['APPROVALS_MISSING'] });
  });

  it('is a requester who approved', async () => {
    await repository.promote(15, { approvers: [rosa] });
    expect(await codes()).toEqual({ exit: 1, codes: expect.arrayContaining(['APPROVAL_EXCLUDED', 'APPROVALS_MISSING']) });
  });

  it('stops the status with the name of the file', async () => {
    await repository.writeState({ 'live/churn/production.json': '{"schema":"weighin/live@1"}' });
    await expect(tell(root(), (io) => status({ model: undefined }, io))).rejects.toMatchObject({
      code: 'STATE_BROKEN',
      location: { file: 'live/churn/production.json' },
    });
    expect((await codes()).codes).toContain('LIVE_INVALID');
  });
});

it('says where it must be run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-no-git-'));
  await writeFile(join(folder, 'weighin.yaml'), policyText);
  await expect(tell(folder, (io) => status({ model: undefined }, io))).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  await rm(folder, { recursive: true });
});
