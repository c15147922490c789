import { describe, expect, it } from 'vitest';
import { authorize } from '../../../../bot/commands/authority.ts';
import { parseComment } from '../../../../bot/commands/parse-comment.ts';
import type { Person, Role } from '../../../../shared/promotion/forge.ts';
import { anna, bot, createRepository, head } from './memory-repository.ts';
import { policy, twoModels } from './policies.ts';

const repository = (text = policy, isPrivate = true) => createRepository({ policy: text, isPrivate });

async function ask(
  body: string,
  role: Role,
  { actor = anna, in: place = repository() }: { actor?: Person; in?: ReturnType<typeof repository> } = {},
) {
  const [line] = parseComment(body, { verbs: 'standalone' }).lines;
  if (!line) throw new Error(`${body} is a command`);
  const { forge } = place.context;
  const answer = await authorize({
    forge,
    policy: await place.context.policy(),
    line: line.command,
    actor,
    role,
    number: 57,
    onPull: true,
  });
  return answer.allowed ? 'yes' : answer.reply.code;
}

describe('by role', () => {
  it.each<[string, Role, string]>([
    ['/why', 'read', 'yes'],
    ['/weighin help', 'read', 'yes'],
    ['/weighin status', 'read', 'yes'],
    ['/diff churn', 'read', 'yes'],
    ['/drift churn', 'read', 'yes'],
    ['/why', 'none', 'NOT_ALLOWED'],
    ['/weighin run', 'triage', 'NOT_ALLOWED'],
    ['/weighin run', 'write', 'yes'],
    ['/weighin retry roc_auc.maxRegression', 'triage', 'NOT_ALLOWED'],
    ['/weighin retry roc_auc.maxRegression', 'maintain', 'yes'],
    ['/weighin cancel', 'read', 'NOT_ALLOWED'],
    ['/weighin cancel', 'admin', 'yes'],
    ['/promote churn@v1 staging', 'triage', 'NOT_ALLOWED'],
    ['/promote churn@v1 staging', 'write', 'yes'],
    ['/rollback churn staging', 'write', 'yes'],
    ['/canary churn staging pause', 'write', 'yes'],
    ['/weighin unhold churn staging', 'write', 'yes'],
  ])('%s by %s: %s', async (body, role, expected) => {
    expect(await ask(body, role)).toBe(expected);
  });

  it('lets everybody read what is public, and no more', async () => {
    expect(await ask('/why', 'none', { in: repository(policy, false) })).toBe('yes');
    expect(await ask('/weighin run', 'none', { in: repository(policy, false) })).toBe('NOT_ALLOWED');
  });
});

describe("by the stage's requesters", () => {
  const carla: Person = { id: 13, login: 'carla', type: 'User' };
  it('takes a person by name, whatever the case, and a role or more', async () => {
    expect(await ask('/promote churn@v1 production', 'read', { actor: carla })).toBe('yes');
    expect(await ask('/promote churn@v1 production', 'none', { actor: carla, in: withTeam() })).toBe('NOT_ALLOWED');
    expect(await ask('/promote churn@v1 production', 'maintain', { in: withTeam() })).toBe('yes');
    expect(await ask('/promote churn@v1 production', 'admin', { in: withTeam() })).toBe('yes');
    expect(await ask('/promote churn@v1 production', 'write', { in: withTeam() })).toBe('NOT_ALLOWED');
  });

  it('takes a member of a team by account, not by login', async () => {
    expect(await ask('/rollback churn production', 'read', { in: withTeam(anna.id) })).toBe('yes');
    expect(await ask('/rollback churn production', 'read', { in: withTeam(anna.id), actor: { ...anna, id: 99 } })).toBe('NOT_ALLOWED');
  });

  it('never takes a team that it cannot read for a no, nor for a yes', async () => {
    expect(await ask('/promote churn@v1 production', 'write')).toBe('CANNOT_READ_TEAM');
    expect(await ask('/promote churn@v1 production', 'maintain')).toBe('yes');
    expect(await ask('/promote churn@v1 production', 'read', { actor: carla })).toBe('yes');
  });

  it('asks for every stage where a command reaches all of them', async () => {
    expect(await ask('/weighin hold churn --reason x', 'write', { in: withTeam() })).toBe('NOT_ALLOWED');
    expect(await ask('/weighin hold churn staging --reason x', 'write', { in: withTeam() })).toBe('yes');
    expect(await ask('/weighin hold churn --reason x', 'read', { actor: carla, in: withTeam() })).toBe('NOT_ALLOWED');
    expect(await ask('/weighin unhold churn', 'maintain', { in: withTeam() })).toBe('yes');
  });

  it('asks those whose gate would be overridden, and where none has it those of all models', async () => {
    const place = () => withTeam(0, twoModels);
    expect(await ask('/weighin override roc_auc.maxRegression --reason x', 'maintain', { in: place() })).toBe('yes');
    expect(await ask('/weighin override caught.min --reason x', 'maintain', { in: place() })).toBe('NOT_ALLOWED');
    expect(await ask('/weighin override contract --reason x', 'maintain', { in: place() })).toBe('NOT_ALLOWED');
    expect(
      await ask('/weighin override caught.min --reason x', 'read', { in: place(), actor: { id: 12, login: 'ben', type: 'User' } }),
    ).toBe('yes');
  });

  it("asks those of the promotion's own stage, which only the bot's own pull request names", async () => {
    const place = withTeam();
    const branch = { sha: head, branch: 'weighin/promote/churn.staging.3', owner: 'acme', fork: false };
    const body = '/weighin override roc_auc.maxRegression --reason x';
    place.setPull({ head: branch, author: bot });
    expect(await ask(body, 'write', { in: place })).toBe('yes');
    place.setPull({ head: branch, author: anna });
    expect(await ask(body, 'write', { in: place })).toBe('NOT_ALLOWED');
    place.setPull({ head: { ...branch, fork: true }, author: bot });
    expect(await ask(body, 'write', { in: place })).toBe('NOT_ALLOWED');
  });

  const withTeam = (member = 0, text = policy) => {
    const place = repository(text);
    place.teams['ml-leads'] = [member];
    return place;
  };
});

describe('names that the policy does not have', () => {
  it('are told to those who may ask for something, and to nobody else', async () => {
    expect(await ask('/promote chrun@v1 production', 'write')).toBe('MODEL_UNKNOWN');
    expect(await ask('/promote churn@v1 prod', 'write')).toBe('STAGE_UNKNOWN');
    expect(await ask('/promote churn@v1 constructor', 'write')).toBe('STAGE_UNKNOWN');
    expect(await ask('/promote churn@v1 prod', 'read')).toBe('NOT_ALLOWED');
  });

  it('are not guessed where the policy cannot be read', async () => {
    expect(await ask('/promote churn@v1 production', 'admin', { in: repository('models: [') })).toBe('POLICY_UNREADABLE');
    expect(await ask('/weighin run', 'write', { in: repository('models: [') })).toBe('yes');
  });
});
