import { digestOfDocument } from '../../shared/digest/canonical-json.ts';
import type { CheckRun, CheckToWrite, Forge } from '../../shared/promotion/forge.ts';
import { clipText, visibleText } from '../../shared/words/visible-text.ts';

/** What a check shows; everything of it is compared before it is written. */
export type CheckContent = Omit<CheckToWrite, 'id' | 'sha' | 'externalId' | 'status'>;

/** GitHub cuts longer titles off in its lists. */
const mostTitle = 100;
const mostSummary = 65_000;

/**
 * Writes a completed check unless it stands there already with the same content: `known` are those of the commit. `hint` goes after the
 * digest, for a later reading.
 */
export async function writeCheck(
  forge: Forge,
  known: readonly CheckRun[],
  sha: string,
  content: CheckContent,
  hint = '',
): Promise<'written' | 'unchanged'> {
  const shown = { ...content, title: clipText(visibleText(content.title), mostTitle), summary: cut(content.summary) };
  const externalId = `${digestOfDocument(shown)}${hint && `;${hint}`}`;
  const { appId } = forge.identity;
  const before = known.find(({ name, appId: by }) => name === content.name && (appId === null || by === null || by === appId));
  if (before?.externalId === externalId && before.status === 'completed' && before.conclusion === content.conclusion) return 'unchanged';
  await forge.checks.write({ ...(before && { id: before.id }), sha, status: 'completed', externalId, ...shown });
  return 'written';
}

function cut(text: string): string {
  if (text.length <= mostSummary) return text;
  const kept = text.slice(0, mostSummary - 100);
  return `${kept.slice(0, kept.lastIndexOf('\n'))}\n\nThis text was cut where GitHub allows no more.`;
}
