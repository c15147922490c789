/** A network that a test takes away after some more requests. What it throws holds the secret, as a careless library's error may. */
export function breakableFetch(secret: string, real: typeof fetch = fetch) {
  let left = Number.POSITIVE_INFINITY;
  return {
    fetch: (async (address, init) => {
      if (left <= 0)
        throw new TypeError(`fetch failed: authorization: Bearer ${secret}`, {
          cause: Object.assign(new Error(`connect ECONNREFUSED (Bearer ${secret})`), { code: 'ECONNREFUSED' }),
        });
      left--;
      return real(address, init);
    }) as typeof fetch,
    breakOff: (after: number) => {
      left = after;
    },
    mend: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}
