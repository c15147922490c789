import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiAnswer } from '../../shared/adapters/github-app/open-octokit.ts';
import type { QueueObserver, QueueStatus } from '../queue/work-queue.ts';

export interface Metrics {
  readonly queue: QueueObserver;
  delivered(event: string, outcome: 'taken' | 'refused' | 'unreadable'): void;
  asked(answer: ApiAnswer): void;
  swept(at: number): void;
  missed(deliveries: number): void;
  readonly contentType: string;
  page(): Promise<string>;
}

/** Counts for Prometheus. Labels hold no repository and no person: this page is often open to a whole company. */
export function createMetrics({ status, now = Date.now }: { readonly status: () => QueueStatus; readonly now?: () => number }): Metrics {
  const registers = [new Registry()];
  const [register] = registers;
  if (!register) throw new Error('there is one');
  collectDefaultMetrics({ register });
  let lastSweep: number | null = null;

  const deliveries = new Counter({
    name: 'weighin_deliveries_total',
    help: 'Webhook deliveries by event and what became of them.',
    labelNames: ['event', 'outcome'],
    registers,
  });
  const calls = new Counter({
    name: 'weighin_api_calls_total',
    help: 'Requests to GitHub by status; 0 got no answer.',
    labelNames: ['status'],
    registers,
  });
  const remaining = new Gauge({
    name: 'weighin_api_rate_limit_remaining',
    help: 'Requests left before GitHub limits, the least of the last answers.',
    labelNames: ['resource'],
    registers,
  });
  const work = new Histogram({
    name: 'weighin_work_seconds',
    help: 'Work on one repository.',
    labelNames: ['outcome'],
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers,
  });
  const failures = new Counter({ name: 'weighin_failures_total', help: 'Work that failed, by code.', labelNames: ['code'], registers });
  const missed = new Counter({
    name: 'weighin_missed_deliveries_total',
    help: 'Deliveries that never arrived and were read later.',
    registers,
  });
  new Gauge({
    name: 'weighin_queue_hints',
    help: 'Hints that wait.',
    registers,
    collect() {
      this.set(status().hints);
    },
  });
  new Gauge({
    name: 'weighin_queue_repositories',
    help: 'Repositories with work, waiting or running.',
    registers,
    collect() {
      this.set(status().repositories);
    },
  });
  new Gauge({
    name: 'weighin_last_sweep_age_seconds',
    help: 'Since every installed repository was last put up for a look; -1 before the first time.',
    registers,
    collect() {
      this.set(lastSweep === null ? -1 : (now() - lastSweep) / 1000);
    },
  });

  return {
    queue: {
      worked: (seconds, outcome) => work.observe({ outcome }, seconds),
      failed: (code) => failures.inc({ code }),
    },
    delivered: (event, outcome) => deliveries.inc({ event, outcome }),
    asked({ status: answered, remaining: left, resource }) {
      calls.inc({ status: String(answered) });
      if (left !== null) remaining.set({ resource: resource ?? 'core' }, left);
    },
    swept(at) {
      lastSweep = at;
    },
    missed: (count) => missed.inc(count),
    contentType: register.contentType,
    page: () => register.metrics(),
  };
}
