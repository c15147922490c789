import type { RolloutConfig, TargetConfig } from '../../config/rollout-schema.ts';
import { createArgoManifest } from './argo-manifest.ts';
import { createGatewayManifest } from './gateway-manifest.ts';
import { createKserveManifest } from './kserve-manifest.ts';
import type { ManifestKind } from './manifest-kind.ts';
import { createTemplateManifests } from './template-manifests.ts';

/** The kind of manifest that a target of weighin.yaml names. */
export function createManifestKind(
  config: Extract<TargetConfig, { readonly kind: 'kserve' | 'argo-rollouts' | 'gateway-api' | 'template' }>,
  definition: RolloutConfig,
  rollout: string,
): ManifestKind {
  switch (config.kind) {
    case 'kserve':
      return createKserveManifest(config, rollout);
    case 'argo-rollouts':
      return createArgoManifest(config, definition, rollout);
    case 'gateway-api':
      return createGatewayManifest(config, rollout);
    case 'template':
      return createTemplateManifests(config, rollout);
  }
}
