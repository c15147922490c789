import type { DriftConfig } from '../config/schema.ts';
import type { EpisodeWindow } from '../monitoring/find-episodes.ts';
import type { MonitoringReport } from '../monitoring/monitoring-report.ts';
import type { Report } from '../report/report.ts';
import type { Counting } from './monitor-reference.ts';
import type { ProductionRows } from './monitor-source.ts';
import type { ModelRun, RunContext } from './run-context.ts';

export interface MonitoredPerformance {
  /** The newest window with labels. */
  readonly newest: MonitoringReport['performance'];
  /** Those that could be judged, for episodes. */
  readonly windows: readonly EpisodeWindow[];
  readonly notices: readonly string[];
}

/** Realised metrics by window, where `drift.on` asks for performance and labels came. */
export async function monitorPerformance(
  _context: RunContext,
  _run: ModelRun,
  _request: {
    readonly rows: ProductionRows;
    readonly drift: DriftConfig;
    readonly version: string | null;
    readonly judged: Report | null;
    readonly labels: string | undefined;
    readonly counting: Counting;
    readonly until: Date;
  },
): Promise<MonitoredPerformance | null> {
  return null;
}
