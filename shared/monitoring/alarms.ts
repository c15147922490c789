import type { MonitoringReport } from './monitoring-report.ts';

/** Whether somebody should look now: an episode goes on. */
export const alarms = ({ episodes }: Pick<MonitoringReport, 'episodes'>): boolean => episodes.some(({ until }) => until === null);
