import type { PullSnapshot } from '../../shared/promotion/forge.ts';
import { commentMarker } from '../../shared/report/comment/render-comment.ts';
import { shortCommit } from '../../shared/words/format-number.ts';
import { code, md } from '../../shared/words/markdown.ts';
import type { BotContext } from '../bot-context.ts';
import { type CommentExtras, composeComment } from './compose-comment.ts';
import { keepOneComment, ownComments } from './keep-one-comment.ts';
import { readPullFindings } from './pull-findings.ts';
import { weighedLine, weighedOf } from './weighed-runs.ts';

const waiting = /^<!-- weighin:waiting -->.*\n\n/m;

/**
 * Brings the one comment of a pull request up to date with what is known about its head, all models in it. While the runs of a new
 * commit are under way the earlier text stays, with one line above it. At most 6 requests for a model in one artifact: the pull request
 * (the caller's), runs, artifacts, one download, comments, one write; each further shard is one download more.
 */
export async function updatePullConversation(context: BotContext, which: PullSnapshot | number, extras: CommentExtras = {}): Promise<void> {
  const { forge } = context;
  const policy = await context.policy();
  if (policy.config?.conversation.surface === 'check') return;
  const pull = typeof which === 'number' ? await forge.pulls.read(which) : which;
  if (!pull) return;
  const marker = `${commentMarker} config=${encodeURIComponent(policy.file).replaceAll('%2F', '/')} -->`;
  const own = ownComments(await forge.comments.list(pull.number), forge, marker);
  const earlier = own[0]?.body.replaceAll('\r\n', '\n') ?? null;
  const findings = await readPullFindings(context, pull, { weighed: weighedOf(earlier) });
  const text = findings.claim.state === 'done' || findings.models.length > 0 ? composeComment(findings, extras) : null;
  if (text === null) {
    // A first comment says something: that a run is under way, the checks say.
    if (earlier === null || findings.claim.state !== 'running') return;
    const line = md`<!-- weighin:waiting -->⏳ weighing ${code(shortCommit(pull.head.sha))} …`.markdown;
    const rest = earlier.slice(marker.length).replace(/^\n/, '').replace(waiting, '');
    return keepOneComment(forge, pull.number, { marker, own, body: `${marker}\n${line}\n\n${rest}` });
  }
  // A pull request that touches no model hears nothing, unless it did before.
  if (
    earlier === null &&
    findings.models.length === 0 &&
    findings.policyChanges.length === 0 &&
    findings.problems.length === 0 &&
    findings.claim.run?.conclusion === 'success'
  )
    return;
  await keepOneComment(forge, pull.number, { marker, own, body: `${marker}\n${weighedLine(findings.weighed)}${text}` });
}
