import { html } from '../../shared/report/html/markup.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { pageShell, signOut } from './page-shell.ts';

/** The repositories that this bot serves. */
export const renderList = (repositories: readonly string[]): string =>
  pageShell({
    title: 'Boards · Weighin',
    top: html`<nav aria-label="Boards"><span aria-current="page">All boards</span></nav>${signOut}`,
    main: html`<main class="board" id="live"><h1>Boards</h1>${
      repositories.length === 0
        ? html`<p>This bot serves no repository yet. Install its App on one; it is here within five minutes.</p>`
        : html`<p class="soft">Repositories that this bot serves.</p><ul class="repos">${repositories.map((name) => html`<li><a href="/board/${name}">${name}</a></li>`)}</ul>`
    }</main>`,
    live: false,
  });

/** Where the board's token is asked for. `next`: a path of the board, checked by the caller. */
export const renderSignIn = (next: string, problem: string | null): string =>
  pageShell({
    title: `${problem === null ? '' : 'Wrong token · '}Sign in · Weighin`,
    top: html`<nav aria-label="Boards"><a href="/">Weighin’s bot</a></nav>`,
    main: html`<main class="board" id="live"><h1>Sign in to the board</h1><p>The board shows what runs, what rolls out and what waits. Whoever runs this bot has its token (<code>WEIGHIN_BOARD_TOKEN</code>).</p>
<form class="sign-in" method="post" action="/board/sign-in"><input type="hidden" name="next" value="${next}"><label for="token">Token</label><input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false"${problem !== null && html` aria-invalid="true" aria-describedby="problem"`}>${problem !== null && html`<p id="problem" role="alert"><span class="tag fail"><span aria-hidden="true">✕</span> ${problem}</span></p>`}<button type="submit">Sign in</button></form></main>`,
    live: false,
  });

/** Where there is nothing to show, and why. */
export const renderNotice = (title: string, says: string): string =>
  pageShell({
    title: `${title} · Weighin`,
    top: html`<nav aria-label="Boards"><a href="/board">All boards</a></nav>${signOut}`,
    main: html`<main class="board" id="live"><h1>${title}</h1><p>${clipText(says, 400)}</p></main>`,
    live: false,
  });
