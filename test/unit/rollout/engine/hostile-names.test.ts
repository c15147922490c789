import { describe, expect, it } from 'vitest';
import { rolloutSchema } from '../../../../shared/config/rollout-schema.ts';

const named = (name: string) => rolloutSchema.safeParse({ strategy: 'canary', metrics: [{ name, bad: 'a', total: 'b', max: 0.01 }] });

describe('a metric', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])('is not named %s, which every table has', (name) => {
    expect(named(name).success).toBe(false);
    expect(named(`${name}_rate`).success).toBe(true);
  });
});
