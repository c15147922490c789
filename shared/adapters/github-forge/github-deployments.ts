import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Deployment, DeploymentState, ForgeDeployments } from '../../promotion/forge.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const deployments = '/repos/{owner}/{repo}/deployments';
const statuses = `${deployments}/{deployment_id}/statuses`;
const longestDescription = 140;
const states: readonly DeploymentState[] = ['queued', 'in_progress', 'success', 'failure', 'inactive', 'error', 'pending'];
const fields = z.object({ id: z.number(), node_id: z.string(), environment: z.string(), ref: z.string(), payload: z.unknown() });
const withId = z.object({ id: z.number() });
const statusFields = z.object({ state: z.string(), description: z.string().nullish() });
const nodesSchema = z.object({
  nodes: z.array(z.object({ id: z.string(), latestStatus: z.object({ state: z.string() }).nullish() }).nullable()),
});

/** Newest first, the newest hundred. Ids come from REST, since GraphQL's don't hold such large numbers; the statuses by one GraphQL request. */
async function list(transport: Transport, environment: string): Promise<readonly Deployment[]> {
  const found = (await readPages(transport, fields, `GET ${deployments}`, { environment }, { pages: 1 })) ?? [];
  if (found.length === 0) return [];
  const ids = found.map((deployment) => deployment.node_id);
  const { data } = await askGraphql(
    transport,
    'deployments',
    'query($ids:[ID!]!){nodes(ids:$ids){...on Deployment{id latestStatus{state}}}}',
    { ids },
  );
  const latest = new Map(readAnswer(nodesSchema, data, 'deployments').nodes.map((node) => [node?.id, node?.latestStatus?.state]));
  return found
    .toSorted((one, other) => other.id - one.id)
    .map(({ id, node_id: node, environment: place, ref, payload }) => ({
      id,
      environment: place,
      ref,
      payload: payloadOf(payload),
      state: stateOf(latest.get(node)),
    }));
}

export const createGitHubDeployments = (transport: Transport): ForgeDeployments => ({
  list: (environment) => list(transport, environment),
  create: ({ ref, environment, description, payload }) =>
    writeOnce(transport, {
      send: async () => {
        const asked = { ref, environment, description: cut(description), payload, auto_merge: false, required_contexts: [] };
        return readAnswer(withId, (await transport.send(`POST ${deployments}`, asked, { again: false })).data, 'a new deployment').id;
      },
      arrived: async () =>
        (await list(transport, environment)).find((found) => found.ref === ref && isDeepStrictEqual(found.payload, { ...payload }))?.id ??
        null,
    }),
  setState: (id, state, description, logUrl) =>
    writeOnce(transport, {
      send: async () => {
        const status = { state, description: cut(description), auto_inactive: false, ...(logUrl === undefined ? {} : { log_url: logUrl }) };
        await transport.send(`POST ${statuses}`, { deployment_id: id, ...status }, { again: false });
      },
      arrived: async () => {
        const [latest] = (await readPages(transport, statusFields, `GET ${statuses}`, { deployment_id: id }, { pages: 1 })) ?? [];
        return latest?.state === state && (latest.description ?? '') === cut(description) ? undefined : null;
      },
    }),
  async remove(id) {
    const where = { deployment_id: id };
    const put = await transport.send(`POST ${statuses}`, { ...where, state: 'inactive', auto_inactive: false }, { expect: [404] });
    if (put.status !== 404) await transport.send(`DELETE ${deployments}/{deployment_id}`, where, { expect: [404] });
  },
});

/** REST gives what was sent: an object, or the text of one. */
function payloadOf(payload: unknown): Readonly<Record<string, unknown>> {
  const record = z.record(z.string(), z.unknown());
  const given = record.safeParse(payload);
  if (given.success) return given.data;
  try {
    return record.catch({}).parse(JSON.parse(String(payload)));
  } catch {
    return {};
  }
}

function stateOf(state: string | undefined): DeploymentState | null {
  if (state === undefined) return null;
  return states.find((known) => known === state.toLowerCase()) ?? 'pending';
}

const cut = (text: string): string => (text.length > longestDescription ? `${text.slice(0, longestDescription - 1)}…` : text);
