import type { getOctokit } from '@actions/github';
import { capMarkdown } from './cap-markdown.ts';
import { describeFailure, type RetryOptions, retryRequest, statusOf } from './retry-request.ts';

export type Octokit = ReturnType<typeof getOctokit>;

export interface StickyComment {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  /** Of the pull request. */
  readonly number: number;
  /** Markdown. The marker is put in front of it where it does not hold it. */
  readonly body: string;
  /** An HTML comment that tells this comment from the same author's others. */
  readonly marker: string;
}

export type PostedComment =
  | { readonly posted: 'created' | 'edited' | 'unchanged'; readonly id: number; readonly url: string }
  | { readonly posted: 'refused'; readonly reason: string };

/** GitHub refuses a longer comment with a 422. */
export const commentLimit = 65_536;

/**
 * Keeps one comment on a pull request: writes it the first time and edits it in place afterwards. It is known by the
 * marker **and** by its author, since anyone can paste a marker. Two jobs that post at once both write: each lists again
 * afterwards and only the oldest stays. A token that may not write is an answer, not an error.
 */
export async function postStickyComment(comment: StickyComment, options: RetryOptions = {}): Promise<PostedComment> {
  const { octokit, owner, repo, number, marker } = comment;
  const marked = comment.body.includes(marker) ? comment.body : `${marker}\n${comment.body}`;
  const body = capMarkdown(marked, commentLimit, '_This comment was cut where GitHub allows no more; the report has the rest._');
  try {
    // From the look to the write as one: a write that failed on its way may have arrived, and the look finds it.
    return await retryRequest(async () => {
      const own = await readOwnAuthor(octokit);
      const [first, ...more] = await listOwn(own);
      const kept = first ? await edit(first) : await create(own);
      await remove(more.filter((other) => other.id !== kept.id));
      return kept;
    }, options);
  } catch (error) {
    const status = statusOf(error);
    if (status === 401 || status === 403 || status === 404 || status === 429 || status === 410)
      return { posted: 'refused', reason: `GitHub answered ${status}: ${describeFailure(error)}` };
    throw error;
  }

  async function listOwn(author: Author) {
    const all = await octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: number, per_page: 100 });
    return all.filter(({ body: text, user }) => text?.includes(marker) && user && isSame(user, author)).sort((a, b) => a.id - b.id);
  }

  async function edit(found: { readonly id: number; readonly body?: string | undefined; readonly html_url: string }): Promise<Posted> {
    // GitHub gives line ends back as it likes.
    if (found.body?.replaceAll('\r\n', '\n').trim() === body.trim()) return { posted: 'unchanged', id: found.id, url: found.html_url };
    const { data } = await octokit.rest.issues.updateComment({ owner, repo, comment_id: found.id, body });
    return { posted: 'edited', id: data.id, url: data.html_url };
  }

  async function create(author: Author): Promise<Posted> {
    const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: number, body });
    const [oldest, ...others] = await listOwn(data.user ?? author);
    if (!oldest || oldest.id === data.id) {
      await remove(others);
      return { posted: 'created', id: data.id, url: data.html_url };
    }
    await remove(others);
    return edit(oldest);
  }

  async function remove(others: readonly { readonly id: number }[]) {
    for (const { id } of others) {
      try {
        await octokit.rest.issues.deleteComment({ owner, repo, comment_id: id });
      } catch (error) {
        // The other job was here first.
        if (statusOf(error) !== 404) throw error;
      }
    }
  }
}

type Posted = Extract<PostedComment, { id: number }>;

interface Author {
  readonly id?: number | undefined;
  readonly login: string;
}

/** Who the token writes as. A job's own token may not ask REST's `/user`; GraphQL's `viewer` answers every kind of token. */
async function readOwnAuthor(octokit: Octokit): Promise<Author> {
  try {
    const { viewer } = await octokit.graphql<{ viewer: { login: string; databaseId?: number | null } }>('{ viewer { login databaseId } }');
    return { login: viewer.login, id: viewer.databaseId ?? undefined };
  } catch (error) {
    // A server without GraphQL, or a token that it does not answer, is a job's own token. A failing server is asked again.
    const status = statusOf(error);
    if (status === null || status === 403 || status === 404) return { login: 'github-actions[bot]' };
    throw error;
  }
}

const isSame = (user: { readonly id: number; readonly login: string }, author: Author) =>
  author.id === undefined ? user.login === author.login : user.id === author.id;
