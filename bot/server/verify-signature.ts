import { createHmac, timingSafeEqual } from 'node:crypto';

/** Of the bytes as they came: reading them as text first would forgive what was not signed. Takes the same time for any wrong one. */
export function verifySignature(body: Buffer, secret: string, signature: string | undefined): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
