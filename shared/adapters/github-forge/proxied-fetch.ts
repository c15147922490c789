/**
 * `fetch` through the proxy that the environment names; Node's own, which knows no proxy, where it names none. Hosts of NO_PROXY are
 * asked directly.
 */
export async function proxiedFetch(environment: Readonly<Record<string, string | undefined>>): Promise<typeof fetch> {
  const of = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const [httpProxy, httpsProxy, noProxy] = [of('http_proxy'), of('https_proxy'), of('no_proxy')];
  if (!httpProxy && !httpsProxy) return fetch;
  const { EnvHttpProxyAgent, fetch: fetchThrough } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    // Said even where it is empty: the agent would read the process's own otherwise.
    noProxy: noProxy ?? '',
  });
  const proxied: typeof fetchThrough = (input, init) => fetchThrough(input, { ...init, dispatcher });
  // Node's fetch is this one, bundled; only their types are declared twice.
  return proxied as unknown as typeof fetch;
}
