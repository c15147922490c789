import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { createBoardAccess } from '../../../../bot/board/board-access.ts';

/** As much of a request as is looked at. */
const from = (remoteAddress: string) => ({ headers: {}, socket: { remoteAddress } }) as unknown as IncomingMessage;

it('remembers a thousand addresses that guess, and no more: whoever has millions fills no memory', () => {
  const access = createBoardAccess('a token of the board', () => 0);
  const guess = (address: string) => access.signIn(from(address), 'wrong').access;
  for (let tries = 0; tries < 10; tries++) expect(guess('10.0.0.1')).toBe('out');
  expect(guess('10.0.0.1')).toBe('wait');
  for (let other = 0; other < 999; other++) guess(`10.1.0.${other}`);
  expect(guess('10.0.0.1')).toBe('wait');
  guess('10.2.0.1');
  expect(guess('10.0.0.1')).toBe('out');
});
