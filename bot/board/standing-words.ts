import { html, type Markup } from '../../shared/report/html/markup.ts';
import type { MetricAnswer, Standing } from './board.ts';

type Role = 'fail' | 'warn' | 'pass' | 'inconclusive';
interface Words {
  readonly mark: string;
  readonly word: string;
  /** Colour: the verdict's class. */
  readonly role: Role;
}

export const standingWords: Readonly<Record<Standing, Words>> = {
  broken: { mark: '✕', word: 'can’t be read', role: 'fail' },
  unguarded: { mark: '✕', word: 'unguarded', role: 'fail' },
  stopped: { mark: '✕', word: 'taken back', role: 'fail' },
  drift: { mark: '✕', word: 'drift', role: 'fail' },
  paused: { mark: '!', word: 'paused', role: 'warn' },
  held: { mark: '!', word: 'held', role: 'warn' },
  moving: { mark: '↗', word: 'rolling out', role: 'inconclusive' },
  waiting: { mark: '…', word: 'waits', role: 'inconclusive' },
  shift: { mark: '!', word: 'shift', role: 'warn' },
  steady: { mark: '✓', word: 'steady', role: 'pass' },
  empty: { mark: '·', word: 'empty', role: 'inconclusive' },
};

export const answerWords: Readonly<Record<MetricAnswer, Words>> = {
  worse: { mark: '✕', word: 'worse', role: 'fail' },
  over: { mark: '!', word: 'over, not proved', role: 'warn' },
  well: { mark: '✓', word: 'well', role: 'pass' },
  open: { mark: '?', word: 'open', role: 'inconclusive' },
  blind: { mark: '!', word: 'no counts', role: 'warn' },
};

export const tag = ({ mark, word, role }: Words): Markup =>
  html`<span class="tag ${role}"><span aria-hidden="true">${mark}</span> ${word}</span>`;
