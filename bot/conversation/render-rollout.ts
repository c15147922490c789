import { parseDuration } from '../../shared/config/quantities.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import { readExperimentRecord } from '../../shared/rollout/ab/experiment-record.ts';
import { renderExperimentComment } from '../../shared/rollout/ab/render-experiment-comment.ts';
import { judgeRolloutExperiment } from '../../shared/rollout/ab/rollout-experiment.ts';
import type { EngineState, MetricLook, StepRecord } from '../../shared/rollout/engine/engine-state.ts';
import type { RolloutPlan } from '../../shared/rollout/engine/rollout-plan.ts';
import type { ArmCounts } from '../../shared/rollout/judging/bucket.ts';
import { formatCount, formatMany, formatPercent, formatSeconds } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { pauseWords, stopWords } from './rollout-reasons.ts';

export interface ShownRollout {
  readonly live: LiveDocument;
  readonly engine: EngineState;
  readonly plan: RolloutPlan;
  /** Of the version that it brings, also after it was taken away; null where no event tells. */
  readonly number: number | null;
  /** Minutes since the guard recorded a look, where that is longer than it may be. */
  readonly silentMinutes: number | null;
}

export const rolloutMarker = (rolloutId: string) => `<!-- weighin:rollout ${rolloutId} -->`;

/** The one comment of a rollout on its promotion's pull request: where it is, what each step showed, what to do next. Pure. */
export function renderRollout(shown: ShownRollout): string {
  const { live, engine, plan } = shown;
  const parts: (Markdown | null)[] = [
    headline(shown),
    why(shown),
    rolloutSteps(shown),
    rolloutLooks(shown),
    experiment(engine),
    next(live, engine, plan),
  ];
  return joinMarkdown(
    parts.filter((part) => part !== null),
    '\n\n',
  ).markdown;
}

/** `churn v12 → production`, and how far it is: the same words in a deployment's description. */
export function rolloutStanding({ live, engine, plan }: Pick<ShownRollout, 'live' | 'engine' | 'plan'>): string {
  const count = plan.steps.length;
  const at = `step ${Math.min(live.step + 1, count)} of ${count}`;
  const share = `${live.weight?.observed ?? live.weight?.desired ?? 0} % of traffic`;
  switch (live.phase) {
    case 'pending':
      return 'waits for its guard';
    case 'verifying':
      return live.weight === null || (live.weight.observed ?? 0) === 0 ? 'is asked before traffic moves' : `is asked once more, ${share}`;
    case 'promoting':
      return 'becomes what the target calls stable';
    case 'paused':
      return `is paused at ${share}, ${at}`;
    case 'rolling-back':
      return 'goes back to what ran before';
    case 'rolled-back':
      return engine.stop === null ? 'was rolled back' : `was rolled back: ${stopWords(engine.stop)}`;
    case 'succeeded':
      return 'has all traffic';
    case 'superseded':
      return 'gave way to a newer one';
    case 'failed':
      return 'failed';
    default:
      return plan.strategy === 'shadow' ? 'gets a copy of the traffic and answers nobody' : `${share}, ${at}`;
  }
}

const signs: Readonly<Partial<Record<LiveDocument['phase'], string>>> = {
  succeeded: '✅',
  'rolled-back': '❌',
  'rolling-back': '❌',
  failed: '❌',
  paused: '⏸️',
  superseded: '⏹️',
};

function headline(shown: ShownRollout): Markdown {
  const { live, engine, plan, number } = shown;
  const name = `${live.model}${number === null ? '' : ` v${number}`}`;
  const standing = rolloutStanding({ live, engine, plan });
  const says = /^\d/.test(standing) ? `gets ${standing}` : standing;
  return md`### ${signs[live.phase] ?? '🚦'} ${name} in ${live.stage} ${clipText(says, 200)}`;
}

function why({ live, engine, silentMinutes }: ShownRollout): Markdown | null {
  if (silentMinutes !== null)
    return md`⚠️ **No look was recorded for ${silentMinutes} min.** While nobody watches, a leased weight falls back to stable by itself and no step is taken; when the guard is back it judges the gap first.`;
  if (engine.stop && live.phase !== 'succeeded') return md`**Why:** ${proseMarkdown(clipText(engine.stop.detail, 500))}`;
  if (live.phase === 'paused' && engine.pause)
    return md`**Why:** ${proseMarkdown(clipText(engine.pause.detail || pauseWords(engine.pause.reason).says, 500))}`;
  if (engine.outcome) return md`**${engine.outcome.recommends === 'promote' ? 'Promote' : 'Keep'}:** ${proseMarkdown(engine.outcome.why)}`;
  return null;
}

const most = 20;

/** A table of what each step showed; null before the first. */
export function rolloutSteps({ engine, plan }: Pick<ShownRollout, 'engine' | 'plan'>): Markdown | null {
  if (engine.steps.length === 0) return null;
  const metrics = plan.policy.metrics;
  const rows = engine.steps.slice(-most).map((record, index, shown) =>
    stepRow(
      record,
      metrics.map(({ name }) => name),
      engine.stop !== null && index === shown.length - 1,
    ),
  );
  const limits = metrics.map(
    ({ name, limit }) => md`${code(clipText(name, 60))} ↓${limit === null ? '' : ` (limit ${formatPercent(limit)})`}`,
  );
  return joinMarkdown(
    [
      md`| step | traffic | watched | requests | ${joinMarkdown(limits, ' | ')} | |`,
      { markdown: `|--:|--:|--:|--:|${'--:|'.repeat(metrics.length)}:--|` },
      ...rows,
    ],
    '\n',
  );
}

function stepRow(
  { step, weight, to, guardedSeconds, metrics, unproven }: StepRecord,
  names: readonly string[],
  stopped: boolean,
): Markdown {
  const requests = Math.max(0, ...Object.values(metrics).map(({ candidate }) => candidate.total));
  const cells = names.map((name) => {
    const counts = metrics[name];
    return md`${counts ? arms(counts.candidate, counts.stable) : '–'}`;
  });
  const mark = stopped ? '❌ stopped here' : to === null ? 'under way' : unproven ? '⚠️ unproven: too few requests' : 'done';
  return md`| ${step + 1} | ${weight} % | ${formatSeconds(guardedSeconds)} | ${formatCount(requests)} | ${joinMarkdown(cells, ' | ')} | ${mark} |`;
}

const arms = (candidate: ArmCounts, stable: ArmCounts): string =>
  stable.total === 0 ? rate(candidate) : `${rate(candidate)}, stable ${rate(stable)}`;
const rate = ({ bad, total }: ArmCounts): string => (total === 0 ? 'no requests' : `${formatPercent(bad / total)}`);

/** At the end of an A/B comparison: its table, and one line that says promote or keep. */
function experiment({ name, definition, experiment: kept, outcome }: EngineState): Markdown | null {
  if (definition.strategy !== 'ab' || !definition.experiment || outcome === null || kept === null) return null;
  const settings = {
    shareOfTreatment: definition.experiment.share,
    duration: parseDuration(definition.duration ?? '7d'),
    isTimeUp: true,
  };
  return renderExperimentComment(judgeRolloutExperiment(definition.experiment, name, readExperimentRecord(kept), settings));
}

/** What each metric shows over the whole rollout. */
export function rolloutLooks({ engine }: Pick<ShownRollout, 'engine'>): Markdown | null {
  const found = Object.entries(engine.metrics).flatMap(([name, { look }]) => (look ? [[name, look] as const] : []));
  if (found.length === 0) return null;
  const lines = found.map(([name, look]) => md`- ${code(clipText(name, 60))}: ${lookWords(look)}`);
  const last = found
    .map(([, { at }]) => at)
    .sort()
    .at(-1);
  return joinMarkdown([md`Over the whole rollout, as recorded ${last?.slice(0, 16).replace('T', ' ') ?? ''} UTC:`, ...lines], '\n');
}

function lookWords({ candidate, stable, ratio, ratioBounds, strength }: MetricLook): string {
  const counted = `${formatCount(candidate.bad)} bad of ${formatMany(candidate.total, 'request')}`;
  const against =
    stable.total === 0 ? 'no stable traffic to compare with' : `stable ${formatCount(stable.bad)} of ${formatCount(stable.total)}`;
  const bounds = ratioBounds && ` (95 % interval, valid at every look: ${times(ratioBounds.lower)} … ${times(ratioBounds.upper)})`;
  const apart = ratio === null ? '' : `; ${times(ratio)} stable's rate${bounds ?? ''}`;
  const strong =
    strength === null
      ? ''
      : strength <= 0
        ? '; no evidence against it'
        : strength < 1
          ? `; evidence against it ${formatPercent(strength)} of what stops it`
          : '; that is enough evidence to stop it';
  return `${counted}, ${against}${apart}${strong}`;
}
const times = (value: number | 'Infinity') => (value === 'Infinity' ? '×∞' : `×${value.toFixed(2)}`);

function next(
  { phase, model, stage, stable }: LiveDocument,
  { pause, stop, outcome }: EngineState,
  { strategy }: RolloutPlan,
): Markdown | null {
  const canary = (action: string) => code(`/canary ${model} ${stage} ${action}`);
  switch (phase) {
    case 'succeeded':
    case 'superseded':
      return null;
    case 'rolling-back':
    case 'rolled-back':
    case 'failed':
      if (stop?.ends === 'superseded') return null;
      return stable === null
        ? md`**Next:** there is no version to go back to, so what the target does was left as it is. The version is held: ${code(`/promote ${model}@v… ${stage}`)} brings a mended one, ${code(`/weighin unhold ${model} ${stage}`)} lets the same one try again.`
        : md`**Next:** the issue has the evidence and a runbook; the revert pull request makes main say what runs. The version is held: ${code(`/weighin unhold ${model} ${stage}`)} only when you know why.`;
    case 'paused':
      return md`**Next:** ${proseMarkdown(pauseWords(pause?.reason ?? 'person').next)} ${canary('resume')} goes on, ${canary('promote')} ends the step now, ${canary('abort')} goes back.`;
    default:
      return outcome === null && (strategy === 'shadow' || strategy === 'ab')
        ? md`**Next:** nothing to do until its time is over. ${canary('abort')} ends it.`
        : md`**Next:** nothing to do; it goes on or back by itself. ${canary('pause')} and ${canary('abort')} steer it.`;
  }
}
