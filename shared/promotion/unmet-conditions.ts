import { UserError } from '../errors.ts';
import type { RenderCheck } from './check-render.ts';
import { type CountedPromotion, cannotReadPeople, cannotReadTeam, unsatisfiable } from './count-approvals.ts';
import { lastPlanned } from './event-data.ts';
import { frozenAt } from './freeze-windows.ts';
import { activeHolds } from './holds.ts';
import { evidenceLevel, judgeGates, mayGo, recordsRollback, staleEvidence, weighProgress } from './judge-evidence.ts';
import { terminalPhases } from './live-document.ts';
import { succeededAt } from './order.ts';
import type { Condition, PromotionFacts } from './promotion-facts.ts';
import { soakedAt } from './soak.ts';
import { type StagePolicy, stagePolicy } from './stage-policy.ts';

/**
 * Everything that must hold and does not, the most important first: what makes the promotion void, then what is not known, then the
 * evidence, then what only time or people can bring. What could not be asked is unmet, never met.
 */
export function unmetConditions(facts: PromotionFacts, approvals: CountedPromotion, render: RenderCheck | null): readonly Condition[] {
  const policy = stagePolicy(facts.config, facts.model, facts.stage);
  const onlyRecords = recordsRollback(facts);
  return [
    ...ofPullRequest(facts, render),
    ...ofStage(facts),
    ...ofEvidence(facts, policy, onlyRecords),
    ...ofHolds(facts),
    ...(onlyRecords ? [] : [...ofOrder(facts, policy), ...ofFreeze(facts, policy)]),
    ...ofPeople(facts, policy, approvals),
  ];
}

/** What the documents in Git alone keep unmet: pull request, people and evidence are GitHub's to tell. */
export function unmetInGit(facts: GitFacts): readonly Condition[] {
  const policy = stagePolicy(facts.config, facts.model, facts.stage);
  return [...ofStage(facts), ...ofHolds(facts), ...(recordsRollback(facts) ? [] : [...ofOrder(facts, policy), ...ofFreeze(facts, policy)])];
}

function ofPullRequest({ pull, events, main, generation }: PromotionFacts, render: RenderCheck | null): readonly Condition[] {
  if (!pull)
    return lastPlanned(events) || main?.generation === generation
      ? [{ code: 'NOT_THE_PLAN', message: 'The pull request of this promotion could not be found.', next: 'Ask for the promotion again.' }]
      : [];
  const unmet: Condition[] = [];
  if (render?.is === 'tampered')
    unmet.push({
      code: 'TAMPERED',
      message: `The pull request is not what the bot wrote: ${render.why}.`,
      next: 'It is built anew on another branch; approvals are given there.',
    });
  if (render?.is === 'stale')
    unmet.push({
      code: 'NOT_THE_PLAN',
      message: `The pull request holds an older plan: ${render.why}.`,
      next: 'The bot writes the new plan; approve that one.',
    });
  if (pull.snapshot.state === 'open' && pull.snapshot.mergeable === 'conflict')
    unmet.push({
      code: 'CONFLICT',
      message: 'The pull request conflicts with the default branch.',
      next: 'It is built anew on top of it.',
    });
  return unmet;
}

type GitFacts = Omit<PromotionFacts, 'pull' | 'people' | 'identity'>;

function ofStage({ model, stage, generation, main, live }: GitFacts): readonly Condition[] {
  const merged = main?.generation === generation;
  const mainBefore = merged ? (main.previous?.generation ?? 0) : (main?.generation ?? 0);
  if (mainBefore !== generation - 1)
    return [
      {
        code: 'GENERATION_MOVED',
        message: `${model} ${stage} is at generation ${mainBefore}; this promotion follows ${generation - 1}.`,
        next: 'Ask for the promotion again.',
      },
    ];
  if (live && !terminalPhases.includes(live.phase))
    return [
      {
        code: 'STAGE_BUSY',
        message: `A rollout of ${model} ${stage} is under way${live.candidate ? ` (v${live.candidate.number}, ${live.phase})` : ` (${live.phase})`}.`,
        next: 'Wait until it ends, or end it.',
      },
    ];
  // A stage that the bot sees for the first time has no live state: what ran there before is taken as it is.
  if (live && live.generation !== generation - 1)
    return [
      live.generation < generation - 1
        ? {
            code: 'STAGE_BUSY',
            message: `Generation ${generation - 1} of ${model} ${stage} is merged and has not started yet.`,
            next: 'It starts with the next sweep; this one goes on after it.',
          }
        : {
            code: 'GENERATION_MOVED',
            message: `${model} ${stage} runs generation ${live.generation} already; this promotion is number ${generation}.`,
            next: 'Ask for the promotion again.',
          },
    ];
  return [];
}

function ofEvidence(facts: PromotionFacts, policy: StagePolicy, onlyRecords: boolean): readonly Condition[] {
  const { version, main, generation, model, stage } = facts;
  if (!version)
    return [{ code: 'NO_EVIDENCE', message: 'The version is not known here.', next: 'Register it by a run on the default branch.' }];
  const { record } = version;
  const name = `${record.model}@v${record.number}`;
  if (main?.generation === generation && main.version.digest !== record.subject.digest)
    return [
      {
        code: 'NOT_THE_PLAN',
        message: `The default branch names v${main.version.number} for ${stage}, not the v${record.number} that was asked for.`,
        next: 'Ask for the promotion again.',
      },
    ];
  const level = evidenceLevel(facts);
  if (level === 'unknown')
    return [
      {
        code: 'EVIDENCE_UNKNOWN',
        message: `The evidence for ${name} could not be verified.`,
        next: 'It is asked again by the next sweep; `weighin verify` shows what fails.',
      },
    ];
  if (onlyRecords) return [];
  const unmet: Condition[] = [];
  if (policy.builders && !policy.builders.includes(record.source.builder))
    unmet.push({
      code: 'BUILDER_NOT_ACCEPTED',
      message: `${name} was registered by ${record.source.builder}; ${stage} takes the word of ${policy.builders.join(', ')}.`,
      next: `Register it there, or add ${record.source.builder} to models.${model}.stages.${stage}.builders.`,
    });
  const judged = judgeGates(facts);
  const stale = staleEvidence(facts);
  if (stale) {
    const progress = weighProgress(facts, stale);
    const claimed = level === 'claimed' && !policy.allowClaimed;
    const waiting = progress.is === 'waiting';
    unmet.push({
      code: claimed ? 'CLAIMED_ONLY' : judged ? 'EVIDENCE_STALE' : 'NO_EVIDENCE',
      message: claimed
        ? `The evidence for ${name} was made where the training's own code ran; ${stage} takes measured evidence.`
        : `${name} must be weighed again: ${stale.why}.`,
      next: waiting
        ? `A weigh run is under way since ${inWords(progress.since)}.`
        : progress.is === 'answered'
          ? 'The weigh run did not settle it: run the same Weighin in actions and bot, and ask for the promotion again.'
          : 'A weigh run is asked for.',
    });
  }
  if (judged && judged.failed.length > 0)
    unmet.push({
      code: 'GATES_FAILED',
      message: `${judged.failed.length === 1 ? 'A gate stops' : `${judged.failed.length} gates stop`} ${name}: ${listed(judged.failed.map(({ id }) => id))}.`,
      next: 'Promote a version that passes, or answer for a gate: `/weighin override <gate> --reason "…"`.',
    });
  else if (judged && !mayGo(judged.verdict, policy))
    unmet.push({
      code: 'VERDICT_NOT_PASS',
      message: `${name} has the verdict ${judged.verdict}; ${stage} takes ${policy.requiresPass ? 'pass alone' : policy.onInconclusive === 'fail' ? 'pass or warn' : 'pass, warn or inconclusive'}.`,
      next: 'Promote a version that passes, or weigh this one on more rows.',
    });
  const absent = policy.cardRequires.filter((section) => version.report?.card?.missing.includes(section));
  if (absent.length > 0)
    unmet.push({
      code: 'CARD_INCOMPLETE',
      message: `The model card of ${name} does not state ${absent.join(', ')}.`,
      next: 'State it in weighin.yaml under `card:`, and register the model again.',
    });
  return unmet;
}

function ofHolds({ live, now, version, model, stage }: GitFacts): readonly Condition[] {
  return activeHolds(live, now, version?.record.subject.digest ?? null).map((hold) => ({
    code: 'HELD',
    message: `${hold.digest === null ? `${model} ${stage}` : `v${version?.record.number ?? '?'}`} is held by @${hold.by.login} since ${inWords(hold.at)}: “${hold.reason}”.`,
    next:
      hold.until === null
        ? `\`/weighin unhold ${model} ${stage}\` lifts it.`
        : `It ends on ${inWords(hold.until)}, or by \`/weighin unhold ${model} ${stage}\`.`,
    ...(hold.until !== null && { until: hold.until }),
  }));
}

function ofOrder(facts: GitFacts, policy: StagePolicy): readonly Condition[] {
  const { otherStages, version, now, model, stage } = facts;
  if (policy.after === null || !version) return [];
  const { record } = version;
  const before = otherStages[policy.after] ?? null;
  const { digest } = record.subject;
  const soaked = soakedAt(before, digest, policy.soakMs);
  if (soaked === null || succeededAt(before, digest) === null) {
    const rolledBack = before?.rolledBack.some((one) => one.digest === digest);
    return [
      {
        code: 'ORDER',
        message: `v${record.number} ${rolledBack ? `was rolled back at ${policy.after}` : `has not succeeded at ${policy.after} yet`}, which comes before ${stage}.`,
        next: `First: \`/promote ${model}@v${record.number} ${policy.after}\`.`,
      },
    ];
  }
  if (soaked <= now.getTime()) return [];
  const until = new Date(soaked).toISOString();
  return [
    {
      code: 'SOAK',
      message: `v${record.number} soaks at ${policy.after} for ${inDays(policy.soakMs)}; ${inDays(soaked - now.getTime())} are left.`,
      next: `It is over on ${inWords(until)}.`,
      until,
    },
  ];
}

function ofFreeze({ now, model, stage }: GitFacts, { freezes }: StagePolicy): readonly Condition[] {
  try {
    const frozen = frozenAt(freezes, now, `models.${model}.stages.${stage}.freeze`);
    if (!frozen) return [];
    return [
      {
        code: 'FROZEN',
        message: `${stage} is frozen until ${inWords(frozen.until)}${frozen.reason === null ? '' : `: “${frozen.reason}”`}.`,
        next: 'It goes on by itself when the freeze ends.',
        until: frozen.until,
      },
    ];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ code: 'FROZEN', message: `A freeze of ${stage} cannot be read. ${error.message}`, next: error.hint }];
  }
}

function ofPeople({ people, model, stage, pull }: PromotionFacts, policy: StagePolicy, approvals: CountedPromotion): readonly Condition[] {
  if (approvals.wanted === 0 && approvals.objections.length === 0) return [];
  const unmet: Condition[] = [];
  if (approvals.wanted > 0) {
    if (approvals.unreadable.length > 0) unmet.push(cannotReadTeam(approvals.unreadable));
    if (people.writers === null) unmet.push(cannotReadPeople());
    // Nobody approves a merged pull request any more, so its reviewers alone are read: whom the policy could have found is no question.
    else if (
      approvals.unreadable.length === 0 &&
      approvals.satisfiable === false &&
      !approvals.enough &&
      pull?.snapshot.state !== 'merged'
    ) {
      const eligible = [...approvals.counted.map(({ person }) => person), ...(approvals.eligible ?? [])];
      unmet.push(unsatisfiable(`${model} ${stage}`, approvals.wanted, eligible, policy));
    }
  }
  if (approvals.objections.length > 0)
    unmet.push({
      code: 'CHANGES_REQUESTED',
      message: `${approvals.objections.map(({ login }) => `@${login}`).join(', ')} asked for changes.`,
      next: 'Settle it with them: a new review or a dismissal takes it back.',
    });
  const known = people.writers !== null && approvals.unreadable.length === 0;
  if (known && !approvals.enough && approvals.wanted > 0) unmet.push(missingApprovals(approvals));
  return unmet;
}

function missingApprovals({ wanted, wantedOf, counted, ignored, eligible, oneMore }: CountedPromotion): Condition {
  const teams = Object.entries(wantedOf).map(([team, count]) => `${count} of ${team}`);
  const why = ignored.map(({ person, why }) => `@${person.login} ${why}`);
  const people = (eligible ?? []).map(({ login }) => `@${login}`);
  return {
    code: 'APPROVALS_MISSING',
    message: [
      `${counted.length} of ${wanted} ${wanted === 1 ? 'approval' : 'approvals'} of this plan${teams.length > 0 ? ` (${teams.join(', ')})` : ''}.`,
      ...(oneMore === null ? [] : [`One more than the policy says, since ${oneMore}.`]),
      ...(why.length > 0 ? [`Not counted: ${listed(why)}.`] : []),
    ].join(' '),
    next:
      people.length > 0
        ? `A review of the pull request that approves, by ${listed(people)}.`
        : 'A review of the pull request that approves.',
  };
}

const listed = (names: readonly string[]) => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** `2026-11-21 11:00 UTC`. */
const inWords = (at: string) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The largest unit that leaves a number one can read: `2 days`, `23 hours`. */
function inDays(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000));
  const [amount, unit] =
    minutes >= 2 * 1440 ? [Math.ceil(minutes / 1440), 'day'] : minutes >= 120 ? [Math.ceil(minutes / 60), 'hour'] : [minutes, 'minute'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
