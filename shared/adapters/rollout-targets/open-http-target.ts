import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { InfrastructureError } from '../../errors.ts';
import type { RolloutTarget } from '../../rollout/engine/rollout-target.ts';
import { nothingSet, readTrafficState, tellsNothing } from '../../rollout/targets/http-answer.ts';
import { refuseMirror } from '../../rollout/targets/refuse-mirror.ts';
import { trafficDocument } from '../../rollout/targets/traffic-document.ts';
import { answerText, askTarget, callSeconds, type TargetAnswer, type TargetParts, targetToken, targetUrl } from './ask-target.ts';

/** An endpoint that moves traffic in whatever way it likes. @throws UserError TARGET_URL_INVALID, TARGET_TOKEN_MISSING */
export function openHttpTarget(config: TargetConfigOf<'http'>, parts: TargetParts): RolloutTarget {
  const url = targetUrl(config.url);
  const token = config.token ? targetToken(config.token.env, parts.env) : null;

  async function ask(method: 'GET' | 'PUT', body: unknown, answers: readonly number[]): Promise<TargetAnswer> {
    const { fetch = globalThis.fetch, seconds = callSeconds } = parts;
    const answer = await askTarget({ fetch, method, url, token, body, signal: AbortSignal.timeout(seconds * 1000), seconds });
    const { status, text } = answer;
    if ((status >= 200 && status < 300) || answers.includes(status)) return answer;
    if (status >= 500 || status === 429)
      throw new InfrastructureError('TARGET_UNREACHABLE', `${url.host} answered ${status} to ${method}${answerText(text, token)}.`);
    throw new InfrastructureError('TARGET_REFUSED', `${url.host} refused ${method} (${status})${answerText(text, token)}.${next(status)}`);
  }
  function next(status: number): string {
    if (status === 401 || status === 403)
      return config.token ? ` Is the token in ${config.token.env} the right one?` : ' It may want a token: `token: {env: NAME}` names one.';
    if (status >= 300 && status < 400) return ' A redirect is not followed: write the address that it leads to into weighin.yaml.';
    return '';
  }

  return {
    kind: 'http',
    leases: config.leases ?? false,
    mirrors: config.mirrors ?? false,
    async apply(desired) {
      if (!config.mirrors) refuseMirror(desired, 'http');
      await ask('PUT', trafficDocument(desired), []);
    },
    async observe(desired) {
      const { status, text } = await ask('GET', undefined, [404, 405, 501]);
      if (status === 404) return nothingSet;
      if (status === 405 || status === 501) return tellsNothing;
      const observed = readTrafficState(text, desired);
      if (typeof observed !== 'string') return observed;
      throw new InfrastructureError(
        'TARGET_REFUSED',
        `${url.host} does not tell what is so: ${observed}. docs/rollouts.md shows the answer.`,
      );
    },
    close: async () => undefined,
  };
}
