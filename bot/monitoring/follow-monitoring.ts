import { parseDuration } from '../../shared/config/quantities.ts';
import type { Config } from '../../shared/config/schema.ts';
import { canonicalJson } from '../../shared/digest/canonical-json.ts';
import { followReport } from '../../shared/monitoring/follow-report.ts';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { type Retraining, type WatchDocument, watchDocumentSchema } from '../../shared/monitoring/watch-document.ts';
import { changeState } from '../../shared/promotion/change-state.ts';
import type { WorkflowRun } from '../../shared/promotion/forge.ts';
import { parseDocument } from '../../shared/promotion/parse-document.ts';
import { watchPath } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { lookAtEach } from '../work/look-at-each.ts';
import { keepEpisodeIssue } from './keep-episode-issue.ts';
import { readMonitoring } from './read-monitoring.ts';
import { claimsToDispatch, dispatchRetraining } from './start-retraining.ts';
import { tellEpisodes } from './tell-episodes.ts';

/**
 * A scheduled run ended: its reports become what is known of the models, an issue an episode, and a retraining where the policy asks for
 * one. Recorded first, then done, then recorded as done: a bot that dies in between goes on where it stopped, and two do it once.
 */
export async function followMonitoring(context: BotContext, run: WorkflowRun): Promise<void> {
  const { reports, problems } = await readMonitoring(context.forge, run);
  for (const { code, message } of problems) context.log.warn({ run: run.id, code }, message);
  if (reports.length === 0) return;
  const { config } = await context.policy();
  if (!config) return;
  await lookAtEach(reports, (report) => followOne(context, config, report, run));
}

async function followOne(context: BotContext, config: Config, report: MonitoringReport, run: WorkflowRun): Promise<void> {
  const { model, stage } = report;
  const declared = Object.hasOwn(config.models, model) ? config.models[model] : undefined;
  if (!declared || !Object.hasOwn(declared.stages, stage)) {
    context.log.warn({ model, stage, run: run.id }, 'a report speaks of a stage that the policy does not know');
    return;
  }
  const retrain = declared.retrain;
  const following = {
    run: { id: run.id, attempt: run.attempt, url: run.url },
    at: await context.forge.now(),
    cooldown: retrain ? parseDuration(retrain.cooldown ?? '3d') : null,
  };
  const path = watchPath(model, stage);
  let before: WatchDocument | null = null;
  let followed: ReturnType<typeof followReport> = null;
  const { written } = await changeState(context.forge, [path], (view) => {
    before = parseDocument(watchDocumentSchema, view.text(path), path);
    followed = followReport(before, report, following);
    const text = followed && canonicalJson(followed.watch);
    return text === null || text === view.text(path) ? null : { message: `Watch ${model} ${stage}`, write: [{ path, text }] };
  });
  // The closure above assigns it, which the compiler does not see.
  const now = followed as ReturnType<typeof followReport>;
  if (!now) return;
  if (written) tellEpisodes(context, config, before, now.watch);
  await settle(context, now.watch, written ? now.claimed : null, retrain?.workflow ?? null);
}

/** What the document says and is not done yet. */
async function settle(context: BotContext, watch: WatchDocument, claimed: Retraining | null, workflow: string | null): Promise<void> {
  const dispatched = new Set<string>();
  if (workflow !== null) {
    const { dispatch, done } = await claimsToDispatch(context, watch, claimed, workflow);
    for (const retraining of dispatch) await dispatchRetraining(context, watch, retraining, workflow);
    for (const { key } of [...dispatch, ...done]) dispatched.add(key);
  }
  const issues = new Map<string, number>();
  for (const episode of watch.episodes) {
    const issue = await keepEpisodeIssue(context, watch, episode, { workflow });
    if (issue !== null) issues.set(episode.id, issue);
  }
  const path = watchPath(watch.model, watch.stage);
  await changeState(context.forge, [path], (view) => {
    const found = parseDocument(watchDocumentSchema, view.text(path), path);
    if (!found) return null;
    // Only what was done is added: somebody may have taken in a newer report meanwhile.
    const text = canonicalJson({
      ...found,
      retrainings: found.retrainings.map((one) => (dispatched.has(one.key) ? { ...one, state: 'dispatched' as const } : one)),
      episodes: found.episodes.map((one) => {
        const issue = issues.get(one.id);
        const ended = watch.episodes.some(({ id, until }) => id === one.id && until !== null);
        return { ...one, issue: issue ?? one.issue, closed: one.closed || ended };
      }),
    } satisfies WatchDocument);
    return text === view.text(path) ? null : { message: `Watch ${watch.model} ${watch.stage}: done`, write: [{ path, text }] };
  });
}
