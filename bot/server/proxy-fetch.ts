import type { BotSettings } from './settings.ts';

/** Node's own fetch knows no proxy; undici's does. Loaded only where one is set. Hosts of NO_PROXY are asked directly. */
export async function proxyFetch({ url, except }: NonNullable<BotSettings['proxy']>): Promise<typeof globalThis.fetch> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({ httpsProxy: url, httpProxy: url, noProxy: except });
  // undici's fetch and Node's are the same code with types of their own.
  const throughProxy = (input: string, init?: object) => fetch(input, { ...init, dispatcher });
  return throughProxy as unknown as typeof globalThis.fetch;
}
