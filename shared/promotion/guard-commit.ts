const prefix = 'guard: ';

/** The headline of a guard's commit on the state branch, so that the bot tells it from its own, which may be by the same App. */
export const guardCommit = (headline: string): string => `${prefix}${headline}`;

export const isByGuard = (message: string): boolean => message.startsWith(prefix);
