import { describe, onTestFinished } from 'vitest';
import { openHttpTarget } from '../../shared/adapters/rollout-targets/open-http-target.ts';
import { breakableFetch } from '../support/rollout/breakable-fetch.ts';
import { openTrafficEndpoint } from '../support/rollout/traffic-endpoint.ts';
import { describeRolloutTarget } from './rollout-target.ts';

const secret = 'the-endpoint-token';

describe.each([true, false])('an endpoint that says it mirrors and leases: %s', (able) => {
  describeRolloutTarget('http', { tells: true, mirrors: able, leases: able, keepsRevision: true, secrets: [secret] }, async () => {
    const endpoint = await openTrafficEndpoint(secret);
    onTestFinished(endpoint.close);
    const network = breakableFetch(secret);
    const open = () =>
      openHttpTarget(
        { kind: 'http', url: endpoint.url, token: { env: 'TOKEN' }, ...(able && { mirrors: true, leases: true }) },
        { env: { TOKEN: secret }, fetch: network.fetch },
      );
    return {
      target: open(),
      again: open,
      actual() {
        const { wish } = endpoint;
        const share = wish?.candidate && !wish.mirror ? wish.percent : 0;
        return {
          shares: { [wish?.stable.version ?? 'v11']: 100 - share, ...(wish?.candidate && { [wish.candidate.version]: share }) },
          mirrored: wish?.mirror && wish.candidate ? [wish.candidate.version] : [],
          present: [wish?.stable.version ?? 'v11', ...(wish?.candidate ? [wish.candidate.version] : [])],
          leaseSeconds: able ? (wish?.leaseSeconds ?? null) : null,
        };
      },
      breakOff: network.breakOff,
      mend: network.mend,
      forget: () => {
        endpoint.wish = null;
      },
    };
  });
});
