import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { monitorWorkflow, retrainDispatch } from '../../shared/promotion/evidence-document.ts';
import type { DemoParts } from './demo-parts.ts';
import type { Running } from './first-version.ts';
import { plain, promotionPull } from './promote.ts';
import { readState } from './read-state.ts';
import { checkOut } from './server.ts';
import { trainVersion } from './train-version.ts';
import { NeverCame, waitFor } from './wait-for.ts';
import { model } from './weighin-yaml.ts';

/** Act 4: other flights come than the model was trained on; an issue opens, and a new version comes back as a pull request. */
export async function playDrift(parts: DemoParts, { traffic }: Running, began: number): Promise<void> {
  const { github, bot, teller, flights, hour } = parts;
  teller.act('Production drifts');
  const calm = await monitor(parts, began);
  teller.claim(
    'the hourly monitoring finds nothing so far',
    calm.episodes.every(({ until }) => until !== null),
    calm.drift?.headline ?? '',
  );
  traffic.send({ rows: flights.longHaul });
  teller.say('the airline opens its long-haul routes: only flights of more than 1,500 miles are asked for now');
  // Whichever hour it begins in, two are whole.
  const hours = 3;
  const until = performance.now() + hours * hour * 1000;
  const left = () => Math.max(0, until - performance.now()) / 1000;
  await waitFor(
    teller,
    () => `${hours} hours of it (${Math.ceil(left())} s)`,
    () => left() === 0,
    { seconds: 60 },
  );
  const report = await monitor(parts, began);
  const episode = report.episodes.find(({ kind, until }) => kind === 'drift' && until === null);
  teller.claim(
    `the next monitoring run tells drift: ${plain(episode?.headline ?? report.drift?.headline ?? '')}`,
    episode !== undefined,
    'it does not',
  );
  await bot.settled();
  const number =
    readState(parts)
      .watch()
      ?.episodes.find(({ id }) => id === episode?.id)?.issue ?? null;
  const issue = number === null ? null : github.issue(number);
  teller.claim(`issue #${number ?? '–'}: ${issue?.title ?? ''}`, issue?.state === 'open', 'there is none');

  const dispatched = github.dispatches.filter(({ eventType }) => eventType === retrainDispatch);
  teller.claim('the bot starts one retraining, by repository_dispatch', dispatched.length === 1, `${dispatched.length}`);
  if (dispatched.length === 0) throw new NeverCame('the retraining');
  // What a nightly export would have brought to main meanwhile: the long flights as well. No recipe changes.
  github.git.commit({
    branch: 'main',
    by: 'anna',
    message: 'Nightly export of the flights',
    files: { 'data/flights.parquet': readFileSync(flights.renewed) },
  });
  await bot.settled();
  teller.wait('retraining, on the flights of the nightly export');
  await trainVersion(parts, 4, { by: github.app.botLogin, event: 'repository_dispatch' });
  teller.claim('v4 is trained on newer flights, measured against v2, and registered', readState(parts).hasVersion(4));
  const pull = await waitFor(teller, 'the pull request of the retraining', () => promotionPull(parts), { seconds: 60 });
  teller.claim(`it comes back as pull request #${pull}: ${github.pull(pull).issue.title}`, github.pull(pull).issue.title.includes('v4'));
  teller.more('nothing goes to production by itself: somebody reviews and merges it, as before');
}

/**
 * What the scheduled workflow does: `weighin monitor` in a checkout of main, its report an artifact of the run. The log's clock is stretched
 * before, so that what was six seconds is the hour that its windows have.
 */
async function monitor(parts: DemoParts, began: number): Promise<MonitoringReport> {
  const { github, processes, dist, folder, bot, teller } = parts;
  teller.wait('monitoring');
  stretchLog(folder('logs'), folder('stretched'), began, parts.hour);
  const cwd = checkOut(parts, 'monitoring');
  const { status, output } = await processes.run('monitor', [join(dist, 'cli.js'), 'monitor', model], { cwd });
  const file = join(cwd, '.weighin/monitoring', model, 'production/monitoring.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new NeverCame(`weighin monitor left no report (${status}): ${output.trim().slice(-300)}`);
  }
  github.playRun({
    path: monitorWorkflow,
    event: 'schedule',
    headBranch: 'main',
    headSha: github.git.head('main') ?? '',
    actor: 'anna',
    artifacts: [{ name: `weighin-monitoring-${model}-1`, files: { [`${model}/monitoring.json`]: text } }],
  });
  await bot.settled();
  // Just written by `weighin monitor`.
  return JSON.parse(text) as MonitoringReport;
}

/** Two days before the demo began, so that no line is of the future. */
const before = 48 * 3_600_000;

export function stretchLog(from: string, to: string, began: number, hour: number): void {
  mkdirSync(to, { recursive: true });
  const factor = 3600 / hour;
  const start = Math.floor((began - before) / 3_600_000) * 3_600_000;
  for (const name of readdirSync(from).filter((file) => file.endsWith('.jsonl'))) {
    const lines = readFileSync(join(from, name), 'utf8').split('\n');
    // The last may be in the middle of being written.
    lines.pop();
    const stretched = lines.map((line) =>
      line.replace(
        /"time":"([^"]+)"/,
        (_, time: string) => `"time":"${new Date(start + (Date.parse(time) - began) * factor).toISOString()}"`,
      ),
    );
    writeFileSync(join(to, name), `${stretched.join('\n')}\n`);
  }
}
