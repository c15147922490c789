import type { Deployment, Forge } from '../../shared/promotion/forge.ts';

export interface RolloutDeployment {
  readonly ref: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: { readonly schema: string; readonly rolloutId: string | null; readonly planDigest: string | null };
}

/** Those of one rollout, the first that was made before the others. */
export const deploymentsOf = (deployments: readonly Deployment[], rolloutId: string | null): readonly Deployment[] =>
  deployments.filter(({ payload }) => payload['rolloutId'] === rolloutId).sort((a, b) => a.id - b.id);

/**
 * The one deployment of a rollout: found, or made. Two processes that find none both make one, so each lists again and leaves the lowest
 * id, as with comments. `known`: the environment's as they were just listed.
 */
export async function keepOneDeployment(
  { deployments }: Pick<Forge, 'deployments'>,
  wanted: RolloutDeployment,
  known: readonly Deployment[],
): Promise<Pick<Deployment, 'id' | 'state'>> {
  const { rolloutId } = wanted.payload;
  const found = deploymentsOf(known, rolloutId);
  const made = found.length > 0 ? null : await deployments.create(wanted);
  const [first, ...others] = made === null ? found : deploymentsOf(await deployments.list(wanted.environment), rolloutId);
  for (const { id } of others) await deployments.remove(id);
  return first ?? { id: made ?? 0, state: null };
}
