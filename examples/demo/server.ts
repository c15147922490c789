import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoParts } from './demo-parts.ts';
import type { RunningProcess } from './processes.ts';
import { secrets } from './set-up.ts';
import type { TrafficCount, TrafficOrder } from './traffic.ts';
import { NeverCame, waitFor } from './wait-for.ts';
import { model } from './weighin-yaml.ts';

export interface Served {
  readonly server: RunningProcess;
  readonly url: string;
  /** What it says of itself, over its admin endpoint. */
  weights(): Promise<Readonly<Record<string, number>>>;
}

/** A checkout of main, as whoever runs production has one. */
export function checkOut({ github, top }: DemoParts, name: string): string {
  const folder = join(top, name);
  const git = (...words: string[]) => execFileSync('git', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (existsSync(folder)) git('-C', folder, 'pull', '--quiet', '--ff-only');
  else git('clone', '--quiet', '--single-branch', '--branch', 'main', github.git.path, folder);
  return folder;
}

/** `weighin serve` with what production points at. */
export async function startServer(parts: DemoParts): Promise<Served> {
  const { processes, dist, serverPort, teller, folder } = parts;
  const url = `http://127.0.0.1:${serverPort}`;
  const words = ['serve', `${model}@production`, '--port', String(serverPort), '--log', folder('logs'), '--workers', '1'];
  const server = processes.start('serve', [join(dist, 'cli.js'), ...words], {
    cwd: checkOut(parts, 'server'),
    env: { WEIGHIN_ADMIN_TOKEN: secrets.admin },
  });
  await waitFor(
    teller,
    'the server',
    async () => {
      if (server.child.exitCode !== null) throw new NeverCame(`weighin serve ended: ${server.output().trim().slice(-300)}`);
      return (await fetch(`${url}/ready`).catch(() => null))?.ok === true;
    },
    { seconds: 60 },
  );
  return {
    server,
    url,
    async weights() {
      const response = await fetch(`${url}/admin/weights`, { headers: { authorization: `Bearer ${secrets.admin}` } });
      const { weights } = (await response.json()) as { readonly weights: Readonly<Record<string, number>> };
      return weights;
    },
  };
}

export interface Traffic {
  send(order: TrafficOrder): void;
  /** The latest that it told. */
  count(): TrafficCount;
}

/** Requests at a steady rate, from a process of their own. */
export function startTraffic({ processes, scripts, top }: DemoParts): Traffic {
  const { child } = processes.start('traffic', [join(scripts, 'traffic.js')], { cwd: top, ipc: true });
  let count: TrafficCount = { asked: 0, answered: 0, failed: 0, versions: {} };
  child.on('message', (message) => {
    // Of this demo's own script.
    count = message as TrafficCount;
  });
  return { send: (order) => void child.send(order), count: () => count };
}

/** `weighin rollout watch`: looks each second here, each ten seconds in real life. */
export async function startGuard(parts: DemoParts): Promise<RunningProcess> {
  const { github, bot, processes, dist, top, teller } = parts;
  const { owner, name } = github.repository;
  const words = ['rollout', 'watch', '--repository', `${owner.login}/${name}`, '--api', github.apiUrl, '--every', '1s', '--board', bot.url];
  const guard = processes.start('guard', [join(dist, 'cli.js'), ...words], {
    cwd: top,
    env: { GITHUB_TOKEN: github.token.user('guard'), WEIGHIN_ADMIN_TOKEN: secrets.admin, WEIGHIN_GUARD_SECRET: secrets.guard },
  });
  await waitFor(
    teller,
    'the guard',
    () => {
      if (guard.child.exitCode !== null) throw new NeverCame(`weighin rollout watch ended: ${guard.output().trim().slice(-300)}`);
      return guard.output().includes('guards');
    },
    { seconds: 60 },
  );
  return guard;
}
