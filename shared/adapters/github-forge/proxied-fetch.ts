/** `fetch` through the proxy that the environment names; Node's own where it names none. */
export async function proxiedFetch(environment: Readonly<Record<string, string | undefined>>): Promise<typeof fetch> {
  const of = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const [httpProxy, httpsProxy, noProxy] = [of('http_proxy'), of('https_proxy'), of('no_proxy')];
  if (!httpProxy && !httpsProxy) return fetch;
  const { EnvHttpProxyAgent, fetch: fetchThrough } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  });
  const proxied: typeof fetchThrough = (input, init) => fetchThrough(input, { ...init, dispatcher });
  // Node's fetch is this one, bundled; only their types are declared twice.
  return proxied as unknown as typeof fetch;
}
