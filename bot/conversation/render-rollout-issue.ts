import type { Person } from '../../shared/promotion/forge.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { rollbackMarker } from './render-promotion-news.ts';
import { rolloutLooks, rolloutSteps, type ShownRollout } from './render-rollout.ts';
import { stopWords } from './rollout-reasons.ts';

export interface RolloutIssue extends ShownRollout {
  readonly number: number;
  readonly to: number;
  readonly by: Person;
  /** The pull request that makes main say what runs; null where it says so already, or none could be made. */
  readonly pull: number | null;
  readonly at: string;
}

/** What a rollback leaves for people: the evidence that it rested on, and what to do now, in order. */
export function renderRolloutIssue(issue: RolloutIssue): {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
} {
  const { live, engine, number, to, by, at, pull } = issue;
  const { model, stage, generation } = live;
  const because = engine.stop ? stopWords(engine.stop) : 'rolled back';
  const parts: (Markdown | null)[] = [
    { markdown: rollbackMarker(model, stage, generation) },
    md`${code(`${model}@v${number} ${stage}`)} went back to **v${to}** at ${at.slice(0, 16).replace('T', ' ')} UTC, by ${code(clipText(by.login, 60))}: ${clipText(because, 200)}.`,
    engine.stop && md`**Evidence:** ${proseMarkdown(clipText(engine.stop.detail, 1000))}`,
    rolloutSteps(issue),
    rolloutLooks(issue),
    md`### Runbook`,
    joinMarkdown(runbook(issue, pull), '\n'),
  ];
  return {
    title: clipText(`${model} v${number} was rolled back in ${stage}: ${because}`, 200),
    body: joinMarkdown(
      parts.filter((part) => part !== null),
      '\n\n',
    ).markdown,
    labels: ['weighin'],
  };
}

/** Who was served what, why it failed, and how the stage gets moving again. */
function runbook({ live: { model, stage }, number, to, engine }: RolloutIssue, pull: number | null): readonly Markdown[] {
  const measured = engine.stop?.metric;
  return [
    md`1. **See that it is over.** ${code(`/weighin status ${model}`)} says v${to}, and the target (${code(engine.definition.target?.kind ?? 'its target')}) sends v${number} nothing. If v${number} still gets requests, ${code(`/rollback ${model} ${stage}`)} asks again.`,
    md`2. **Who was touched.** Lines of the prediction log whose ${code('version')} is v${number} are the answers that it gave; their ${code('id')} says to which request.`,
    measured === null || measured === undefined
      ? md`3. **Find the cause.** Whoever stopped it said why above.`
      : measured.includes('slow')
        ? md`3. **Find the cause.** ${code(measured)} counts answers slower than its limit: compare the model's size and ${code('latency_p99')} of both versions in the report, then the machines.`
        : md`3. **Find the cause.** ${code(measured)} counts bad answers: the server's log has the errors of v${number}; degraded answers (its fallback) count as bad too.`,
    md`4. **Play it again.** Write the counts of those minutes from your metrics into a file (${code('weighin rollout --help')} shows its form); ${code(`weighin rollout judge --rollout weighin.yaml --name ${engine.name} --observations FILE.json`)} judges them look by look: would another limit have stopped it sooner?`,
    pull === null
      ? md`5. **Git.** Nothing to merge yet: main says v${to} already, its record is not known, or another promotion is open in this place. Once that one is given up, a pull request makes main say v${to}.`
      : md`5. **Git.** Review and merge #${pull}: it makes main say v${to}, which is what runs. Until then the hold outranks main.`,
    md`6. **Try again, or not.** v${number} is held, so nothing starts it by itself. A mended model is a new version: ${code(`/promote ${model}@v… ${stage}`)}. For the same bytes ${code(`/weighin unhold ${model} ${stage}`)} ends the hold first: say here why.`,
  ];
}
