import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assignArm, assignEvenly, placeOf } from '../../../../shared/rollout/ab/assign-arm.ts';

const script = join(import.meta.dirname, '../../../../examples/ab-assignment/assign.py');

it('Python assigns every user as TypeScript does, to the last bit', () => {
  const users = [
    ...Array.from({ length: 10_000 }, (_, at) => `user_${at}`),
    'alice',
    'bob',
    '',
    'Zoë',
    '用户',
    '👩‍🔬',
    ' spaces ',
    'a\tb',
    '\r',
  ];
  const arms = [
    { name: 'control', share: 0.8 },
    { name: 'a', share: 0.15 },
    { name: 'b', share: 0.05 },
  ];
  const python = spawnSync('python3', [script, 'salt-1'], { input: users.map((user) => `${user}\n`).join(''), encoding: 'utf8' });
  expect(python.stderr).toBe('');
  const answers = python.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(answers).toHaveLength(users.length);
  for (const [at, user] of users.entries()) {
    const [even, split, place] = answers[at]!;
    expect([even, split, Number(place)], JSON.stringify(user)).toEqual([
      assignEvenly(user),
      assignArm(user, 'salt-1', arms),
      placeOf(user, 'salt-1'),
    ]);
  }
});
