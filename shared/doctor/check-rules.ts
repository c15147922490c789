import type { BranchRule, DoctorFacts } from './doctor-facts.ts';
import { advice, type Finding, ok, unknown, wrong } from './finding.ts';

const check = 'weighin/promotion';

/** What holds on the default branch and on the bot's own branches: without it every other rule is a request. */
export function checkRules({ github }: DoctorFacts): readonly Finding[] {
  const rules = github.url && `${github.url}/settings/rules`;
  return [...checkMain(github.mainRules, github.app, rules), ...checkState(github.stateRules, github.app, rules)];
}

type Facts = DoctorFacts['github'];

function checkMain(rules: Facts['mainRules'], app: Facts['app'], url: string | null): readonly Finding[] {
  if (!rules.known) return [unknown('RULES_UNKNOWN', 'The rules of the default branch', rules.why)];
  const required = rules.value.flatMap(({ checks }) => checks).filter(({ context }) => context === check);
  const appId = app.known ? app.value?.id : undefined;
  const owned = rules.value.some(({ codeOwnerReview }) => codeOwnerReview);
  return [
    required.length === 0
      ? wrong(
          'PROMOTION_NOT_REQUIRED',
          `The default branch does not require ${check}: a promotion can be merged while conditions are unmet.`,
          `New ruleset → target the default branch → Require status checks to pass → add ${check}, source: your App.`,
          url,
        )
      : required.some(({ app: source }) => source === null)
        ? wrong(
            'PROMOTION_NOT_PINNED',
            `${check} is required from any source: whoever can run a workflow can post it.`,
            'In the ruleset, choose your App as the source of the check.',
            url,
          )
        : appId !== undefined && required.some(({ app: source }) => source !== appId)
          ? wrong(
              'PROMOTION_PINNED_ELSEWHERE',
              `${check} is required from App ${required.map(({ app: source }) => source).join(', ')}, and the bot is App ${appId}: nothing can be merged.`,
              'In the ruleset, choose your App as the source of the check.',
              url,
            )
          : ok('PROMOTION_REQUIRED', `${check} is required, from App ${required[0]?.app} alone.`),
    owned
      ? ok('OWNERS_REVIEW', 'Reviews by code owners are required.')
      : advice(
          'OWNERS_DO_NOT_REVIEW',
          'Reviews by code owners are not required: CODEOWNERS only suggests reviewers.',
          'In the ruleset: Require a pull request → Require review from Code Owners.',
          url,
        ),
  ];
}

function checkState(rules: Facts['stateRules'], app: Facts['app'], url: string | null): readonly Finding[] {
  if (!rules.known) return [unknown('STATE_RULES_UNKNOWN', 'The rules of the branches weighin/**', rules.why)];
  const missing = ['creation', 'update', 'deletion'].filter((type) => !rules.value.some((rule) => rule.type === type));
  if (missing.length > 0)
    return [
      wrong(
        'STATE_OPEN',
        `Everybody with write can change what weighin/state says (${missing.join(', ')} not restricted).`,
        'New ruleset → target branches weighin/** → Restrict creations, updates and deletions → bypass list: your App alone.',
        url,
      ),
    ];
  const holding = rules.value.filter(({ type }) => ['creation', 'update', 'deletion'].includes(type));
  const appId = app.known ? app.value?.id : undefined;
  if (holding.some(({ bypass }) => bypass === null))
    return [unknown('STATE_BYPASS_UNKNOWN', 'Who may write weighin/** all the same', 'only an administrator’s token sees bypass lists')];
  const bypass = holding.flatMap((rule: BranchRule) => rule.bypass ?? []);
  const others = bypass.filter(({ type, id }) => type !== 'Integration' || (appId !== undefined && id !== appId));
  const appIsIn = holding.every((rule) =>
    (rule.bypass ?? []).some(({ type, id }) => type === 'Integration' && (appId === undefined || id === appId)),
  );
  return [
    others.length > 0
      ? wrong(
          'STATE_BYPASSED',
          `${others.map(({ type, id }) => (id === null ? type : `${type} ${id}`)).join(', ')} may write weighin/** too: state that people can write proves nothing.`,
          'Leave your App alone in the ruleset’s bypass list.',
          url,
        )
      : appIsIn
        ? ok('STATE_CLOSED', 'Only the App writes weighin/**.')
        : wrong(
            'STATE_CLOSED_TO_APP',
            'Nobody may write weighin/**, the App neither: no promotion can be recorded.',
            'Add your App to the ruleset’s bypass list.',
            url,
          ),
  ];
}
