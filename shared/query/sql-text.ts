/** A name as SQL writes it: every identifier that comes from data or config passes through here. */
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A string literal: every path, value and pattern that comes from data or config passes through here. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
