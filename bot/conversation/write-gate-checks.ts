import type { PullSnapshot } from '../../shared/promotion/forge.ts';
import { annotations } from '../../shared/report/annotations.ts';
import type { BotContext } from '../bot-context.ts';
import { composeGateCheck, composeSilentCheck, gateCheckName } from './gate-check.ts';
import { checkAnnotations, gateLines } from './gate-places.ts';
import { judgesItself } from './judges-itself.ts';
import { readPullFindings } from './pull-findings.ts';
import { weighedHint, weighedOfChecks } from './weighed-runs.ts';
import { type CheckContent, writeCheck } from './write-check.ts';

/** Up to so many models each gets a check on every head, also where nothing of it changed: a required check must report. */
const mostSilent = 20;

/**
 * A check run a model on the head of a pull request: the verdict by the default branch's policy, annotations at the lines of contract and
 * configuration. A check belongs to the commit: where several open pull requests have this head it says the worst of what their runs found.
 * Requests: open pull requests, checks of the commit, one write for each that changed, besides the findings' own.
 */
export async function writeGateChecks(context: BotContext, pull: PullSnapshot): Promise<void> {
  const { forge } = context;
  const policy = await context.policy();
  const { config } = policy;
  if (config?.conversation.surface === 'comment') return;
  const main = forge.repository.defaultBranch;
  const twins = (await forge.pulls.open()).filter(({ head }) => head.sha === pull.head.sha);
  const ambiguous = twins.length > 1 ? twins.map(({ number }) => number).sort((a, b) => a - b) : [];
  const onDefault = pull.base === main || twins.some(({ base }) => base === main);
  const known = await forge.checks.list(pull.head.sha);
  const findings = await readPullFindings(context, pull, { weighed: weighedOfChecks(known), allOfCommit: ambiguous.length > 0 });
  const { claim, models } = findings;
  if (claim.state !== 'done' && models.length === 0) return;

  const needsLines = models.some(({ report }) => report.gates.some(({ kind, status }) => kind === 'metric' && status !== 'pass'));
  const [atHead] = needsLines ? await forge.git.read([{ ref: pull.head.sha, paths: [policy.file] }]) : [];
  const checks: CheckContent[] = models.map((finding) => {
    const { report } = finding;
    const lineOf = gateLines(atHead?.files.get(policy.file) ?? null, policy.file, report, config);
    const places = checkAnnotations(annotations(report), { folder: policy.folder, lineOf });
    return composeGateCheck(finding, { config, onDefault, ambiguous, annotations: places, judgesItself: judgesItself(findings, finding) });
  });
  const told = new Set(models.map(({ report }) => gateCheckName(report.model)));
  const silent = Object.keys(config?.models ?? {}).filter((model) => !told.has(gateCheckName(model)));
  // Its own verdict blocks already where one did; else a run that failed without a word, or left what can't be read, hides something.
  const unread = findings.problems.some(({ code }) => code !== 'WORKFLOW_CHANGED');
  const lost = (unread || claim.run?.conclusion !== 'success') && !checks.some(({ conclusion }) => conclusion === 'failure');
  if (claim.state === 'done' && claim.run && (lost || silent.length <= mostSilent))
    for (const model of silent) checks.push(composeSilentCheck(model, claim.run, { config, onDefault, lost }));
  const hint = weighedHint(findings.weighed);
  for (const check of checks) await writeCheck(forge, known, pull.head.sha, check, hint);
}
