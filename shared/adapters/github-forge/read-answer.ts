import { z } from 'zod';
import { forgeAnswered } from './forge-error.ts';
import type { Parameters, Transport } from './transport.ts';

/** GitHub adds fields at any time, so what is not asked for is dropped, never refused. @throws InfrastructureError FORGE_ANSWER_UNKNOWN */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, data: unknown, what: string): z.output<Schema> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw forgeAnswered(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`);
}

const perPage = 100;
/** A list that is longer is not read at all: half of one would be taken for the whole. */
const mostPages = 100;

/**
 * All pages of a list, in the API's order; null where the thing that it belongs to is not there. `within` names the field that holds the
 * list where the answer is an object.
 */
export async function readPages<Schema extends z.ZodType>(
  transport: Transport,
  schema: Schema,
  route: string,
  parameters: Parameters = {},
  { within, pages = mostPages }: { readonly within?: string; readonly pages?: number } = {},
): Promise<z.output<Schema>[] | null> {
  const found: z.output<Schema>[] = [];
  const list = z.array(schema);
  for (let page = 1; ; page++) {
    const answer = await transport.get(route, { ...parameters, per_page: perPage, page });
    if (answer === null) return page === 1 ? null : found;
    const items =
      within === undefined ? readAnswer(list, answer.data, route) : readAnswer(z.object({ [within]: list }), answer.data, route)[within];
    found.push(...(items ?? []));
    if (!(answer.next ?? items?.length === perPage)) return found;
    if (page >= pages) {
      if (pages < mostPages) return found;
      throw forgeAnswered(route, `it lists more than ${mostPages * perPage} things`);
    }
  }
}
