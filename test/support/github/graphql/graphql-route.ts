import { Refusal } from '../refusal.ts';
import { type Route, route } from '../routes/route.ts';

/** The schema is loaded at the first request: most tests never ask, and it takes longer than the rest of the double's start. */
export const graphqlRoutes: readonly Route[] = [
  route('POST /graphql', null, async ({ world, token, body }) => {
    if (token === null || token.kind === 'app') throw new Refusal(401, 'This endpoint requires you to be authenticated.');
    const { answerQuery } = await import('./answer-query.ts');
    const variables = body['variables'];
    return {
      body: await answerQuery(
        { world, token },
        String(body['query'] ?? ''),
        typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {},
        typeof body['operationName'] === 'string' ? body['operationName'] : undefined,
      ),
    };
  }),
];
