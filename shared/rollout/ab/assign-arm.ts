import { createHash } from 'node:crypto';

export type EvenArm = 'control' | 'treatment';

/**
 * The published assignment, half and half: `int(md5(user_id), 16) % 2 == 0` is control. Sticky without any store; the same in Python
 * (`examples/ab-assignment`). Two experiments at once would split alike: give each a salt with `assignArm` instead.
 */
export const assignEvenly = (userId: string): EvenArm => (md5(userId)[15]! % 2 === 0 ? 'control' : 'treatment');

/** An arm and its share of the users; shares sum to 1. */
export interface ArmShare {
  readonly name: string;
  readonly share: number;
}

/** Where a user stands in an experiment, 0 … 1: the first eight bytes of md5(`salt:user_id`), big-endian, over 2⁶⁴. */
export const placeOf = (userId: string, salt: string): number => Number(md5(`${salt}:${userId}`).readBigUInt64BE(0)) / 2 ** 64;

/** Any split: the first arm whose share, added to those before it, is above the user's place. The last takes what rounding leaves. */
export function assignArm(userId: string, salt: string, arms: readonly ArmShare[]): string {
  const place = placeOf(userId, salt);
  let sum = 0;
  for (const { name, share } of arms) {
    sum += share;
    if (place < sum) return name;
  }
  const last = arms.at(-1);
  if (!last) throw new RangeError('An experiment needs arms.');
  return last.name;
}

const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest();
