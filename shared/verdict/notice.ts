import { z } from 'zod';

/** Something that a reader of a report should know and that decides nothing. `code` is stable, for scripts. */
export const noticeSchema = z.strictObject({ code: z.string(), message: z.string() });
export type Notice = z.infer<typeof noticeSchema>;
