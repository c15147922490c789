import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { RolloutTarget } from '../../rollout/engine/rollout-target.ts';
import { tellsNothing } from '../../rollout/targets/http-answer.ts';
import { refuseMirror } from '../../rollout/targets/refuse-mirror.ts';
import { trafficDocument } from '../../rollout/targets/traffic-document.ts';

export interface DispatchParts {
  /** `forge.actions.dispatch`, of the repository that the rollout belongs to. */
  readonly dispatch: (eventType: string, payload: Readonly<Record<string, unknown>>) => Promise<void>;
}

/**
 * A workflow of the repository moves traffic. It gets a wish once, not at every tick; after a death once more. Nothing is known of what
 * became of it, so that it is believed. @throws UserError DISPATCH_EVENT_INVALID
 */
export function openDispatchTarget(config: TargetConfigOf<'dispatch'>, { dispatch }: DispatchParts): RolloutTarget {
  // GitHub's own limit is 100 characters.
  if (!/^[\w.-]{1,100}$/.test(config.event))
    throw new UserError(
      'DISPATCH_EVENT_INVALID',
      '`event` of a target of kind dispatch is no type of an event.',
      'Use up to 100 letters, digits, "_", "." and "-", as in weighin-traffic.',
    );
  const sent = new Map<string, string>();
  return {
    kind: 'dispatch',
    leases: false,
    mirrors: false,
    async apply(desired) {
      refuseMirror(desired, 'dispatch');
      // A payload may have 10 keys, which these are; nobody renews a lease through a workflow.
      const payload = trafficDocument({ ...desired, leaseSeconds: null });
      const [stage, text] = [`${desired.model}/${desired.stage}`, JSON.stringify(payload)];
      if (sent.get(stage) === text) return;
      try {
        await dispatch(config.event, { ...payload });
      } catch (error) {
        if (!(error instanceof InfrastructureError)) throw error;
        throw new InfrastructureError('TARGET_UNREACHABLE', `The workflow that moves traffic was not started: ${error.message}`, {
          cause: error,
        });
      }
      sent.set(stage, text);
    },
    observe: async () => tellsNothing,
    close: async () => undefined,
  };
}
