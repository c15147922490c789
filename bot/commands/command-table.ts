import type { CommandName } from './command-line.ts';
import type { CommandSpec, ReplyCode } from './command-spec.ts';

const unknownVersion: ReplyCode = {
  code: 'VERSION_NOT_FOUND',
  says: 'No version of that number is known in Git.',
  next: '`/weighin status <model>` names the newest one.',
};
const dryRun: ReplyCode = {
  code: 'DRY_RUN',
  says: 'What would happen; nothing was written.',
  next: 'Write the same line without `--dry-run`.',
};
const wrongBase: ReplyCode = {
  code: 'BASE_NOT_DEFAULT',
  says: 'The pull request goes onto another branch than the default one.',
  next: 'Change its base branch.',
};
const notPull: ReplyCode = {
  code: 'NOT_A_PULL',
  says: 'The command is about a pull request, and this is an issue.',
  next: 'Write it on the pull request.',
};
const notPromotion: ReplyCode = {
  code: 'NOT_A_PROMOTION',
  says: 'This pull request promotes nothing.',
  next: 'Write it on the promotion that you mean.',
};
const started: ReplyCode = {
  code: 'WEIGH_STARTED',
  says: 'A weigh run of the default branch was started for exactly the commit that the reply names.',
  next: 'Wait for it: the comment of the pull request updates itself. A push after this needs a new run.',
};
const closed: ReplyCode = {
  code: 'PULL_CLOSED',
  says: 'The pull request is closed, so there is nothing to weigh.',
  next: 'Open it again, or write on another one.',
};

/**
 * Every command, in the order in which help lists them. Parser, help, `docs/commands.md` and its grammar all come from here.
 */
export const commandTable: readonly CommandSpec[] = [
  {
    name: 'promote',
    alone: true,
    slots: [{ is: 'model-version' }, { is: 'stage', to: 'may' }],
    options: [{ name: 'dry-run' }, { name: 'reason' }],
    summary: 'Ask for a version at a stage, as a pull request that shows what would change',
    details: [
      'Opens one pull request that points the stage at the version. It shows the metric difference, the plan and its digest, and which approvals are wanted from whom. Nothing runs before it is approved and merged.',
      'Who asks does not approve. `--dry-run` tells what would be proposed and what is still missing, and writes nothing.',
    ],
    examples: [
      '/promote churn@v12 production',
      '/promote churn@12 to staging --dry-run',
      '/promote churn@v12 production --reason "spring data"',
    ],
    may: 'requesters',
    codes: [
      {
        code: 'PROMOTION_OPENED',
        says: 'The pull request is open, or was already for this very version.',
        next: 'Follow the link; `/why` there tells what is missing.',
      },
      {
        code: 'WEIGHING',
        says: 'The version is weighed first: its evidence is missing, or of another policy, baseline or data.',
        next: 'Nothing: the pull request opens by itself when that run passes.',
      },
      dryRun,
      {
        code: 'PROMOTION_OPEN',
        says: 'Another promotion of this stage is open, or merged and not started.',
        next: 'Finish it, or `/weighin cancel` on its pull request.',
      },
      { code: 'HELD', says: 'A hold stands against it.', next: '`/weighin unhold <model> <stage>`, once its reason is gone.' },
      { code: 'ALREADY_AT_STAGE', says: 'The stage points at this model already.', next: 'Promote another version.' },
      { code: 'VERDICT_NOT_PASS', says: 'Gates of the version stop it.', next: '`/diff` shows by how much; promote one that passes.' },
      {
        code: 'CLAIMED_NOT_ALLOWED',
        says: "The version's metrics are its own script's word, never measured.",
        next: 'Let Weighin score the model, or set `allowClaimed: true` on the stage.',
      },
      {
        code: 'BUILDER_NOT_ACCEPTED',
        says: 'The stage does not take versions from whoever registered it.',
        next: 'Add the builder to the `builders:` of the stage.',
      },
      unknownVersion,
    ],
  },
  {
    name: 'rollback',
    alone: true,
    slots: [{ is: 'model' }, { is: 'stage' }, { is: 'version', field: 'to', to: 'must', optional: true }],
    options: [{ name: 'dry-run' }, { name: 'reason' }],
    summary: 'Bring the last version that succeeded back, at once',
    details: [
      'Traffic moves first: no approval and no freeze stands in the way. The version that is left is held, so that nothing promotes it again by itself, and a revert pull request follows for the ordinary review.',
      '`to <version>` names an older one; it must have succeeded at this stage and not be held.',
    ],
    examples: ['/rollback churn production', '/rollback churn production to v10 --reason "latency"'],
    may: 'requesters',
    codes: [
      {
        code: 'ROLLED_BACK',
        says: 'The live state names the stable version, and the other is held.',
        next: 'Review the revert pull request.',
      },
      {
        code: 'NO_PREVIOUS_VERSION',
        says: 'No other version ever succeeded at this stage.',
        next: '`/promote` one; to stop what comes, `/weighin hold <model> <stage>`.',
      },
      {
        code: 'NOT_A_ROLLBACK',
        says: 'That version never succeeded at this stage, or it is held.',
        next: '`/promote` it: that is the way with evidence and review.',
      },
      { code: 'ALREADY_THERE', says: 'The stage runs that version already.', next: 'Name another version, or none for the one before.' },
      {
        code: 'ROLLBACK_IN_PROGRESS',
        says: 'The stage is being rolled back already.',
        next: '`/weighin status <model>` shows how far it is.',
      },
      dryRun,
    ],
  },
  {
    name: 'canary',
    alone: true,
    slots: [{ is: 'model' }, { is: 'stage' }, { is: 'traffic' }],
    options: [],
    summary: 'Steer a rollout that is under way',
    details: [
      'The guard of the rollout finds it in Git at its next look, within seconds, and acts. `pause` keeps the share as it is; the hard limit guards on. `promote` ends the step that it is in, and at the last one the rollout. `abort` goes back to stable and holds the version. `set` takes a share from 0 to 100: one of the plan goes to that step, 100 by its ordinary hold; any other stands in for the share of this step.',
    ],
    examples: ['/canary churn production pause', '/canary churn production set 30'],
    may: 'requesters',
    codes: [
      { code: 'ROLLOUT_PAUSED', says: 'It stays at its share, guarded.', next: '`/canary <model> <stage> resume` goes on.' },
      { code: 'ROLLOUT_RESUMED', says: 'It goes on where it was paused.', next: 'Nothing to do.' },
      { code: 'ROLLOUT_PROMOTED', says: 'The step ended; the next one, or the end, begins.', next: 'Nothing to do.' },
      { code: 'ROLLOUT_ABORTED', says: 'It goes back to stable, and its version is held.', next: 'The issue has a runbook.' },
      { code: 'ROLLOUT_SET', says: 'The share of traffic was set.', next: 'Nothing to do.' },
      { code: 'NO_ROLLOUT', says: 'No rollout is under way there.', next: '`/promote` begins one.' },
      {
        code: 'ROLLOUT_ELSEWHERE',
        says: 'A workflow or server of yours carries it out, not a guard of Weighin.',
        next: 'Steer it there, or write `guard` and `target` into its rollout.',
      },
      { code: 'NOT_BEGUN', says: 'No traffic has moved yet.', next: 'Its guard takes it up at its next look.' },
      { code: 'ALREADY_PAUSED', says: 'It is paused already.', next: '`/canary <model> <stage> resume` goes on.' },
      { code: 'NOT_PAUSED', says: 'It is not paused, so there is nothing to resume.', next: '`/weighin status` shows how far it is.' },
      { code: 'PAUSED', says: 'It is paused, so it gets no more traffic.', next: 'Resume it first, then set the share.' },
      { code: 'NO_STEPS', says: 'Its strategy has no steps, so its share is not set.', next: '`promote` or `abort`.' },
      {
        code: 'DECISION_WAITS',
        says: 'A comparison has come to its end and waits for a decision.',
        next: '`promote` or `abort`; its comment recommends one.',
      },
      { code: 'ALREADY_PROMOTED', says: 'All traffic goes to it already.', next: 'Nothing to do; `abort` goes back.' },
      { code: 'ROLLBACK_IN_PROGRESS', says: 'It goes back to stable already; nothing turns that round.', next: 'Wait until it is done.' },
      { code: 'HELD', says: 'The stage or the version is held, so it does not go on.', next: '`/weighin unhold` first.' },
      { code: 'STATE_CONTESTED', says: 'The state was changed by others again and again.', next: 'Write the line once more.' },
      { code: 'WEIGHT_OUT_OF_RANGE', says: 'The share of traffic is no number from 0 to 100.', next: 'Write for example `set 30`.' },
    ],
  },
  {
    name: 'drift',
    alone: true,
    slots: [{ is: 'model' }],
    options: [{ name: 'window' }],
    summary: "Show the drift of a model's data",
    details: [
      'Reads what the last scheduled run reported; it measures nothing itself, since the bot sees no data.',
      '`--window` counts the windows of that time.',
    ],
    examples: ['/drift churn', '/drift churn --window 7d'],
    may: 'read',
    codes: [
      {
        code: 'DRIFT',
        says: 'What moved in the newest window, in a table, and since when.',
        next: 'The run that it names keeps the whole page; retrain on newer data if the change is meant to stay.',
      },
      {
        code: 'DRIFT_NOT_SET_UP',
        says: 'No drift report of the model is known.',
        next: 'Add `drift:` to the model in weighin.yaml, and a scheduled run that reports it.',
      },
    ],
  },
  {
    name: 'diff',
    alone: true,
    slots: [{ is: 'model' }, { is: 'versions', optional: true }],
    options: [],
    summary: 'Compare the metrics of two versions',
    details: [
      'Without versions: the one in production (or at the last stage that has one) against the newest known.',
      'Intervals are shown where the later one was weighed against the earlier on the same rows; else the figures stand side by side and prove nothing.',
    ],
    examples: ['/diff churn', '/diff churn v11 v12'],
    may: 'read',
    codes: [
      { code: 'DIFF', says: 'The table of both.', next: '`/promote <model>@<version> <stage>`, where you like what you see.' },
      { code: 'NOTHING_TO_COMPARE', says: 'There are no two versions yet.', next: 'Name two: `/diff <model> v1 v2`.' },
      {
        code: 'NO_REPORT',
        says: 'A version has no report in Git, so its figures are not known here.',
        next: '`npx weighin diff <model> v1 v2` scores both where the store can be read.',
      },
      unknownVersion,
    ],
  },
  {
    name: 'why',
    alone: true,
    slots: [],
    options: [],
    summary: 'Tell every condition that this pull request does not meet, by name',
    details: ['The same list as in the check `weighin/promotion`.'],
    examples: ['/why'],
    may: 'read',
    codes: [{ code: 'WHY', says: 'What is missing, and what would change it.', next: 'Do what stands first.' }, notPull],
  },
  {
    name: 'help',
    alone: false,
    slots: [{ is: 'command', optional: true }],
    options: [],
    summary: 'List the commands, or explain one',
    details: ['`/weighin` alone is the same.'],
    examples: ['/weighin help', '/weighin help promote'],
    may: 'read',
    codes: [{ code: 'HELP', says: 'What you read.', next: 'Try one.' }],
  },
  {
    name: 'status',
    alone: false,
    slots: [{ is: 'model', optional: true }],
    options: [],
    summary: 'Show which version each stage should run and does, holds, and the newest version',
    details: ['Read from Git at that moment.'],
    examples: ['/weighin status', '/weighin status churn'],
    may: 'read',
    codes: [
      { code: 'STATUS', says: 'The table.', next: '`/diff <model>` shows what the newest version would change.' },
      {
        code: 'NO_STAGES',
        says: 'weighin.yaml declares no stage.',
        next: 'Add `stages: {production: {approvals: 1}}` to a model.',
      },
    ],
  },
  {
    name: 'run',
    alone: false,
    slots: [],
    options: [],
    summary: "Weigh this pull request's head in a trusted run",
    details: [
      'For pull requests whose own run gets no credentials (forks, Dependabot). The workflow of the default branch runs, for the head commit as the command found it and no other: look at the change first.',
    ],
    examples: ['/weighin run'],
    may: 'write',
    codes: [started, notPull, closed, wrongBase],
  },
  {
    name: 'hold',
    alone: false,
    slots: [{ is: 'model' }, { is: 'stage', optional: true }],
    options: [{ name: 'reason', required: true }, { name: 'until' }],
    summary: 'Let nothing new start at a stage, or at all of them',
    details: [
      'Stands until `/weighin unhold`, or until the time given: an ISO 8601 date or time with its zone, as `2026-12-24` or `2026-12-24T18:00+01:00`.',
    ],
    examples: ['/weighin hold churn production --reason "incident 4711"', '/weighin hold churn --reason "audit" --until 2026-12-24'],
    may: 'requesters',
    codes: [
      { code: 'HOLD_PLACED', says: 'Nothing starts there by itself any more.', next: '`/weighin unhold <model> <stage>` ends it.' },
      { code: 'UNTIL_PAST', says: 'The time lies in the past.', next: 'Name a later one, or leave `--until` out.' },
    ],
  },
  {
    name: 'unhold',
    alone: false,
    slots: [{ is: 'model' }, { is: 'stage', optional: true }],
    options: [],
    summary: 'End the holds of a stage, or of all stages',
    details: ['A version that was rolled back stays where it is: `/promote` brings it back.'],
    examples: ['/weighin unhold churn production'],
    may: 'requesters',
    codes: [
      { code: 'HOLD_LIFTED', says: 'Nothing holds it any more.', next: '`/promote` what was waiting.' },
      { code: 'NOT_HELD', says: 'There was no hold.', next: 'Nothing to do.' },
    ],
  },
  {
    name: 'override',
    alone: false,
    slots: [{ is: 'gate' }],
    options: [{ name: 'reason', required: true }],
    summary: 'Let a failed gate of a promotion pass once, by name and with a reason',
    details: [
      'Dies with the next push or weigh run. Who overrides does not approve, and the pull request and the plan show who it was and why. A gate is named as the report names it, for example `recall.maxRegression[region=south]`.',
    ],
    examples: ['/weighin override recall.maxRegression[region=south] --reason "known label noise, issue 88"'],
    may: 'requesters',
    codes: [
      { code: 'OVERRIDDEN', says: 'The gate counts as passed for this commit.', next: 'Ask somebody else for the approval.' },
      { code: 'GATE_UNKNOWN', says: 'The report has no gate of that name.', next: 'Copy its name from the report.' },
      notPromotion,
      notPull,
    ],
  },
  {
    name: 'retry',
    alone: false,
    slots: [{ is: 'gate' }],
    options: [],
    summary: 'Judge a gate again that an unlucky run failed',
    details: [
      'Gates are judged together, so the whole weigh run is done again for the head commit as the command found it; the same test set is looked at once more, and counted.',
    ],
    examples: ['/weighin retry latency_p99.maxRelative'],
    may: 'write',
    codes: [
      started,
      { code: 'GATE_UNKNOWN', says: 'The policy has no gate of that name.', next: 'Copy its name from the report.' },
      notPull,
      closed,
      wrongBase,
    ],
  },
  {
    name: 'cancel',
    alone: false,
    slots: [],
    options: [],
    summary: 'Withdraw the promotion of this pull request',
    details: ['Closes it; nothing was started by it. What runs already is left by `/rollback`.'],
    examples: ['/weighin cancel'],
    may: 'write',
    codes: [
      { code: 'WITHDRAWN', says: 'The promotion is closed.', next: '`/promote` asks anew.' },
      {
        code: 'ALREADY_MERGED',
        says: 'The promotion is merged, so there is nothing to withdraw.',
        next: '`/rollback <model> <stage>` takes it back.',
      },
      notPromotion,
      notPull,
    ],
  },
];

export const commandNames: readonly CommandName[] = commandTable.map(({ name }) => name);

/** The table's entry of a command. */
export function specOf(name: CommandName): CommandSpec {
  const found = commandTable.find((spec) => spec.name === name);
  if (!found) throw new Error(`${name} is in the table`);
  return found;
}

/** What every command can answer with. */
export const sharedCodes: readonly ReplyCode[] = [
  { code: 'UNKNOWN_COMMAND', says: 'There is no such command after `/weighin`.', next: '`/weighin help` lists them.' },
  {
    code: 'TOO_MANY_COMMANDS',
    says: 'A comment carries three commands at most; the rest were left.',
    next: 'Write them in a new comment.',
  },
  {
    code: 'HIDDEN_CHARACTERS',
    says: 'The line holds characters that nobody sees, so it may not be what it looks like.',
    next: 'Type it anew instead of pasting it.',
  },
  { code: 'LINE_TOO_LONG', says: 'The line is longer than 1,000 characters.', next: 'Shorten it.' },
  { code: 'QUOTE_NOT_CLOSED', says: 'A quotation mark opens and none closes.', next: 'Close it on the same line.' },
  { code: 'WORD_MISSING', says: 'The command needs one word more.', next: 'Compare with its usage.' },
  { code: 'WORD_UNEXPECTED', says: 'There is a word too many.', next: 'Compare with its usage.' },
  { code: 'OPTION_UNKNOWN', says: 'The command has no such option.', next: 'Compare with its usage.' },
  { code: 'OPTION_REPEATED', says: 'An option stands twice.', next: 'Keep one.' },
  { code: 'OPTION_WITHOUT_VALUE', says: 'An option lacks its value, or has one that it does not take.', next: 'Compare with its usage.' },
  { code: 'REASON_MISSING', says: 'The command needs `--reason "…"`.', next: 'Say why in one sentence: it is kept.' },
  { code: 'REASON_NOT_QUOTED', says: 'A reason of several words needs quotation marks.', next: 'Write `--reason "two words"`.' },
  { code: 'REASON_TOO_LONG', says: 'The reason is longer than 500 characters.', next: 'Shorten it, and link to the rest.' },
  { code: 'NAME_INVALID', says: 'That can be no name of a model or stage.', next: 'Names have a-z, 0-9 and "-", at most 63 characters.' },
  { code: 'VERSION_INVALID', says: 'That is no version.', next: 'Write `v12` or `12`, and to promote `churn@v12`.' },
  { code: 'ACTION_UNKNOWN', says: 'A canary knows no such action.', next: 'Write pause, resume, promote, abort or set.' },
  { code: 'WINDOW_INVALID', says: 'That is no duration.', next: 'Write for example `--window 7d`.' },
  {
    code: 'UNTIL_INVALID',
    says: 'That is no ISO 8601 date, or no time with its zone.',
    next: 'Write `2026-12-24` or `2026-12-24T18:00+01:00`.',
  },
  {
    code: 'NOT_ALLOWED',
    says: 'The policy does not let you ask for this. Told once on an issue or pull request.',
    next: 'Ask someone whom the reply names.',
  },
  {
    code: 'CANNOT_READ_TEAM',
    says: 'A team that the policy names could not be read, so it is not known whether you may.',
    next: 'Let the app read members, or mend the name of the team.',
  },
  {
    code: 'POLICY_UNREADABLE',
    says: "weighin.yaml of the default branch can't be read.",
    next: 'Mend it there; the reply says what is wrong.',
  },
  { code: 'MODEL_UNKNOWN', says: 'weighin.yaml of the default branch has no such model.', next: 'The reply names the nearest.' },
  { code: 'STAGE_UNKNOWN', says: 'The model has no such stage.', next: 'The reply names the nearest.' },
  { code: 'FORGE_UNREACHABLE', says: 'GitHub did not answer, again and again.', next: 'Write the command again in a new comment.' },
  {
    code: 'INTERNAL',
    says: "A mistake of Weighin's own; its log has the rest.",
    next: 'Write the command again; if that fails too, tell the maintainers.',
  },
];
