/**
 * Which arm of an experiment a user is in: no store, no service, the same answer everywhere. The same functions in Python stand beside
 * this in assign.py; `weighin ab assign USER` gives the same answers.
 */
import { createHash } from 'node:crypto';

const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest();

/** Half and half: int(md5(user_id), 16) % 2 == 0 is control. */
export function assignEvenly(userId: string): 'control' | 'treatment' {
  return BigInt(`0x${md5(userId).toString('hex')}`) % 2n === 0n ? 'control' : 'treatment';
}

/** Where a user stands in an experiment, 0 to 1. Each experiment has its own salt, so that two of them split independently. */
export function placeOf(userId: string, salt: string): number {
  return Number(md5(`${salt}:${userId}`).readBigUInt64BE(0)) / 2 ** 64;
}

/** Any split: [['control', 0.9], ['treatment', 0.1]]. The last arm takes what rounding leaves. */
export function assignArm(userId: string, salt: string, arms: readonly (readonly [name: string, share: number])[]): string {
  const place = placeOf(userId, salt);
  let total = 0;
  for (const [name, share] of arms) {
    total += share;
    if (place < total) return name;
  }
  return arms.at(-1)![0];
}
