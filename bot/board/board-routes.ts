import type { IncomingMessage, ServerResponse } from 'node:http';
import { createBodyReader } from '../server/read-body.ts';
import { createBoardAccess } from './board-access.ts';
import { boardOf } from './board-of.ts';
import type { Heartbeats } from './heartbeats.ts';
import { boardHeaders } from './page-shell.ts';
import type { BoardReading } from './read-board-facts.ts';
import { renderBoard, renderLive } from './render-board.ts';
import { renderList, renderNotice, renderSignIn } from './render-entrance.ts';
import { shareReadings } from './share-readings.ts';
import { createHeartbeatTaker } from './take-heartbeat.ts';

export interface BoardRoutesParts {
  /** null: there is no board. */
  readonly boardToken: string | null;
  /** null: no guard is heard. */
  readonly guardSecret: string | null;
  /** `acme/churn` of every repository that the bot serves, as GitHub writes it. */
  readonly repositories: () => readonly string[];
  readonly read: (repository: string) => Promise<BoardReading>;
  readonly heartbeats: Heartbeats;
  /** Why a repository can't be read, for people; logs the error. */
  readonly explain: (error: unknown, repository: string) => string;
  readonly now?: () => number;
}

/** Answers what is the board's or a guard's; false where the path is neither. */
export type BoardRoutes = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

/** A form has a token and a path. */
const mostBytes = 8 * 1024;
const ofRepository = /^\/board\/([\w.-]{1,100}\/[\w.-]{1,100})(\/live)?$/;
/** Nowhere else is anybody sent after signing in. */
const isPath = (path: string) => path === '/board' || (/^\/board\/[\w.-]+\/[\w.-]+$/.test(path) && !path.includes('..'));

/** The board's pages, and the address of heartbeats. Nothing of it exists where its secret is not set. */
export function createBoardRoutes(parts: BoardRoutesParts): BoardRoutes {
  const { boardToken, guardSecret, repositories, heartbeats, explain, now = Date.now } = parts;
  const known = (name: string) => repositories().find((one) => one.toLowerCase() === name.toLowerCase()) ?? null;
  const takeHeartbeat = guardSecret === null ? null : createHeartbeatTaker({ secret: guardSecret, heartbeats, known });
  const access = boardToken === null ? null : createBoardAccess(boardToken, now);
  const readBody = createBodyReader(mostBytes, 64 * mostBytes);
  const readings = shareReadings<string, BoardReading>({ name: (repository) => repository, read: parts.read, explain, now });

  const guard = async (request: IncomingMessage, response: ServerResponse) => {
    if (!takeHeartbeat) return plain(response, 404, 'not found');
    if (request.method !== 'POST') return plain(response, 405, 'POST only', { allow: 'POST' });
    const answer = await takeHeartbeat(request);
    if (answer) plain(response, answer.status, answer.text, answer.status === 413 || answer.status === 503 ? { connection: 'close' } : {});
  };

  const signIn = async (request: IncomingMessage, response: ServerResponse, { signIn: enter }: NonNullable<typeof access>) => {
    const body = await readBody(request);
    if (body === 'gone') return;
    if (typeof body === 'string') return plain(response, body === 'too-large' ? 413 : 503, 'not taken', { connection: 'close' });
    const form = new URLSearchParams(body.toString('utf8'));
    const wanted = form.get('next') ?? '';
    const next = isPath(wanted) ? wanted : '/board';
    const entered = enter(request, form.get('token') ?? '');
    if (entered.access === 'in') return see(response, next, entered.cookie);
    if (entered.access === 'wait') return tooMany(response, renderSignIn(next, 'Too many wrong tokens: wait a minute.'));
    page(response, 401, renderSignIn(next, 'That is not the token of this bot.'));
  };

  const show = async (response: ServerResponse, path: string) => {
    if (path === '/board') return page(response, 200, renderList([...repositories()].sort()));
    const [, wanted = '', live] = ofRepository.exec(path) ?? [];
    const repository = known(wanted);
    if (repository === null)
      return page(
        response,
        404,
        renderNotice(
          'Not here',
          `This bot serves no repository ${wanted || 'of that name'}. A new one is here within five minutes of its installation.`,
        ),
      );
    const reading = await readings(repository);
    if (!('value' in reading))
      return page(
        response,
        503,
        renderNotice(`${repository} can’t be shown`, `GitHub did not answer: ${reading.problem}. Try again in ten seconds.`),
        { 'retry-after': '10' },
      );
    const { value, at, problem } = reading;
    const board = boardOf({
      ...value,
      now: new Date(now()),
      readAt: new Date(at),
      problem,
      heard: (rolloutId) => heartbeats.of(repository, rolloutId),
    });
    page(response, 200, live ? renderLive(board) : renderBoard(board));
  };

  const board = async (request: IncomingMessage, response: ServerResponse, path: string) => {
    if (!access) return plain(response, 404, 'not found');
    if (path === '/board/sign-in' || path === '/board/sign-out') {
      if (request.method !== 'POST') return see(response, '/board');
      return path === '/board/sign-in' ? signIn(request, response, access) : see(response, '/board', access.signOut(request));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'GET only', { allow: 'GET, HEAD' });
    switch (access.of(request)) {
      case 'in':
        return show(response, path);
      case 'wait':
        return tooMany(response, renderSignIn('/board', 'Too many wrong tokens: wait a minute.'));
      case 'out':
        return page(response, 401, renderSignIn(isPath(path) ? path : '/board', null), { 'www-authenticate': 'Bearer' });
    }
  };

  return async (request, response, path) => {
    if (path === '/guard') await guard(request, response);
    else if (path === '/board' || path.startsWith('/board/')) await board(request, response, path);
    else return false;
    return true;
  };
}

type Headers = Readonly<Record<string, string>>;
const page = (response: ServerResponse, status: number, text: string, headers: Headers = {}) =>
  send(response, status, text, { ...boardHeaders, ...headers });
const plain = (response: ServerResponse, status: number, text: string, headers: Headers = {}) =>
  send(response, status, `${text}\n`, { 'content-type': 'text/plain; charset=utf-8', ...headers });
const tooMany = (response: ServerResponse, text: string) => page(response, 429, text, { 'retry-after': '60' });
const see = (response: ServerResponse, location: string, cookie?: string) =>
  send(response, 303, '', { location, 'content-type': 'text/plain; charset=utf-8', ...(cookie && { 'set-cookie': cookie }) });

function send(response: ServerResponse, status: number, body: string, headers: Headers): void {
  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}
