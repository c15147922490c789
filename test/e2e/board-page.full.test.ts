import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BoardFacts } from '../../bot/board/board-of.ts';
import { createBoardRoutes } from '../../bot/board/board-routes.ts';
import { createHeartbeats } from '../../bot/board/heartbeats.ts';
import { ago, boardNow, busyFacts, factsOf, heard, live, rolling } from '../support/board/board-facts.ts';
import { hostileFacts } from '../support/board/hostile-facts.ts';
import { type Browser, openChromium, type Page, type View } from '../support/reports/chromium.ts';
import { contrast } from '../support/reports/contrast.ts';

/** The board in a real browser, as the bot serves it: quiet, alive, readable on a phone, in the dark, without a mouse and without eyes. */

const token = 'a-token-of-the-board-3f9c1b7a';
const headers = { authorization: `Bearer ${token}` };
let browser: Browser;
let server: Server;
let facts: BoardFacts;
let now: number;
let heartbeats: ReturnType<typeof createHeartbeats>;

beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  facts = busyFacts();
  now = boardNow.getTime();
  heartbeats = createHeartbeats(() => now);
  const routes = createBoardRoutes({
    boardToken: token,
    guardSecret: null,
    repositories: () => ['acme/churn'],
    heartbeats,
    read: async () => facts,
    explain: () => 'no answer',
    now: () => now,
  });
  server = createServer(
    (request, response) =>
      void routes(request, response, request.url?.split('?')[0] ?? '/').then((taken) => taken || response.writeHead(404).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const home = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const open = (view: Partial<View> = {}, path = '/board/acme/churn') =>
  browser.open(`${home()}${path}`, { width: 1100, theme: 'light', headers, ...view });
const views = (['light', 'dark'] as const).flatMap((theme) => [1100, 700, 360, 320].map((width) => ({ theme, width })));
const empty = () => factsOf({ 'churn production': { live: null } });
const boards = { busy: busyFacts, hostile: hostileFacts, empty, nothing: () => factsOf({}) };

describe.each(Object.keys(boards) as (keyof typeof boards)[])('a %s board', (name) => {
  it.each(views)('is quiet and fits at $width px, $theme', async (view) => {
    facts = boards[name]();
    const page = await open(view);
    const found = await page.evaluate<{
      wide: number;
      cut: string[];
      background: string;
      levels: string;
      unnamed: string[];
      ids: number;
      small: string[];
    }>(`({
      wide: document.scrollingElement.scrollWidth,
      cut: [...document.querySelectorAll('main *, .bar-top *')].filter((one) => { const box = one.getBoundingClientRect(); return box.width > 1 && !one.closest('svg, .unseen') && (box.right > innerWidth + 0.5 || box.left < -0.5); }).map((one) => one.outerHTML.slice(0, 80)),
      background: getComputedStyle(document.body).backgroundColor,
      levels: [...document.querySelectorAll('h1, h2, h3, h4')].map((heading) => heading.tagName[1]).join(''),
      unnamed: [...document.querySelectorAll('svg:not([aria-label]):not([aria-hidden]), svg[aria-label=""], th:not([scope]), button:empty, a:empty, nav:not([aria-label]), section:not([aria-labelledby])')].map((one) => one.outerHTML.slice(0, 80)),
      ids: [...document.querySelectorAll('[id]')].length - new Set([...document.querySelectorAll('[id]')].map(({ id }) => id)).size,
      small: [...document.querySelectorAll('button')].filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80)),
    })`);
    expect(page.complaints).toEqual([]);
    expect(page.requests.filter((address) => !address.startsWith(`${home()}/board/acme/churn`))).toEqual([]);
    expect(found.wide).toBeLessThanOrEqual(view.width);
    expect(found.cut).toEqual([]);
    expect(found.background).toBe(view.theme === 'dark' ? 'rgb(17, 19, 21)' : 'rgb(255, 255, 255)');
    // One first heading, and no level is skipped.
    expect(found.levels).toMatch(/^1(?:2(?:3(?:4)*)*)*$/);
    expect(found.unnamed).toEqual([]);
    expect(found.ids).toBe(0);
    expect(found.small).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('keeps text readable on its ground: contrast of 4.5 at least, %s', async (theme) => {
    facts = boards[name]();
    const page = await open({ theme });
    const texts = await page.evaluate<{ text: string; color: string; grounds: string[] }[]>(`(() => {
      const groundsOf = (element) => { const found = []; for (let one = element; one; one = one.parentElement) { const color = getComputedStyle(one).backgroundColor; if (/^rgba\\(.*, 0\\)$/.test(color)) continue; found.push(color); if (!color.startsWith('rgba')) break; } return found; };
      return [...document.querySelectorAll('body *')].filter((one) => !one.closest('script, style, noscript, title, .unseen, .skip') && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && one.checkVisibility()).map((element) => {
        const style = getComputedStyle(element);
        return { text: element.textContent.slice(0, 40), color: element.namespaceURI.endsWith('svg') ? style.fill : style.color, grounds: groundsOf(element) };
      });
    })()`);
    expect(texts.length).toBeGreaterThan(name === 'busy' ? 150 : 8);
    expect(texts.map((one) => ({ ...one, ratio: contrast(one.color, flat(one.grounds)) })).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });
});

/** Grounds from the top down, the see-through ones laid over what is below. */
function flat(grounds: readonly string[]): string {
  const parts = grounds.map((color) => (color.match(/[\d.]+/g) ?? []).map(Number));
  const [red, green, blue] = parts.reduceRight<readonly number[]>(
    (below, [r = 0, g = 0, b = 0, alpha = 1]) => [r, g, b].map((value, index) => value * alpha + (below[index] ?? 0) * (1 - alpha)),
    [255, 255, 255],
  );
  return `rgb(${red}, ${green}, ${blue})`;
}

/** As a person's hour would: the page's clock is the browser's, so the script is told to ask now. */
const askNow = (page: Page) => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
const until = async (what: string, holds: () => Promise<boolean>) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
};
const textOf = (page: Page, selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);

describe('a board that is watched', () => {
  it('changes by itself, and leaves focus, selection and the reader’s place alone', async () => {
    const page = await open();
    await page.evaluate(`(() => {
      window.kept = document.querySelector('#s-fraud-production .copy');
      kept.focus();
      window.changes = [];
      new MutationObserver((all) => { for (const { target } of all) { const region = (target.nodeType === 1 ? target : target.parentElement)?.closest('[aria-live]'); if (region) changes.push(region.textContent); } })
        .observe(document.getElementById('live'), { subtree: true, childList: true, characterData: true });
    })()`);
    expect(await textOf(page, '#s-churn-production .says')).toBe('v13 answers 15 % of production, step 2 of 6.');
    // Only the age moves on: nobody is told.
    now += 10_000;
    await askNow(page);
    await until('it asks', async () => page.requests.some((address) => address.endsWith('/live')));
    await until('the age moves', async () => (await textOf(page, 'h1')) !== '' && (await textOf(page, '.facts')).includes('14:03:22'));
    expect(await page.evaluate('changes')).toEqual([]);
    heartbeats.take({
      schema: 'weighin/guard@1',
      repository: 'acme/churn',
      owner: 'guard-1',
      at: ago(-9),
      rollouts: [heard('churn.production.42', { step: 2, weight: { desired: 30, observed: 30 } }).rollout],
    });
    await askNow(page);
    await until(
      'the next step',
      async () => (await textOf(page, '#s-churn-production .says')) === 'v13 answers 30 % of production, step 3 of 6.',
    );
    expect(await textOf(page, '#s-churn-production .traffic')).toMatch(/stable v12 70 %\s+candidate v13 30 %/);
    expect(await textOf(page, '#s-churn-production .track [aria-current=step]')).toContain('30 %');
    expect(await page.evaluate('changes')).toEqual(['v13 answers 30 % of production, step 3 of 6.']);
    expect(await page.evaluate('document.activeElement === kept && kept.isConnected')).toBe(true);
    expect(page.complaints).toEqual([]);
  });

  it('counts on by itself until nobody guards it any more, and says so in words', async () => {
    facts = factsOf({
      'churn production': {
        live: rolling('churn', 'production', {}, { guard: { driver: 'server', owner: 'g', lastAt: null, maxSilenceS: 60 } }),
      },
    });
    heartbeats.take({
      schema: 'weighin/guard@1',
      repository: 'acme/churn',
      owner: 'guard-1',
      at: ago(58),
      rollouts: [heard('churn.production.42').rollout],
    });
    const page = await open();
    expect(await textOf(page, '.guard')).toMatch(/last guarded 5\ds ago|last guarded 5\d s ago/);
    expect(await textOf(page, '.guard')).not.toContain('nobody');
    await until('a minute is over', async () => (await textOf(page, '.guard')).includes('✕ nobody guards it: last guarded 1 min ago'));
    expect(await page.evaluate("document.querySelector('.guard').className")).toBe('guard late');
  });

  it('takes a stage that comes and goes', async () => {
    const page = await open();
    facts = factsOf({ 'churn production': { live: live('churn', 'production') }, 'new production': { live: null } });
    now += 10_000;
    await askNow(page);
    await until('the new one', async () => (await page.evaluate<number>("document.querySelectorAll('#s-new-production').length")) === 1);
    expect(await page.evaluate<string[]>("[...document.querySelectorAll('article')].map(({ id }) => id)")).toEqual([
      's-churn-production',
      's-new-production',
    ]);
    expect(await page.evaluate<string>('document.title')).toContain('all is well');
  });

  it('says when it lost the server, since when, and when it is there again', async () => {
    const page = await open();
    const { port } = server.address() as AddressInfo;
    const listeners = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (request) => request.socket.destroy());
    await askNow(page);
    await until('it says so', async () =>
      /✕ the bot does not answer since \d\d:\d\d:\d\d UTC; still trying/.test(await textOf(page, '#link')),
    );
    expect(await page.evaluate("document.getElementById('link').getAttribute('role')")).toBe('status');
    server.removeAllListeners('request');
    for (const listener of listeners) server.on('request', listener as (...given: unknown[]) => void);
    expect((server.address() as AddressInfo).port).toBe(port);
    await askNow(page);
    await until('it is back', async () => (await textOf(page, '#link')) === 'live: asks every 10 s');
  });

  it('says when somebody is signed out, and shows nothing more', async () => {
    const page = await open();
    facts = factsOf({});
    now += 10_000;
    const listeners = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (_request, response) => response.writeHead(401).end());
    await askNow(page);
    await until('it says so', async () => (await textOf(page, '#link')).includes('signed out'));
    for (const listener of listeners) server.on('request', listener as (...given: unknown[]) => void);
  });

  it('works without script: it loads itself again, and shows no button that does nothing', async () => {
    const page = await browser.open(`${home()}/board/acme/churn`, { width: 700, theme: 'light', headers, script: false });
    const shown = await page.heard();
    expect(shown.some(({ role, name }) => role === 'heading' && name.includes('nobody guards v4'))).toBe(true);
    expect(shown.filter(({ role, name }) => role === 'button' && name !== 'Sign out')).toEqual([]);
  });

  it('stands still for whoever asks for less motion', async () => {
    const moving = "getComputedStyle(document.querySelector('.guard .in-time')).animationName";
    expect(await (await open()).evaluate(moving)).toBe('beat');
    expect(await (await open({ motion: 'reduce' })).evaluate(moving)).toBe('none');
  });
});

describe('without a mouse and without eyes', () => {
  it('reaches everything by Tab, in order, each with a focus that is seen', async () => {
    const page = await open();
    const wanted = await page.evaluate<string[]>(
      "[...document.querySelectorAll('a, button, input:not([type=hidden])')].map((one) => one.outerHTML.slice(0, 90))",
    );
    const reached: { html: string; outline: string }[] = [];
    for (let presses = 0; presses < wanted.length; presses++) {
      await page.press('Tab');
      reached.push(
        await page.evaluate<{ html: string; outline: string }>(
          '({ html: document.activeElement.outerHTML.slice(0, 90), outline: getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth })',
        ),
      );
    }
    expect(reached.map(({ html }) => html)).toEqual(wanted);
    expect(reached.filter(({ outline }) => outline !== 'solid2px')).toEqual([]);
    expect(wanted[0]).toContain('Skip to the board');
  });

  it('leads from the overview to a stage', async () => {
    const page = await open();
    await page.evaluate('document.querySelector(\'.glance a[href="#s-eta-production"]\').focus()');
    await page.press('Enter');
    await until(
      'it is there',
      async () => (await page.evaluate<number>("document.getElementById('s-eta-production').getBoundingClientRect().top")) < 800,
    );
    expect(await page.evaluate<string>('location.hash')).toBe('#s-eta-production');
  });

  it('copies a command, or selects it where nothing may be copied', async () => {
    const page = await open();
    await page.evaluate("document.querySelector('#s-fraud-production .copy').focus()");
    await page.press('Enter');
    await until('it says so', async () => /^(?:copied|selected)$/.test(await textOf(page, '#s-fraud-production .copy')));
    if ((await textOf(page, '#s-fraud-production .copy')) === 'selected')
      expect(await page.evaluate<string>('String(getSelection())')).toBe('/weighin canary fraud production resume');
  });

  it('names landmarks, headings, charts and states for a screen reader', async () => {
    const shown = await (await open()).heard();
    const names = (role: string) => shown.filter((one) => one.role === role).map(({ name }) => name);
    expect(names('main')).toHaveLength(1);
    expect(names('navigation')).toEqual(['Boards', 'Stages']);
    expect(names('heading')[0]).toBe('fraud production: nobody guards v4');
    expect(names('heading')).toEqual(expect.arrayContaining(['production rolling out', 'v12 to v13 canary', 'staging steady']));
    expect(names('article')).toHaveLength(4);
    expect(names('image')).toEqual(
      expect.arrayContaining([
        'Traffic: v12 answers 85 %, v13 15 %',
        'latency: ×1.37 as many bad answers as stable, interval ×0.98 to ×1.86, limit ×1.2',
        'The last 10 windows: 3 drift, 2 shift, 5 steady',
      ]),
    );
    expect(
      shown.filter(
        ({ role, name }) => ['link', 'button', 'image', 'group', 'heading', 'region', 'article'].includes(role) && name.trim() === '',
      ),
    ).toEqual([]);
  });
});

describe('the way in', () => {
  it.each([320, 1100])('asks for the token, says when it is wrong, and leads to the page that was wanted, at %i px', async (width) => {
    const page = await open({ width, headers: {} });
    expect(await page.evaluate<number>('document.scrollingElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.evaluate<string>("document.querySelector('label[for=token]').textContent")).toBe('Token');
    const fill = async (text: string) => {
      await page.evaluate(`document.getElementById('token').value = ${JSON.stringify(text)}; document.getElementById('token').focus()`);
      await page.press('Enter');
    };
    await fill('wrong');
    await until('it says so', async () => (await textOf(page, '[role=alert]')).includes('not the token'));
    await fill(token);
    await until('the board', async () => (await textOf(page, 'h1')).includes('nobody guards v4'));
    expect(await page.evaluate<string>('document.cookie')).toBe('');
    expect(await page.evaluate<string>('location.pathname')).toBe('/board/acme/churn');
    await page.evaluate("document.querySelector('.bar-top form').requestSubmit()");
    await until('signed out', async () => (await textOf(page, 'h1')).includes('Sign in'));
  });

  it('lists the repositories', async () => {
    const page = await open({ width: 320 }, '/board');
    expect(await page.evaluate<string[]>("[...document.querySelectorAll('main a')].map((link) => link.textContent)")).toEqual([
      'acme/churn',
    ]);
  });

  it('lets no script in that is not the page’s own', async () => {
    const page = await open();
    await page.evaluate(
      `(() => { const script = document.createElement('script'); script.textContent = 'window.intruder = true'; document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:1/x.png'; document.body.append(image); document.body.setAttribute('style', 'color: red'); })()`,
    );
    for (const directive of ['script-src', 'img-src', 'style-src'])
      await until(`${directive} refuses it`, async () =>
        page.complaints.some((one) => one.includes('Content Security Policy') && one.includes(directive)),
      );
    expect(await page.evaluate('window.intruder ?? null')).toBe(null);
  });
});
