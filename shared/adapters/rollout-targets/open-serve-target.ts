import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { InfrastructureError } from '../../errors.ts';
import type { RolloutTarget } from '../../rollout/engine/rollout-target.ts';
import type { DesiredTraffic } from '../../rollout/engine/traffic.ts';
import {
  givesLess,
  givesMore,
  loadsBefore,
  observeServers,
  otherBytes,
  readServeState,
  type ServeRequest,
  type ServeState,
  serveChanges,
} from '../../rollout/targets/serve-requests.ts';
import { answerText, askTarget, callSeconds, type TargetParts, targetToken, targetUrl } from './ask-target.ts';

type Asked = { readonly url: URL; readonly state: ServeState } | { readonly url: URL; readonly error: unknown };

/**
 * Servers of `weighin serve`, through their admin endpoints. All must agree before a candidate gets more traffic on any of them; toward
 * stable each is set that can be reached. @throws UserError TARGET_URL_INVALID, TARGET_TOKEN_MISSING
 */
export function openServeTarget(config: TargetConfigOf<'serve'>, parts: TargetParts): RolloutTarget {
  const urls = config.urls.map(targetUrl);
  const token = targetToken(config.token.env, parts.env);
  const { seconds = callSeconds } = parts;

  async function ask(url: URL, request: ServeRequest | null, model: string, signal: AbortSignal): Promise<ServeState> {
    const { status, text } = await askTarget({
      fetch: parts.fetch ?? globalThis.fetch,
      method: request?.method ?? 'GET',
      url: new URL(`${url.pathname.replace(/\/+$/, '')}${request?.path ?? '/admin/weights'}`, url),
      token,
      ...(request && { body: request.body }),
      signal,
      seconds,
    });
    const asked = request ? `${request.method} ${request.path}` : 'GET /admin/weights';
    if (status >= 500 || status === 429)
      throw new InfrastructureError('TARGET_UNREACHABLE', `${url.host} answered ${status} to ${asked}${answerText(text, token)}.`);
    if (status !== 200) {
      const next =
        status === 401 || status === 404 ? ` Is it weighin serve, started with the same token that ${config.token.env} holds here?` : '';
      throw new InfrastructureError('TARGET_REFUSED', `${url.host} refused ${asked} (${status})${answerText(text, token)}.${next}`);
    }
    const state = readServeState(text);
    if (!state)
      throw new InfrastructureError('TARGET_REFUSED', `${url.host} answered ${asked} with something that weighin serve does not say.`);
    if (state.model !== model)
      throw new InfrastructureError(
        'TARGET_REFUSED',
        `${url.host} serves another model than ${model}: ${answerText(state.model, token).slice(2)}.`,
      );
    return state;
  }

  const askAll = (work: (url: URL) => Promise<ServeState>): Promise<readonly Asked[]> =>
    Promise.all(
      urls.map((url) =>
        work(url).then(
          (state) => ({ url, state }),
          (error: unknown) => ({ url, error }),
        ),
      ),
    );

  return {
    kind: 'serve',
    leases: true,
    mirrors: true,
    async apply(desired) {
      const signal = AbortSignal.timeout(seconds * 1000);
      const follow = async (url: URL, state: ServeState, requests: readonly ServeRequest[]): Promise<ServeState> => {
        let latest = state;
        for (const request of requests) latest = await ask(url, request, desired.model, signal);
        return latest;
      };
      const ready = await askAll(async (url) => {
        const state = await ask(url, null, desired.model, signal);
        // The server would say so too, but only after a version was loaded for it.
        if (state.revision !== null && desired.revision < state.revision)
          throw new InfrastructureError(
            'TARGET_REFUSED',
            `${url.host} follows revision ${state.revision}; ${desired.revision} is older and comes from a process that was overtaken.`,
          );
        const loaded = await follow(url, state, loadsBefore(desired, state));
        const other = otherBytes(desired, loaded);
        if (other !== null && !givesLess(desired, loaded))
          throw new InfrastructureError(
            'TARGET_REFUSED',
            `${url.host} has another model under the name v${desired.candidate?.number} than the one that was approved (${answerText(other, token).slice(2, 21)}… instead of ${desired.candidate?.digest.slice(0, 19)}…).`,
          );
        return loaded;
      });
      const agreed = ready.every((one) => 'state' in one);
      const changed = await Promise.all(
        ready.map(async (one): Promise<Asked> => {
          if ('error' in one || (!agreed && givesMore(desired, one.state))) return one;
          return follow(one.url, one.state, serveChanges(desired, one.state)).then(
            (state) => ({ url: one.url, state }),
            (error: unknown) => ({ url: one.url, error }),
          );
        }),
      );
      throwFirst(changed, desired);
    },
    async observe(desired) {
      const signal = AbortSignal.timeout(seconds * 1000);
      const asked = await askAll((url) => ask(url, null, desired.model, signal));
      throwFirst(asked, desired);
      return observeServers(
        desired,
        asked.flatMap((one) => ('state' in one ? [one.state] : [])),
      );
    },
    close: async () => undefined,
  };
}

/** Every server that failed is named. Who could not be reached outweighs who refused, since that may mend itself. */
function throwFirst(asked: readonly Asked[], { model, stage }: DesiredTraffic): void {
  const errors = asked.flatMap((one) => ('error' in one ? [one.error] : []));
  const other = errors.find((error) => !(error instanceof InfrastructureError));
  if (other !== undefined) throw other;
  const known = errors.filter((error) => error instanceof InfrastructureError);
  const first = known.find(({ code }) => code === 'TARGET_UNREACHABLE') ?? known[0];
  if (!first) return;
  const rest = asked.length > 1 ? ` ${asked.length - known.length} of ${asked.length} servers of ${model}@${stage} answered.` : '';
  throw new InfrastructureError(first.code, `${known.map(({ message }) => message).join(' ')}${rest}`);
}
