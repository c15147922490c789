/**
 * `owner/name` of a remote's address, without host, user or password. Null for a path of this machine and anything that is no
 * address of a repository on a server.
 */
export function repositoryName(remote: string): string | null {
  const path = /^(?:https?|ssh|git):\/\/[^/]+\/(.+)$/i.exec(remote)?.[1] ?? /^(?:[^@/:\s]+@)?[^/:\s]{2,}:(?![\\/])(.+)$/.exec(remote)?.[1];
  const name = path
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return name && /^[\w.-]+(?:\/[\w.-]+)+$/.test(name) && !name.split('/').includes('..') ? name : null;
}
