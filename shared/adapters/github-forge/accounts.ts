import { z } from 'zod';
import type { CommitFacts, Person } from '../../promotion/forge.ts';

/** As the REST API writes an account. */
export const restAccount = z.object({ id: z.number(), login: z.string(), type: z.string() }).transform(personOf);

/** As GraphQL writes one who did something. `databaseId` is missing for kinds of accounts that have none. */
export const actorFields = `__typename login ...on User{databaseId} ...on Bot{databaseId} ...on Mannequin{databaseId} ...on Organization{databaseId}`;
export const actorAccount = z
  .object({ __typename: z.string(), login: z.string(), databaseId: z.number().nullish() })
  .transform(({ __typename, login, databaseId }) =>
    databaseId === undefined || databaseId === null ? null : personOf({ id: databaseId, login, type: __typename }),
  );

/** Who stands for an account that was deleted, in GitHub's own words. */
export const ghost: Person = { id: 10137, login: 'ghost', type: 'User' };
/** Who commits what is done on GitHub's pages. */
const webFlow: Person = { id: 19864447, login: 'web-flow', type: 'User' };

function personOf({ id, login, type }: { readonly id: number; readonly login: string; readonly type: string }): Person {
  // GraphQL leaves out what REST, webhooks and people write behind an App's name.
  if (type === 'Bot') return { id, login: login.endsWith('[bot]') ? login : `${login}[bot]`, type };
  return { id, login, type: type === 'Organization' ? type : 'User' };
}

const gitActor = z.object({
  email: z.string().nullish(),
  user: z.object({ databaseId: z.number().nullish(), login: z.string() }).nullish(),
});
const signature = z.object({ isValid: z.boolean(), wasSignedByGitHub: z.boolean() });

const mostAuthors = 20;
export const commitFields = `oid committedDate message signature{isValid wasSignedByGitHub} authors(first:${mostAuthors}){totalCount nodes{email user{databaseId login}}} committer{email user{databaseId login}}`;

export const commitFacts = z
  .object({
    oid: z.string(),
    committedDate: z.string(),
    message: z.string(),
    signature: signature.nullish(),
    authors: z.object({ totalCount: z.number().nullish(), nodes: z.array(gitActor.nullable()).nullish() }),
    committer: gitActor.nullish(),
  })
  .transform(({ oid, committedDate, message, signature: signed, authors, committer }): CommitFacts => {
    const byGitHub = signed?.isValid === true && signed.wasSignedByGitHub;
    const named = (authors.nodes ?? []).map((author) => accountOf(author, byGitHub));
    // Authors beyond the page are unknown ones, not missing ones.
    const unread = (authors.totalCount ?? named.length) > named.length ? [null] : [];
    return {
      oid,
      at: committedDate,
      message,
      authors: [...named, ...unread],
      committer: accountOf(committer, byGitHub),
      verified: signed?.isValid === true,
    };
  });

/**
 * GraphQL maps an email to people only, so an App's address is read here: `<id>+<name>[bot]@users.noreply.<host>`. Anybody can write any
 * address into a commit, hence only where GitHub itself signed it, which it does for what came through its API or pages.
 */
function accountOf(actor: z.output<typeof gitActor> | null | undefined, byGitHub: boolean): Person | null {
  const user = actor?.user;
  if (typeof user?.databaseId === 'number' && !user.login.endsWith('[bot]'))
    return { id: user.databaseId, login: user.login, type: 'User' };
  if (!byGitHub) return null;
  const [, id, login] = /^(\d{1,15})\+([A-Za-z0-9-]+\[bot\])@users\.noreply\.[\w.-]+$/.exec(actor?.email ?? '') ?? [];
  if (id !== undefined && login !== undefined) return { id: Number(id), login, type: 'Bot' };
  return /^noreply@github\.[\w.-]+$/.test(actor?.email ?? '') ? webFlow : null;
}
