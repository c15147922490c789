import type { Deployment, Forge } from '../../shared/promotion/forge.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { keepOneDeployment } from './keep-one-deployment.ts';
import { environmentOf } from './settle-start.ts';

/** After a rollback: a deployment of the version that runs again, once. `known`: the stage's as they were just listed. */
export async function returnDeployment(
  forge: Pick<Forge, 'deployments'>,
  {
    key,
    rolloutId,
    version,
    ref,
  }: { readonly key: StageKey; readonly rolloutId: string | null; readonly version: number; readonly ref: string },
  known: readonly Deployment[],
): Promise<void> {
  const wanted = {
    ref,
    environment: environmentOf(key),
    description: `${key.model}@v${version}`,
    payload: { schema: 'weighin/rollout@1', rolloutId: `${rolloutId ?? `${key.model}.${key.stage}`}.rollback`, planDigest: null },
  };
  const stable = await keepOneDeployment(forge, wanted, known);
  if (stable.state !== 'success')
    await forge.deployments.setState(stable.id, 'success', `${key.model}@v${version} runs at ${key.stage} again`);
}
