import { UserError } from '../../errors.ts';
import type { DesiredTraffic } from '../engine/traffic.ts';

/** For targets that can't copy traffic. @throws UserError TARGET_CANNOT_MIRROR */
export function refuseMirror({ mirror }: Pick<DesiredTraffic, 'mirror'>, kind: string): void {
  if (!mirror) return;
  throw new UserError(
    'TARGET_CANNOT_MIRROR',
    `A target of kind ${kind} can't copy traffic to a candidate that never answers, which strategy shadow needs.`,
    'Use strategy canary or blue-green, or a target that mirrors: serve, gateway-api, template, or http with `mirrors: true`.',
  );
}
