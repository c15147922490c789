export const isCommit = (ref: string): boolean => /^[0-9a-f]{40}$/.test(ref);

/** Written in full: a tag that someone names like a branch doesn't stand in for it. */
export const refName = (ref: string, kind: 'heads' | 'tags'): string => (ref.startsWith('refs/') ? ref : `refs/${kind}/${ref}`);
