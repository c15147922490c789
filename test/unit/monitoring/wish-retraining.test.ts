import { expect, it } from 'vitest';
import type { RetrainConfig } from '../../../shared/config/schema.ts';
import type { Episode } from '../../../shared/monitoring/monitoring-report.ts';
import { type RetrainingFacts, wishRetraining } from '../../../shared/monitoring/wish-retraining.ts';

const episode = (kind: Episode['kind'], since: string, until: string | null = null): Episode => ({
  id: `churn/production/${kind}/${since}`,
  kind,
  since,
  until,
  level: 'drift',
  headline: `${kind} it is`,
});
const wish = (on: RetrainConfig['on'], facts: Partial<RetrainingFacts> = {}) =>
  wishRetraining(
    { workflow: 'train.yml', cooldown: '3d', on },
    {
      now: new Date('2026-11-21T14:00:00Z'),
      episodes: [],
      trainedAt: new Date('2026-11-01T00:00:00Z'),
      newData: null,
      ...facts,
    },
  );
const drift = episode('drift', '2026-11-18T00:00:00.000Z');
const digest = `sha256:${'ab'.repeat(32)}`;

it('asks for nothing where nothing is configured or nothing happened', () => {
  expect(wishRetraining(undefined, { now: new Date(), episodes: [drift], trainedAt: null, newData: null })).toBeNull();
  expect(wish(['drift', 'performance', 'new-data'])).toBeNull();
  expect(wish(['performance'], { episodes: [drift] })).toBeNull();
  expect(wish(['drift'], { episodes: [episode('drift', '2026-11-18T00:00:00.000Z', '2026-11-20T00:00:00.000Z')] })).toBeNull();
});

it('is keyed by the episode, the data or the moment: asking again starts nothing', () => {
  expect(wish(['drift'], { episodes: [drift] })).toEqual({ cause: 'drift', key: drift.id, reason: 'drift it is' });
  expect(wish(['new-data'], { newData: { digest, seenAt: new Date() } })).toMatchObject({ cause: 'new-data', key: `data:${digest}` });
  const monday = { cause: 'schedule', key: 'schedule:2026-11-16T04:00:00.000Z' };
  expect(wish([{ schedule: '0 4 * * 1' }])).toMatchObject(monday);
  expect(wish([{ schedule: '0 4 * * 1' }], { now: new Date('2026-11-23T03:59:00Z') })).toMatchObject(monday);
});

it('forgets a schedule that was due before the version was trained', () => {
  expect(wish([{ schedule: '0 4 * * 1' }], { trainedAt: new Date('2026-11-17T00:00:00Z') })).toBeNull();
  expect(wish([{ schedule: '0 4 1 1 *' }], { trainedAt: null })).toMatchObject({ key: 'schedule:2026-01-01T04:00:00.000Z' });
});

it('names the cause that came last: the earlier one was asked for when it came', () => {
  const on: RetrainConfig['on'] = ['drift', 'performance', 'new-data', { schedule: '0 4 * * 1' }];
  expect(wish(on, { episodes: [drift] })?.cause).toBe('drift');
  expect(wish(on, { episodes: [episode('drift', '2026-11-10T00:00:00.000Z')] })?.cause).toBe('schedule');
  expect(wish(on, { episodes: [drift, episode('performance', '2026-11-19T00:00:00.000Z')] })?.cause).toBe('performance');
  expect(wish(on, { episodes: [drift], newData: { digest, seenAt: new Date('2026-11-20T00:00:00Z') } })?.cause).toBe('new-data');
  expect(wish(on, { episodes: [drift, episode('performance', drift.since)] })?.cause).toBe('drift');
});
