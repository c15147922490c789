import type { Hint } from '../bot-context.ts';

/** Hints of the same name ask for the same look: one of them is enough, the last that came. */
export function hintName(hint: Hint): string {
  switch (hint.kind) {
    case 'comment':
      return `comment:${hint.comment.id}`;
    case 'pull':
      return `pull:${hint.number}`;
    case 'run':
      return `run:${hint.id}`;
    case 'push':
      return `push:${hint.branch}`;
    case 'merge-group':
      return `merge-group:${hint.sha}`;
    case 'check':
      return `check:${hint.sha}`;
    case 'sweep':
      return 'sweep';
  }
}
