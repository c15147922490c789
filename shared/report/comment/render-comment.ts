import { verdicts } from '../../verdict/verdict.ts';
import { renderTemplate } from '../../words/render-template.ts';
import { unchangedHeadline } from '../compose-words.ts';
import { gateRows, worstFirst } from '../gate-row.ts';
import type { Report } from '../report.ts';
import { commentTemplate } from './comment-template.ts';
import { type Budget, commentView, type Standing } from './comment-view.ts';

/** Begins the first line of every comment: by it (and by the author) the sticky comment is found again. */
export const commentMarker = '<!-- weighin:comment';

/** GitHub refuses a longer body; the rest is room for what a caller adds. */
export const commentLimit = 65_000;

export interface CommentOptions {
  /** Of the run or the uploaded report, http or https. */
  readonly reportUrl?: string;
  /** The line that marks the comment as ours; on by default. */
  readonly marker?: boolean;
  /** A team's own Handlebars template. */
  readonly template?: string;
  /** What whoever proved a report knows of it; `reportUrl` where it says no other. */
  readonly standing?: (report: Report) => Standing;
  /** Characters, where a caller writes more above or below; at most `commentLimit`. */
  readonly limit?: number;
}

const smallest: Budget = { rows: 1, folded: 0 };
const budgets: readonly Budget[] = [
  { rows: 30, folded: 60 },
  { rows: 15, folded: 20 },
  { rows: 6, folded: 5 },
  { rows: 2, folded: 0 },
  smallest,
];
/** From so many models on each gets the smallest budget at once. */
const many = 60;

/**
 * The one comment of a pull request, for one model or several, worst first; never longer than GitHub takes, and it says what it left out.
 * @throws UserError TEMPLATE_INVALID
 */
export function renderComment(reports: readonly Report[], options: CommentOptions = {}): string {
  const isUnchanged = ({ headline }: Report) => headline === unchangedHeadline;
  const sorted = [...reports].sort(
    (a, b) => verdicts.indexOf(b.verdict) - verdicts.indexOf(a.verdict) || Number(isUnchanged(a)) - Number(isUnchanged(b)),
  );
  const limit = Math.min(commentLimit, options.limit ?? commentLimit);
  const marker = options.marker === false ? '' : `${commentMarker} models=${reports.length} -->\n`;
  // Drawn up once: a report of thousands of gates is written several times until it fits.
  const models = sorted.map((report) => ({ report, rows: isUnchanged(report) ? [] : worstFirst(gateRows(report)) }));
  const render = (budget: Budget, list: typeof models) => {
    const views = list.map(({ report, rows }) =>
      commentView(report, rows, { reportUrl: options.reportUrl, ...options.standing?.(report) }, budget),
    );
    const text = renderTemplate(options.template ?? commentTemplate, { models: views }, 'the comment template');
    return `${marker}${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
  };
  let text = '';
  for (const budget of models.length > many ? budgets.slice(-1) : budgets) {
    text = render(budget, models);
    if (text.length <= limit) return text;
  }
  // So many models that even their headlines are too long: the worst ones, and how many are missing.
  for (let shown = models.length; shown > 1; ) {
    shown = Math.min(shown - 1, Math.floor((shown * limit * 0.95) / text.length));
    text = `${render(smallest, models.slice(0, shown))}\n${models.length - shown} more models are left out of this comment.\n`;
    if (text.length <= limit) return text;
  }
  return `${marker}The comment's template writes more than GitHub takes; see the run's report.\n`;
}
