import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A user or a bot, as comments show their author. */
export interface Author {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
}

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: Author;
  readonly html_url: string;
}

/** What goes wrong with the next request that `match`es, once. */
export interface Fault {
  readonly match: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** Whether the request has its effect all the same: the answer was lost on its way. */
  readonly arrives?: boolean;
}

export const actionsBot: Author = { id: 41898282, login: 'github-actions[bot]', type: 'Bot' };

/**
 * The few routes of GitHub that the actions use, with its refusals: a token that is unknown (401) or reads only (403), a comment
 * that is too long (422), pages with a Link header. Every request is logged; an unknown route is a 404 and in `unknown`.
 */
export async function openGitHubDouble() {
  const tokens = new Map<string, { readonly author: Author; readonly write: boolean; readonly graphql: boolean }>();
  const comments: StoredComment[] = [];
  const requests: string[] = [];
  const unknown: string[] = [];
  const faults: Fault[] = [];
  const hooks: { beforeAnswer?: (request: string) => void } = {};
  let nextId = 1000;

  const add = (body: string, user: Author): StoredComment => {
    const comment = { id: nextId++, body, user, html_url: `https://github.com/acme/models/pull/7#issuecomment-${nextId}` };
    comments.push(comment);
    return comment;
  };

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const route = `${request.method} ${request.url}`;
    requests.push(route);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      hooks.beforeAnswer?.(route);
      response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
        .end(body === null ? '' : JSON.stringify(body));
    };
    const fault = faults.findIndex(({ match }) => match.test(route));
    if (fault >= 0) {
      const [{ status, headers = {}, message = 'Server Error', arrives = false }] = faults.splice(fault, 1) as [Fault];
      if (arrives) serve(request, text, () => {});
      return send(status, { message }, headers);
    }
    serve(request, text, send);
  }

  function serve(
    request: IncomingMessage,
    text: string,
    send: (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => void,
  ) {
    const token = tokens.get((request.headers.authorization ?? '').replace(/^(token|bearer) /i, ''));
    if (!token) return send(401, { message: 'Bad credentials' });
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const refused = () => send(403, { message: 'Resource not accessible by integration' });
    if (request.method === 'POST' && pathname === '/graphql')
      return token.graphql
        ? send(200, { data: { viewer: { login: token.author.login, databaseId: token.author.id } } })
        : send(404, { message: 'Not Found' });

    const list = /^\/repos\/acme\/models\/issues\/7\/comments$/.test(pathname);
    const one = /^\/repos\/acme\/models\/issues\/comments\/(\d+)$/.exec(pathname);
    if (list && request.method === 'GET') {
      const size = Number(searchParams.get('per_page') ?? 30);
      const page = Number(searchParams.get('page') ?? 1);
      const more = page * size < comments.length;
      return send(
        200,
        comments.slice((page - 1) * size, page * size),
        more ? { link: `<${url}${pathname}?per_page=${size}&page=${page + 1}>; rel="next"` } : {},
      );
    }
    if (list && request.method === 'POST') {
      if (!token.write) return refused();
      const body = bodyOf(text);
      if (body === null) return send(422, { message: 'Validation Failed' });
      return send(201, add(body, token.author));
    }
    if (one) {
      const index = comments.findIndex(({ id }) => id === Number(one[1]));
      const found = comments[index];
      if (!found) return send(404, { message: 'Not Found' });
      // Whoever may write to the repository may edit a stranger's comment too: nothing but the code keeps it from doing so.
      if (!token.write) return refused();
      if (request.method === 'PATCH') {
        const body = bodyOf(text);
        if (body === null) return send(422, { message: 'Validation Failed' });
        found.body = body;
        return send(200, found);
      }
      if (request.method === 'DELETE') {
        comments.splice(index, 1);
        return send(204, null);
      }
    }
    unknown.push(`${request.method} ${request.url}`);
    return send(404, { message: 'Not Found (the double does not know this route)' });
  }

  return {
    url,
    comments,
    requests,
    unknown,
    faults,
    hooks,
    add,
    allow: (token: string, author: Author = actionsBot, options: { readonly write?: boolean; readonly graphql?: boolean } = {}) =>
      tokens.set(token, { author, write: options.write ?? true, graphql: options.graphql ?? true }),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type GitHubDouble = Awaited<ReturnType<typeof openGitHubDouble>>;

/** A comment's body as GitHub takes it; null where it refuses. */
function bodyOf(text: string): string | null {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('body' in parsed) || typeof parsed.body !== 'string') return null;
  return parsed.body === '' || Array.from(parsed.body).length > 65_536 ? null : parsed.body;
}
