import { schema as published } from '@octokit/graphql-schema';
import { buildSchema, coerceInputValue, type GraphQLSchema, parse, typeFromAST, validate } from 'graphql';
import { beforeAll, expect, it } from 'vitest';
import { createGitHubForge } from '../../../../shared/adapters/github-forge/create-github-forge.ts';
import { createForgeMemory } from '../../../../shared/adapters/github-forge/forge-memory.ts';
import type { Octokit } from '../../../../shared/adapters/github-forge/octokit-shape.ts';

/** Every GraphQL request of the forge, held against the schema that GitHub publishes: a field that isn't there refuses the whole request. */
const asked: { query: string; variables: Record<string, unknown> }[] = [];
let schema: GraphQLSchema;

beforeAll(() => {
  // The published text defines two fields twice.
  schema = buildSchema(published.idl, { assumeValidSDL: true });
});

/** Answers nothing but the first question, and writes down what it is asked. */
const octokit: Octokit = {
  request: Object.assign(
    async (route: string, parameters: Record<string, unknown> = {}) => {
      const headers = { date: 'Sat, 21 Nov 2026 09:00:00 GMT' };
      if (!route.endsWith('/graphql'))
        return { status: 200, headers, data: [{ id: 1, node_id: 'D', environment: 'e', ref: 'r', payload: {} }] };
      asked.push({ query: String(parameters['query']), variables: { ...Object(parameters['variables']) } });
      return { status: 200, headers, data: { data: { repository: null } } };
    },
    { endpoint: { DEFAULTS: { baseUrl: 'https://api.github.com' } } },
  ),
};

it('asks for what the schema has, with variables of its types', async () => {
  const memory = createForgeMemory();
  memory.start = {
    repository: { id: 1, owner: 'acme', name: 'churn', defaultBranch: 'main', private: true, url: 'https://github.com/acme/churn' },
    identity: { id: 2, login: 'weighin[bot]', appId: 3 },
    nodeId: 'R_1',
    mergeMethods: ['squash'],
  };
  const sha = 'a'.repeat(40);
  const options = { octokit, owner: 'acme', repo: 'churn', sleep: async () => {} };
  const forge = await createGitHubForge({ ...options, memory });
  const questions: (() => Promise<unknown>)[] = [
    () => createGitHubForge({ ...options, memory: createForgeMemory() }),
    () =>
      forge.git.read([
        { ref: 'main', paths: ['weighin.yaml', 'registry/churn/stages/production.json'] },
        { ref: sha, paths: ['weighin.yaml'] },
        { ref: 'v1', paths: [] },
      ]),
    () => forge.git.read([{ ref: sha, paths: [] }]),
    () => forge.git.list('main', 'registry'),
    () => forge.git.list(sha, ''),
    () => forge.git.readBytes('main', 'a', 10),
    () => forge.git.readBytes(sha, 'a', 10),
    () => forge.git.history('main', 'a'),
    () => forge.git.history(sha, 'a'),
    () => forge.git.commit({ branch: 'b', expectedHead: sha, message: 'One\n\nTwo', write: [{ path: 'a', text: 'b' }], remove: ['c'] }),
    () => forge.git.deleteBranch('b', sha),
    () => forge.pulls.read(1),
    () => forge.pulls.enqueue(1, sha),
    () => forge.pulls.dequeue(1),
    () => forge.deployments.list('churn/production'),
  ];
  for (const question of questions) await question().catch(() => {});
  memory.nodes.set(2, 'PR_2');
  for (const question of [() => forge.pulls.enqueue(2, sha), () => forge.pulls.dequeue(2)]) await question().catch(() => {});

  expect(asked.length).toBeGreaterThanOrEqual(questions.length);
  for (const { query, variables } of asked) {
    const document = parse(query);
    // A short name may be a tag's as well as a branch's.
    for (const [, name = ''] of query.matchAll(/qualifiedName:\$(\w+)/g)) expect(variables[name]).toMatch(/^refs\/(?:heads|tags)\//);
    expect(validate(schema, document).map(({ message }) => `${message} in ${query}`)).toEqual([]);
    for (const definition of document.definitions) {
      if (definition.kind !== 'OperationDefinition') continue;
      const declared = (definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
      expect(declared.toSorted()).toEqual(Object.keys(variables).toSorted());
      for (const { variable, type } of definition.variableDefinitions ?? []) {
        const input = typeFromAST(schema, type as never) as never;
        const wrong: string[] = [];
        coerceInputValue(variables[variable.name.value], input, (_path, _value, error) => wrong.push(error.message));
        expect(wrong).toEqual([]);
      }
    }
  }
});
