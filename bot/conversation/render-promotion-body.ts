import type { PromotionFacts, PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import { promotionId } from '../../shared/promotion/state-paths.ts';
import type { Report } from '../../shared/report/report.ts';
import { formatMany, shortDigest } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText, visibleText } from '../../shared/words/visible-text.ts';
import { advisoryNote } from './advisory-words.ts';
import { approvalLines, conditionList } from './condition-words.ts';
import { forecastWords } from './forecast-words.ts';
import { digestLine, evidenceSection, levelWords } from './promotion-evidence.ts';
import { rolloutWords } from './rollout-words.ts';

export interface PromotionExtras {
  /** Policy keys of this model and stage that changed since the stage's last promotion, each with the pull request that did. */
  readonly policyChanges: readonly {
    readonly key: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly pull: number | null;
  }[];
  /** Unified diff of the two versions' model cards. */
  readonly cardDiff: string | null;
  /** One sentence: drift since the current version's training. */
  readonly driftNote: string | null;
  /** The current version's own report. */
  readonly baselineReport: Report | null;
  readonly advisory: boolean;
}

/** Begins the body: by it, and by its author, a promotion's pull request is known. */
const promotionMarker = (model: string, stage: string, generation: number) =>
  `<!-- weighin:promotion ${promotionId(model, stage, generation)} -->`;

const mostCharacters = 65_000;
const budgets = [
  { metrics: 24, slices: 40, gates: 20, card: 8_000 },
  { metrics: 10, slices: 15, gates: 10, card: 3_000 },
  { metrics: 5, slices: 0, gates: 4, card: 0 },
];

/** `Promote churn v12 to production`. */
function promotionHeadline({ model, stage, version, main, events }: PromotionFacts): string {
  const number = version?.record.number;
  const returns = events.some(({ type, data }) => type === 'promotion.requested' && data['operation'] === 'rollback');
  const verb = returns || (main && number !== undefined && number < main.version.number) ? 'Return' : 'Promote';
  return `${verb} ${model} ${number === undefined ? '' : `v${number} `}to ${stage}`;
}

/** The body of a promotion's pull request: all that a reviewer approves, on one page. Pure, and never longer than GitHub takes. */
export function renderPromotionBody(facts: PromotionFacts, status: PromotionStatus, extras: PromotionExtras): string {
  let text = '';
  for (const budget of budgets) {
    text = compose(facts, status, extras, budget);
    if (text.length <= mostCharacters) return text;
  }
  const cut = text.slice(0, mostCharacters - 200);
  return `${cut.slice(0, cut.lastIndexOf('\n'))}\n\nThis text was cut where GitHub allows no more; the report has the rest.\n`;
}

function compose(facts: PromotionFacts, status: PromotionStatus, extras: PromotionExtras, budget: (typeof budgets)[number]): string {
  const { model, stage, generation, config } = facts;
  const note = extras.advisory ? advisoryNote({ appId: null }) : null;
  const parts: (Markdown | null)[] = [
    { markdown: promotionMarker(model, stage, generation) },
    headline(facts, status),
    note,
    fromTo(facts, status),
    status.unmet.length > 0
      ? md`**Unmet when this was written** (the check ${code('weighin/promotion')} and ${code('/why')} say what is unmet now):\n\n${conditionList(status.unmet)}`
      : null,
    approvalLines(status.approvals),
    ...evidenceSection(facts, extras.baselineReport, budget),
    facts.main ? policySection(facts.main.generation, extras) : null,
    facts.main ? driftLine(facts.main.version.number, extras.driftNote) : null,
    rolloutWords(config, model, stage),
    forecastWords(config, model, stage, facts.live),
    cardSection(extras.cardDiff, budget.card),
    facts.version
      ? joinMarkdown(
          [md`<details><summary>Digests that this rests on</summary>`, digestLine(facts, status.planDigest), md`</details>`],
          '\n\n',
        )
      : null,
    howTo(facts, status),
  ];
  return `${
    joinMarkdown(
      parts.filter((part) => part !== null),
      '\n\n',
    ).markdown
  }\n`;
}

function headline(facts: PromotionFacts, { state }: PromotionStatus): Markdown {
  const what = promotionHeadline(facts);
  if (state === 'STARTED' || state === 'MERGED') return md`### ✅ ${what}: merged`;
  if (state === 'WITHDRAWN' || state === 'SUPERSEDED' || state === 'REFUSED') return md`### ⏹️ ${what}: ${state.toLowerCase()}`;
  if (state === 'REFUSED_AT_START') return md`### ❌ ${what}: merged, and not started`;
  // The body is written when the plan is: how it stands now is the check's to say.
  return md`### ${what}`;
}

function fromTo({ main, version, generation, events, stage }: PromotionFacts, { planDigest }: PromotionStatus): Markdown {
  const asked = events.find(({ type }) => type === 'promotion.requested');
  const to = version?.record;
  const lines = [
    md`| | version | model | evidence |`,
    md`|:--|:--|:--|:--|`,
    main
      ? md`| ${code(stage)} now | v${main.version.number}, generation ${main.generation} | ${code(shortDigest(main.version.digest))} | |`
      : md`| ${code(stage)} now | nothing | – | |`,
    to
      ? md`| after the merge | **v${to.number}**, generation ${generation} | ${code(shortDigest(to.subject.digest))} | ${levelWords(version)} |`
      : md`| after the merge | generation ${generation} | – | ${levelWords(version)} |`,
  ];
  const who = asked ? md`Asked for by ${code(clipText(asked.actor.login, 60))}${reasonOf(asked.data)}. ` : null;
  const plan = planDigest
    ? md`${who}An approval is given to the plan ${code(shortDigest(planDigest))}, in this pull request's files: a push that leaves it as it is keeps approvals.`
    : md`${who}`;
  return joinMarkdown(plan.markdown === '' ? lines : [...lines, md``, plan], '\n');
}

function reasonOf(data: unknown): Markdown | null {
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : null;
  return typeof reason === 'string' && reason !== '' ? md` (“${clipText(visibleText(reason), 200)}”)` : null;
}

const driftLine = (from: number, note: string | null): Markdown =>
  md`**Drift** since v${from} was trained: ${note === null ? md`not measured.` : proseMarkdown(clipText(note, 500))}`;

function policySection(generation: number, { policyChanges }: PromotionExtras): Markdown {
  const since = `generation ${generation}`;
  if (policyChanges.length === 0) return md`**Policy** since ${since}: unchanged.`;
  const shown = policyChanges.slice(0, 15);
  const value = (text: string | null) => (text === null ? md`–` : code(clipText(text, 60)));
  const left = policyChanges.length - shown.length;
  return joinMarkdown(
    [
      md`**Policy** since ${since}: ${formatMany(policyChanges.length, 'key')} changed.`,
      md``,
      md`| key | before | now | by |`,
      md`|:--|:--|:--|:--|`,
      ...shown.map(
        ({ key, before, after, pull }) =>
          md`| ${code(clipText(key, 120))} | ${value(before)} | ${value(after)} | ${pull === null ? '–' : `pull request ${pull}`} |`,
      ),
      ...(left > 0 ? [md``, md`${formatMany(left, 'key')} more.`] : []),
    ],
    '\n',
  );
}

/** A fence longer than any in the text, so that nothing of a card gets out of it. */
function cardSection(diff: string | null, most: number): Markdown | null {
  if (diff === null || diff.trim() === '') return md`**Card:** no change.`;
  const lines = diff.split('\n').map((line) => visibleText(line));
  const changed = lines.filter((line) => /^[+-](?![+-]{2})/.test(line)).length || lines.length;
  const shown = clipText(lines.join('\n'), most);
  const fence = '`'.repeat(Math.max(3, ...(shown.match(/`+/g) ?? []).map(({ length }) => length + 1)));
  if (most === 0) return md`**Card:** ${formatMany(changed, 'line')} changed; the version's files have them.`;
  return {
    markdown: `<details><summary>Card: ${formatMany(changed, 'line')} changed</summary>\n\n${fence}diff\n${shown}\n${fence}\n\n</details>`,
  };
}

function howTo({ config, model, stage }: PromotionFacts, { approvals, planDigest }: PromotionStatus): Markdown {
  const merges =
    config.models[model]?.stages[stage]?.merge === 'bot'
      ? 'It merges itself as soon as nothing is unmet.'
      : 'Once nothing is unmet, merge it: the stage moves then.';
  return joinMarkdown(
    [
      md`**Next:** ${planDigest !== null && approvals.counted.length < approvals.wanted ? 'review the plan and approve it. ' : ''}${merges}`,
      md`To withdraw it comment ${code('/weighin cancel')} or close it; ${code('/why')} says again what is unmet.`,
    ],
    '\\\n',
  );
}
