import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { categoricalColumn, driftColumn, driftReport, numericColumn } from './drift-reports.ts';

/** A run that found everything at once, long ago: every metric has a value, and every alert a reason. */
export function troubledReport(change: Partial<MonitoringReport> = {}): MonitoringReport {
  const drift = driftReport([
    numericColumn('spend', 0.2, 0.12, { level: 'drift', drifted: true, shown: { missingReference: 0.01, missingCurrent: 0.4 } }),
    categoricalColumn('plan "x\\y"\n', ['a', 'b'], [6, 4], [5.5, 4.5], {
      level: 'shift',
      shown: { missingReference: 0, missingCurrent: 0 },
    }),
    driftColumn({ column: 'region', shown: { missingReference: 0, missingCurrent: 0 } }),
  ]);
  const since = '2026-10-01T00:00:00.000Z';
  const episode = (kind: 'drift' | 'performance') => ({
    id: `churn/production/${kind}/${since}`,
    kind,
    since,
    until: null,
    level: 'drift' as const,
    headline: 'it drifted',
  });
  return {
    schema: 'weighin/monitoring@1',
    model: 'churn',
    stage: 'production',
    version: 'v3',
    createdAt: '2026-10-05T03:17:00.000Z',
    window: { start: '2026-10-04T00:00:00.000Z', end: '2026-10-05T00:00:00.000Z', rows: 4321 },
    drift,
    performance: {
      window: { start: '2026-10-01T00:00:00.000Z', end: '2026-10-02T00:00:00.000Z' },
      metric: 'roc_auc',
      value: 0.71,
      interval: [0.69, 0.73],
      reference: 0.8,
      n: 900,
      level: 'drift',
    },
    episodes: [episode('drift'), episode('performance')],
    retrain: { cause: 'performance', key: episode('performance').id, reason: 'it drifted' },
    ...change,
  };
}
