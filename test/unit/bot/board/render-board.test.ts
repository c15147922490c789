import { describe, expect, it } from 'vitest';
import { boardOf } from '../../../../bot/board/board-of.ts';
import { boardScript } from '../../../../bot/board/board-script.ts';
import { ageWords, spanWords } from '../../../../bot/board/moment-words.ts';
import { boardHeaders } from '../../../../bot/board/page-shell.ts';
import { timesWords } from '../../../../bot/board/ratio-chart.ts';
import { renderBoard, renderLive } from '../../../../bot/board/render-board.ts';
import { renderList, renderNotice, renderSignIn } from '../../../../bot/board/render-entrance.ts';
import { landingPage } from '../../../../bot/server/landing-page.ts';
import { ago, busyFacts, factsOf, heard, live, look, metric, rolling } from '../../../support/board/board-facts.ts';
import { hostileFacts } from '../../../support/board/hostile-facts.ts';

const busy = () => renderBoard(boardOf(busyFacts()));
const text = (page: string) =>
  page
    .replace(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>|<title>[\s\S]*?<\/title>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
const rollout = (own: Parameters<typeof rolling>[2], given: Parameters<typeof rolling>[3] = {}, more: Parameters<typeof factsOf>[1] = {}) =>
  renderLive(boardOf(factsOf({ 'churn production': { live: rolling('churn', 'production', own, given) } }, more)));

describe('the page of a board', () => {
  it('says the verdict first, in title and heading, with its mark', () => {
    expect(busy()).toContain('<title>✕ fraud production: nobody guards v4 · acme/churn · Weighin</title>');
    expect(text(busy()).indexOf('nobody guards v4')).toBeLessThan(text(busy()).indexOf('churn production'));
  });

  it('holds no script and no sheet but its own, each allowed by its digest alone', () => {
    const policy = boardHeaders['content-security-policy'] ?? '';
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(policy).toMatch(/base-uri 'none'; frame-ancestors 'none'$/);
    expect(busy().match(/<script/g)).toHaveLength(1);
    expect(busy()).toContain(`<script>${boardScript}</script>`);
    expect(busy()).not.toMatch(/ style=| on[a-z]+=|<link|<img|<iframe|src=/);
  });

  it('loads itself again where there is no script', () => {
    expect(busy()).toContain('<noscript><meta http-equiv="refresh" content="30"></noscript>');
  });

  it('tells a screen reader of a rollout when its sentence changes, and of no age', () => {
    const told = /<p class="says"[^>]*>([^<]*)<\/p>/.exec(rollout({}));
    expect(told?.[0]).toContain('role="status" aria-live="polite"');
    expect(told?.[1]).toBe('v13 answers 15 % of production, step 2 of 6.');
    expect(told?.[1]).not.toMatch(/ago/);
  });

  it('says when it was last guarded, and that nobody does once that is too long ago', () => {
    const guard = (seconds: number) =>
      text(/<p class="guard[\s\S]*?<\/p>/.exec(rollout({}, { guard: null }, { heard: (id) => heard(id, {}, seconds) }))?.[0] ?? '');
    expect(guard(4)).toContain('last guarded 4 s ago');
    expect(rollout({}, { guard: null }, { heard: (id) => heard(id, {}, 60) })).toContain('class="guard" data-late="60"');
    expect(rollout({}, { guard: null }, { heard: (id) => heard(id, {}, 61) })).toContain('class="guard late" data-late="60"');
    expect(guard(61)).toContain('✕ nobody guards it: last guarded 1 min ago');
    expect(text(rollout({}))).toContain('recorded 3 min ago');
    expect(text(rollout({}, { guard: null }))).toContain('✕ no guard has looked yet');
    expect(rollout({}, { guard: null })).toContain('npx weighin rollout watch');
  });

  it('says where traffic is when that is not where it should be', () => {
    expect(text(rollout({}, { weight: { desired: 15, observed: 5, at: null } }))).toContain('candidate v13 5 % ! 15 % wanted');
    expect(text(rollout({}, { weight: { desired: 15, observed: null, at: null } }))).toContain('15 % as asked; the target does not tell');
    expect(text(rollout({}))).not.toContain('wanted');
  });

  it('draws the interval against its limit: right is better, worse than the picture ends in an arrow', () => {
    const chart = (lower: number, upper: number | 'Infinity', ratio: number) =>
      /<svg class="ratio-chart"[\s\S]*?<\/svg>/.exec(
        rollout({
          metrics: { errors: metric(look({ bad: 5, total: 100 }, { bad: 5, total: 100 }, { ratio, ratioBounds: { lower, upper } })) },
        }),
      )?.[0] ?? '';
    const place = (svg: string, name: string) => Number(new RegExp(`${name}="([\\d.]+)"`).exec(svg.slice(svg.indexOf('class="ci')))?.[1]);
    const usual = chart(0.8, 2, 1.3);
    expect(usual).toContain('aria-label="errors: ×1.30 as many bad answers as stable, interval ×0.80 to ×2.00, limit ×1.2"');
    expect(place(usual, 'x1')).toBeLessThan(place(usual, 'cx'));
    expect(place(usual, 'cx')).toBeLessThan(place(usual, 'x2'));
    const limit = Number(/<rect class="beyond"[^>]* width="([\d.]+)"/.exec(usual)?.[1]);
    // ×1.3 lies beyond ×1.2, ×.8 does not.
    expect(place(usual, 'cx')).toBeLessThan(limit);
    expect(place(usual, 'x2')).toBeGreaterThan(limit);
    expect(usual).not.toContain('class="tip');
    expect(chart(0.1, 'Infinity', 2).match(/class="tip/g)).toHaveLength(2);
    expect(chart(0, 'Infinity', 2)).not.toMatch(/NaN|Infinity/);
  });

  it('shows why GitHub’s answer is old', () => {
    const page = renderLive(boardOf({ ...busyFacts(), problem: 'the rate limit is used up', readAt: new Date(ago(70)) }));
    expect(text(page)).toContain('said it at 14:02:02 UTC');
    expect(text(page)).toContain('GitHub did not answer since: the rate limit is used up');
  });

  it('says what to do where there is nothing', () => {
    expect(text(renderLive(boardOf(factsOf({ 'churn production': { live: null } }))))).toContain('/weighin promote churn@v13 production');
    expect(text(renderLive(boardOf(factsOf({}))))).toContain('Add stages: {production: {approvals: 1}} to a model');
    expect(text(renderLive(boardOf(factsOf({ 'churn production': { live: live('churn', 'production') } }))))).toContain(
      'The first promotion begins the record.',
    );
    expect(text(renderList([]))).toContain('Install its App');
  });
});

describe('hostile names, reasons and numbers', () => {
  const page = renderBoard(boardOf(hostileFacts()));
  it('stay text, wherever they come from', () => {
    expect(page).not.toMatch(/<img|<svg on|<b>evil|<a href="javascript|alert\(1\)<\/script|<script>alert/i);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(text(page)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    for (const hidden of ['\u202e', '\u200b', '\u0007']) expect(page).not.toContain(hidden);
    expect(page).not.toContain('javascript:alert(1)"');
  });
  it('leave every number a number', () => {
    expect(page).not.toMatch(/NaN|="-?Infinity/);
    for (const [, value] of page.matchAll(/ (?:x|x1|x2|cx|width)="([^"]*)"/g)) expect(value).toMatch(/^\d+(\.\d+)?$/);
  });
  it('cannot leave the form that asks for the token', () => {
    const form = renderSignIn('/board/"><script>alert(1)</script>', 'no');
    expect(form).toContain('value="/board/&quot;&gt;&lt;script&gt;');
    expect(renderNotice('<b>', '<i>')).not.toMatch(/<b>|<i>/);
  });
});

describe('the first page of the bot', () => {
  it('leads to the board, or says how there would be one', () => {
    expect(landingPage('1.0.0', { board: true })).toContain('<a href="/board">/board</a>');
    expect(landingPage('1.0.0', { board: false })).toMatch(/set <code>WEIGHIN_BOARD_TOKEN<\/code>/);
    expect(landingPage('1.0.0', { board: false })).not.toContain('href="/board"');
  });
});

describe('words of times', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [172_799, '47 h'],
    [172_800, '2 days'],
    [-5, '0 s'],
  ])('calls %s seconds %s', (seconds, expected) => expect(ageWords(seconds)).toBe(expected));
  it('are the same in the page’s script', () => {
    const found = /const words=(s=>[^;]+);/.exec(boardScript)?.[1] ?? '';
    const words = new Function(`return ${found}`)() as (seconds: number) => string;
    for (const seconds of [0, 59, 60, 3599, 3600, 172_799, 172_800, 900_000]) expect(words(seconds)).toBe(ageWords(seconds));
  });
  it.each([
    [45, '45 s'],
    [1520, '25 min'],
    [3600, '1 h'],
    [5400, '1 h 30 min'],
    [7 * 86_400, '7 days'],
  ])('holds %s seconds for %s', (seconds, expected) => expect(spanWords(seconds)).toBe(expected));
  it('says how many times', () => {
    expect([1, 0.94, 1.456, 12.4, Number.POSITIVE_INFINITY].map(timesWords)).toEqual(['×1.00', '×0.94', '×1.46', '×12', '×∞']);
  });
});
