import type { BoardFacts } from '../../../bot/board/board-of.ts';
import { ago, anna, event, factsOf, heard, look, metric, planned, rolling, v, watch } from './board-facts.ts';

/** What somebody who may write a reason, a name of a column or a heartbeat could try. */
export const nasty = '<script>alert(1)</script>"\'`|@team \u202e\u0007';

/** Every text that a board shows, hostile; numbers at the end of what they can be. */
export function hostileFacts(): BoardFacts {
  const key = { model: 'churn', stage: 'production', generation: 42 };
  const person = { ...anna, login: nasty };
  const live = rolling(
    'churn',
    'production',
    {
      pause: { reason: 'target', detail: nasty.repeat(3), at: ago(60) },
      missing: {},
      checks: { [`a/${nasty}/1`]: { ok: false, detail: nasty, at: ago(60) } },
      outcome: { recommends: 'keep', why: nasty },
      metrics: {
        errors: metric(
          look(
            { bad: 7, total: 7 },
            { bad: 0, total: 9e15 },
            { ratio: 'Infinity', ratioBounds: { lower: 0, upper: 'Infinity' }, strength: 1e300 },
          ),
        ),
        latency: metric(
          look({ bad: 0, total: 0 }, { bad: 0, total: 0 }, { ratio: 0, ratioBounds: { lower: 0, upper: 0 }, strength: -1e300 }),
        ),
        predictions: { ...metric(null), distribution: { candidate: [0, 0], stable: [0, 0] } },
      },
    },
    {
      phase: 'paused',
      weight: { desired: 1e9, observed: -5, at: null },
      guard: { driver: nasty, owner: nasty, lastAt: ago(1e9), maxSilenceS: 60 },
      holds: [{ id: v(1).digest, digest: null, reason: nasty, by: person, at: ago(60), until: null }],
    },
  );
  return factsOf(
    {
      'churn production': {
        live,
        watch: watch('churn', 'production', {
          run: { id: 1, attempt: 1, url: 'javascript:alert(1)' },
          drift: {
            level: 'drift',
            headline: nasty,
            window: null,
            since: null,
            compared: 1,
            columns: [{ column: nasty, level: 'drift', effect: 5, adjustedP: 0 }],
            windows: [],
          },
          waiting: { cause: 'drift', reason: nasty, until: ago(-60) },
        }),
        events: { 42: [event(key, 1, 60, 'promotion.refused', person, { why: nasty })] },
      },
    },
    {
      problem: nasty,
      heard: (id) =>
        heard(
          id,
          {
            phase: 'paused',
            says: nasty,
            weight: { desired: 1e9, observed: -5 },
            held: { seconds: 1e300, of: 0 },
            metrics: [
              {
                name: 'errors',
                candidate: { bad: 9, total: 1 },
                stable: { bad: 0, total: 0 },
                limit: -1,
                ratio: 1e-300,
                ratioBounds: { lower: -4, upper: -2 },
                strength: 1e300,
                missing: null,
              },
            ],
          },
          0,
        ),
      open: [
        {
          model: 'churn',
          stage: 'production',
          promotion: nasty,
          version: 13,
          requestedBy: person,
          requestedAt: ago(60),
          pull: 7,
          problem: null,
          status: planned([{ code: 'HELD', message: nasty, next: nasty }]),
        },
      ],
    },
  );
}
