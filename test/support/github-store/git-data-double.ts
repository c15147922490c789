import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A repository as the store sees it: GitHub's routes for refs, objects, contents and releases, over HTTP, with faults on demand. */
export interface GitDataDouble {
  readonly url: string;
  readonly refs: Map<string, string>;
  readonly releases: Release[];
  /** `METHOD /path` of every request, decoded, without the repository. */
  readonly asked: string[];
  /** Each is tried once, on the first request that it matches: an answer instead of (or, with `after`, besides) what was asked. */
  readonly faults: Fault[];
  /** Replaces what a ref points at by a commit with one file. */
  overwrite(ref: string, path: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}
export interface Fault {
  readonly match: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request is done, and its answer lost. */
  readonly after?: boolean;
}
export interface Release {
  readonly id: number;
  tag_name: string;
  name: string;
  body: string;
  draft: boolean;
  make_latest: string;
  assets: { id: number; name: string; state: string; bytes: Buffer }[];
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const pageOf = 30;

export async function startGitDataDouble({ token = 'right-token', empty = false } = {}): Promise<GitDataDouble> {
  const blobs = new Map<string, Buffer>();
  const trees = new Map<string, readonly { path: string; sha: string }[]>();
  const commits = new Map<string, string>();
  const refs = new Map<string, string>();
  const releases: Release[] = [];
  const asked: string[] = [];
  const faults: Fault[] = [];
  let ids = 0;
  let url = '';

  const putBlob = (bytes: Buffer) => {
    const sha = sha1(`blob ${bytes.length}\0`, bytes);
    blobs.set(sha, bytes);
    return sha;
  };
  const putTree = (entries: readonly { path: string; sha: string }[]) => {
    const sha = sha1('tree', Buffer.from(JSON.stringify(entries)));
    trees.set(sha, entries);
    return sha;
  };
  const putCommit = (tree: string, message: string) => {
    const sha = sha1('commit', Buffer.from(`${tree}\n${message}`));
    commits.set(sha, tree);
    return sha;
  };
  const releaseJson = (release: Release) => ({
    ...release,
    upload_url: `${url}/uploads/${release.id}{?name,label}`,
    assets: release.assets.map(({ id, name, state }) => ({ id, name, state })),
  });
  const releaseOf = (id: string) => {
    const found = releases.find((release) => release.id === Number(id));
    if (!found) throw new Refused(404, 'Not Found');
    return found;
  };

  const routes: readonly (readonly [RegExp, (found: readonly string[], body: Buffer, query: URLSearchParams) => unknown])[] = [
    [
      /^GET \/git\/matching-refs\/(.+)$/,
      ([prefix], _, query) => {
        if (empty) throw new Refused(409, 'Git Repository is empty.');
        const all = [...refs.entries()].filter(([ref]) => ref.startsWith(`refs/${prefix}`)).sort(([a], [b]) => (a < b ? -1 : 1));
        const page = Number(query.get('page') ?? 1);
        const more = all.length > page * pageOf;
        const next = `${url}/repos/acme/churn/git/matching-refs/${encodeURIComponent(prefix ?? '')}?page=${page + 1}`;
        const shown = all.slice((page - 1) * pageOf, page * pageOf).map(([ref, sha]) => ({ ref, object: { sha, type: 'commit' } }));
        return new Answer(200, shown, more ? { link: `<${next}>; rel="next"` } : {});
      },
    ],
    [
      /^GET \/contents\/(.+)$/,
      ([path], _, query) => {
        const entry = trees.get(commits.get(query.get('ref') ?? '') ?? '')?.find((file) => file.path === path);
        const bytes = blobs.get(entry?.sha ?? '');
        if (!bytes) throw new Refused(404, 'Not Found');
        // As GitHub does: it calls any bytes text.
        return new Answer(200, bytes, { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' });
      },
    ],
    [
      /^POST \/git\/blobs$/,
      (_, body) => {
        const { content, encoding } = json(body);
        return new Answer(201, { sha: putBlob(Buffer.from(String(content), encoding === 'base64' ? 'base64' : 'utf8')) });
      },
    ],
    [
      /^POST \/git\/trees$/,
      (_, body) => {
        const entries = (json(body)['tree'] as { path: string; sha?: string; content?: string }[]).map(({ path, sha, content }) => {
          if (sha !== undefined && !blobs.has(sha)) throw new Refused(422, 'tree.sha is not a valid blob');
          return { path, sha: sha ?? putBlob(Buffer.from(content ?? '')) };
        });
        return new Answer(201, { sha: putTree(entries) });
      },
    ],
    [
      /^POST \/git\/commits$/,
      (_, body) => {
        const { tree, message, parents } = json(body);
        if (!trees.has(String(tree)) || !Array.isArray(parents) || parents.length > 0) throw new Refused(422, 'Tree SHA does not exist');
        return new Answer(201, { sha: putCommit(String(tree), String(message)) });
      },
    ],
    [
      /^POST \/git\/refs$/,
      (_, body) => {
        const { ref, sha } = json(body);
        if (!legalRef(String(ref))) throw new Refused(422, 'Reference name is invalid');
        if (!commits.has(String(sha))) throw new Refused(422, 'Object does not exist');
        if (refs.has(String(ref))) throw new Refused(422, 'Reference already exists');
        refs.set(String(ref), String(sha));
        return new Answer(201, { ref, object: { sha } });
      },
    ],
    [
      /^GET \/releases\/tags\/(.+)$/,
      ([tag]) => {
        const found = releases.find((release) => release.tag_name === tag && !release.draft);
        if (!found) throw new Refused(404, 'Not Found');
        return releaseJson(found);
      },
    ],
    [/^GET \/releases$/, () => releases.map(releaseJson)],
    [
      /^POST \/releases$/,
      (_, body) => {
        const taken = releases.some(({ tag_name, draft }) => !draft && tag_name === json(body)['tag_name']);
        if (taken) throw new Refused(422, 'already_exists');
        const release: Release = { id: ++ids, assets: [], ...(json(body) as unknown as Omit<Release, 'id' | 'assets'>) };
        releases.push(release);
        return new Answer(201, releaseJson(release));
      },
    ],
    [
      /^PATCH \/releases\/(\d+)$/,
      ([id = ''], body) => {
        const own = releaseOf(id);
        const taken = releases.some(({ tag_name, draft }) => !draft && tag_name === own.tag_name);
        if (own.draft && taken) throw new Refused(422, 'already_exists');
        return releaseJson(Object.assign(own, json(body)));
      },
    ],
    [
      /^DELETE \/releases\/(\d+)$/,
      ([id = '']) => {
        releases.splice(releases.indexOf(releaseOf(id)), 1);
        return new Answer(204, '');
      },
    ],
    [
      /^DELETE \/releases\/assets\/(\d+)$/,
      ([id]) => {
        for (const release of releases) release.assets = release.assets.filter((asset) => asset.id !== Number(id));
        return new Answer(204, '');
      },
    ],
    [
      /^POST \/uploads\/(\d+)$/,
      ([id = ''], bytes, query) => {
        const name = query.get('name') ?? '';
        const { assets } = releaseOf(id);
        if (assets.some((asset) => asset.name === name)) throw new Refused(422, 'already_exists');
        assets.push({ id: ++ids, name, state: 'uploaded', bytes });
        return new Answer(201, { name });
      },
    ],
  ];

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const at = new URL(request.url ?? '', url);
    const path = decodeURIComponent(at.pathname.replace('/repos/acme/churn', ''));
    const question = `${request.method} ${path}`;
    asked.push(question);
    const fault = faults.find(({ match }) => match.test(question));
    if (fault) faults.splice(faults.indexOf(fault), 1);
    const send = ({ status, content, headers }: Answer) => {
      const raw = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(raw);
    };
    const lost = () => send(new Answer(fault?.status ?? 500, { message: 'Fault with right-token in it' }, fault?.headers));
    if (fault && !fault.after) return lost();
    try {
      if (request.headers.authorization !== `token ${token}`) throw new Refused(401, 'Bad credentials');
      if (!at.pathname.startsWith('/repos/acme/churn/') && !path.startsWith('/uploads/')) throw new Refused(404, 'Not Found');
      const [route, found] = routes.flatMap(([pattern, run]) => {
        const match = pattern.exec(question);
        return match ? [[run, match.slice(1)] as const] : [];
      })[0] ?? [undefined, []];
      if (empty && question.startsWith('POST /git/')) throw new Refused(409, 'Git Repository is empty.');
      if (!route) throw new Error(`The double has no ${question}.`);
      const result = route(found, body, at.searchParams);
      if (fault) return lost();
      send(result instanceof Answer ? result : new Answer(200, result));
    } catch (error) {
      const status = error instanceof Refused ? error.status : 500;
      send(new Answer(status, { message: error instanceof Error ? error.message : '' }));
    }
  }

  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return {
    url,
    refs,
    releases,
    asked,
    faults,
    overwrite(ref, path, bytes) {
      refs.set(ref, putCommit(putTree([{ path, sha: putBlob(Buffer.from(bytes)) }]), 'behind its back'));
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

class Answer {
  readonly status: number;
  readonly content: unknown;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, content: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.content = content;
    this.headers = headers;
  }
}

const json = (body: Buffer) => JSON.parse(body.toString()) as Record<string, unknown>;
const sha1 = (kind: string, bytes: Buffer) => createHash('sha1').update(kind).update(bytes).digest('hex');
/** git check-ref-format, as far as it concerns names that a program makes. */
const legalRef = (ref: string) =>
  /^refs(?:\/[^/]+){2,}$/.test(ref) &&
  ref.length <= 255 &&
  !/\.\.|@\{|[\s~^:?*[\\\x7f]|\.$/.test(ref) &&
  ref.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
