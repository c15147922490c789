import { expect, it } from 'vitest';
import { lookAtEach } from '../../../../bot/work/look-at-each.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';

const failing = async (code: string) => {
  const looked: string[] = [];
  const error = await lookAtEach(['churn', 'fraud', 'leads'], async (name) => {
    looked.push(name);
    if (name !== 'leads') throw new InfrastructureError(code, name);
  }).catch(({ message }: Error) => message);
  return { looked, error };
};

it('goes on behind what is broken, and says the first of it at the end', async () => {
  expect(await failing('STATE_BROKEN')).toEqual({ looked: ['churn', 'fraud', 'leads'], error: 'churn' });
});

it('leaves a forge alone that does not answer', async () => {
  expect(await failing('FORGE_LIMITED')).toEqual({ looked: ['churn'], error: 'churn' });
  expect(await failing('FORGE_UNREACHABLE')).toEqual({ looked: ['churn'], error: 'churn' });
});
