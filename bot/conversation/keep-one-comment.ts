import type { Comment, Forge } from '../../shared/promotion/forge.ts';

/** The comments of this bot that begin with the marker, the oldest first: anyone can paste a marker, nobody else can be its author. */
export const ownComments = (comments: readonly Comment[], { identity }: Pick<Forge, 'identity'>, marker: string): readonly Comment[] =>
  comments.filter(({ author, body }) => author.id === identity.id && body.trimStart().startsWith(marker)).sort((a, b) => a.id - b.id);

/**
 * Writes the one comment: edits the oldest, or creates it. Two processes that create at once both write, so each lists again and leaves
 * the lowest id. An unchanged text is not written.
 */
export async function keepOneComment(
  forge: Forge,
  number: number,
  { marker, body, own }: { readonly marker: string; readonly body: string; readonly own: readonly Comment[] },
): Promise<void> {
  const [first, ...others] = own;
  if (first) {
    for (const { id } of others) await forge.comments.remove(id);
    if (!sameText(first.body, body)) await forge.comments.edit(first.id, body);
    return;
  }
  const made = await forge.comments.create(number, body);
  const [lowest, ...rest] = ownComments(await forge.comments.list(number), forge, marker);
  for (const { id } of rest) await forge.comments.remove(id);
  if (lowest && lowest.id !== made.id && !sameText(lowest.body, body)) await forge.comments.edit(lowest.id, body);
}

/** GitHub gives line ends back as it likes. */
export const sameText = (left: string, right: string): boolean =>
  left.replaceAll('\r\n', '\n').trim() === right.replaceAll('\r\n', '\n').trim();

/** The text under its marker, as this bot's one comment of that marker: for news that several may tell at once. */
export async function sayOnce(forge: Forge, number: number, marker: string, text: string): Promise<void> {
  const own = ownComments(await forge.comments.list(number), forge, marker);
  await keepOneComment(forge, number, { marker, body: `${marker}\n${text}`, own });
}
