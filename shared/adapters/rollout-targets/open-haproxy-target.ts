import { connect } from 'node:net';
import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { RolloutTarget } from '../../rollout/engine/rollout-target.ts';
import { haproxyCommands, haproxyName, haproxyNames, observeHaproxy } from '../../rollout/targets/haproxy-commands.ts';
import { firstLine, type HaproxyBackend, readHaproxyBackend } from '../../rollout/targets/haproxy-state.ts';
import { refuseMirror } from '../../rollout/targets/refuse-mirror.ts';
import { answerText, callSeconds } from './ask-target.ts';

export interface HaproxyParts {
  /** Told once what can't be mended from here. */
  readonly warn?: (line: string) => void;
  /** Of a call of the target. */
  readonly seconds?: number;
}

const longestAnswer = 8 * 1024 * 1024;
/** These do not follow weights as they stand: who is slow gets less than its share. */
const skewed = ['leastconn', 'first', 'random', 'unknown'];

/**
 * HAProxy's runtime API. Weights live as long as its process: after a restart the next look sees what haproxy.cfg says, and mends it.
 * @throws UserError TARGET_SOCKET_INVALID, HAPROXY_NAME_INVALID
 */
export function openHaproxyTarget(config: TargetConfigOf<'haproxy'>, { warn, seconds = callSeconds }: HaproxyParts = {}): RolloutTarget {
  const socket = socketOf(config.socket);
  const backend = haproxyName(config.backend, 'backend');
  let warned = false;

  async function read(end: number): Promise<HaproxyBackend> {
    const state = await ask(`show servers state ${backend}`, end);
    // Types 2 and 4: the backend itself and its servers.
    const found = readHaproxyBackend(state, state.startsWith('1') ? await ask(`show stat ${backend} 6 -1`, end) : '');
    if (typeof found === 'string') throw refused(`does not tell of backend ${backend}`, found, 'Is `backend` the name in haproxy.cfg?');
    if (!warned && found.balance !== null && skewed.includes(found.balance)) {
      warned = true;
      const balance = found.balance === 'unknown' ? 'random, or by a hash' : found.balance;
      warn?.(
        `Backend ${backend} of HAProxy balances by ${balance}. random, leastconn and first give a slow candidate less than its share; roundrobin and hash-type consistent do not.`,
      );
    }
    return found;
  }

  async function ask(command: string, end: number): Promise<string> {
    try {
      return await exchange(socket, `${command}\n`, Math.max(1, end - performance.now()));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      const why = code === 'ETIMEDOUT' ? `did not answer within ${seconds} s` : `can't be reached (${code})`;
      throw new InfrastructureError('TARGET_UNREACHABLE', `HAProxy at ${config.socket} ${why}.`);
    }
  }
  const refused = (what: string, said: string, next: string) =>
    new InfrastructureError('TARGET_REFUSED', `HAProxy at ${config.socket} ${what}${answerText(said, null)}. ${next}`);

  return {
    kind: 'haproxy',
    leases: false,
    mirrors: false,
    async apply(desired) {
      refuseMirror(desired, 'haproxy');
      const end = performance.now() + seconds * 1000;
      const names = haproxyNames(config.server, desired);
      const plan = haproxyCommands(backend, names, desired, await read(end));
      if ('missing' in plan)
        throw refused(
          `has no server ${plan.missing} in backend ${backend}`,
          '',
          `Add \`server ${plan.missing} HOST:PORT weight 0 check\` to \`backend ${backend}\` in haproxy.cfg and reload it.`,
        );
      if (plan.commands.length === 0) return;
      // One line: between two of them no request is sent by half of a wish. Success is silent.
      const answer = await ask(plan.commands.join('; '), end);
      if (answer.trim() !== '') throw refused('refused a weight', firstLine(answer), hintFor(answer));
    },
    async observe(desired) {
      const names = haproxyNames(config.server, desired);
      return observeHaproxy(names, desired, await read(performance.now() + seconds * 1000));
    },
    close: async () => undefined,
  };
}

function hintFor(answer: string): string {
  if (/permission denied/i.test(answer)) return 'Its `stats socket` needs `level admin`.';
  if (/static LB/i.test(answer))
    return 'Its `balance` must be one whose weights can change: roundrobin, or a hash with `hash-type consistent`.';
  return 'Nothing else was tried.';
}

/** One command line on a connection of its own, which HAProxy closes after its answer. @throws Error with `code` */
function exchange(socket: Socket, line: string, milliseconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (code: string) => {
      reject(Object.assign(new Error(code), { code }));
      connection.destroy();
    };
    const timer = setTimeout(() => fail('ETIMEDOUT'), milliseconds);
    connection
      .on('connect', () => connection.write(line))
      .on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > longestAnswer) fail('EMSGSIZE');
      })
      .on('error', reject)
      .on('end', () => (bytes === 0 ? fail('ECONNRESET') : resolve(Buffer.concat(chunks).toString('utf8'))))
      .on('close', () => {
        clearTimeout(timer);
        // Cut off without an end.
        fail('ECONNRESET');
      });
  });
}

type Socket = { readonly path: string } | { readonly host: string; readonly port: number };

function socketOf(text: string): Socket {
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[^/:\s@]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  if (/^[^\s:@]*\/[^\0\r\n]+$/.test(text)) return { path: text };
  throw new UserError(
    'TARGET_SOCKET_INVALID',
    '`socket` of a target of kind haproxy is neither a path nor host:port.',
    'Write what `stats socket` in haproxy.cfg has: /run/haproxy/admin.sock, or 127.0.0.1:9999.',
  );
}
