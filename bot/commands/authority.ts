import type { Config } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import { type Forge, type Person, type Role, roles } from '../../shared/promotion/forge.ts';
import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import { stageOfConfig } from '../../shared/registry/stage-of-config.ts';
import { md } from '../../shared/words/markdown.ts';
import type { Policy, Reply } from '../bot-context.ts';
import type { CommandLine } from './command-line.ts';
import { specOf } from './command-table.ts';
import { listed, say, sayError } from './say.ts';

export type Authority = { readonly allowed: true } | { readonly allowed: false; readonly reply: Reply };

export interface AuthorityQuestion {
  readonly forge: Forge;
  /** Of the default branch: no change gives itself rights. */
  readonly policy: Policy;
  readonly line: CommandLine;
  readonly actor: Person;
  /** The actor's role, asked of the forge for this comment. */
  readonly role: Role;
  readonly number: number;
  readonly onPull: boolean;
}

/** Whom a stage takes requests from, as the policy writes it; null where it names nobody, so that write access is what counts. */
type Requesters = readonly string[] | null;

/** Whether the actor may ask for this, by the policy of the default branch. What can't be read is never a yes. */
export async function authorize(question: AuthorityQuestion): Promise<Authority> {
  const { forge, line, role } = question;
  const { may } = specOf(line.name);
  if (may === 'read') return hasRole(role, 'read') || !forge.repository.private ? yes : denied('someone who can read this repository');
  if (may === 'write') return hasRole(role, 'write') ? yes : denied('someone with write access to this repository');
  const { config, problem } = question.policy;
  if (!config)
    return no(
      say(
        'unclear',
        'POLICY_UNREADABLE',
        `Who may ask for this can't be read. ${problem ?? ''}`.trim(),
        'Mend weighin.yaml on the default branch.',
      ),
    );
  try {
    // Of every stage that the command reaches, so that no rule is got round by naming more.
    for (const requesters of await requestersOf(question, config)) {
      const answer = await mayRequest(question, requesters);
      if (!answer.allowed) return answer;
    }
    return yes;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Somebody who may ask for nothing learns no names, and is not answered again and again.
    const all = stagesOf(config, Object.keys(config.models));
    for (const requesters of all) if ((await mayRequest(question, requesters)).allowed) return no(sayError(error));
    return all.length === 0 && hasRole(role, 'write') ? no(sayError(error)) : denied('someone whom the policy names');
  }
}

/** @throws UserError MODEL_UNKNOWN, STAGE_UNKNOWN */
async function requestersOf({ forge, line, number, onPull }: AuthorityQuestion, config: Config): Promise<readonly Requesters[]> {
  if (line.name === 'override') {
    const pull = onPull ? await forge.pulls.read(number) : null;
    const promotion = pull && promotionOfPull(forge, pull);
    if (promotion) return [stageOfConfig(config, promotion.model, promotion.stage).stage.requesters ?? null];
    return stagesOf(config, modelsWithGate(config, line.gate));
  }
  if (!('model' in line) || line.model === null) return [null];
  if ('stage' in line && line.stage !== null) return [stageOfConfig(config, line.model, line.stage).stage.requesters ?? null];
  const { model } = line;
  const stages = Object.keys(config.models[model]?.stages ?? {});
  // Asks for the first stage where there is none, for the words of its error.
  return (stages.length > 0 ? stages : ['production']).map((stage) => stageOfConfig(config, model, stage).stage.requesters ?? null);
}

const stagesOf = (config: Config, models: readonly string[]): readonly Requesters[] =>
  models.flatMap((model) => Object.values(config.models[model]?.stages ?? {}).map(({ requesters }) => requesters ?? null));

/** Models whose policy has a gate of that name; all of them where none has, such as for `contract`. */
function modelsWithGate({ models }: Config, gate: string): readonly string[] {
  const found = Object.keys(models).filter((model) =>
    models[model]?.evaluation.gates.some(({ name, metric }) => gate === (name ?? metric) || gate.startsWith(`${name ?? metric}.`)),
  );
  return found.length > 0 ? found : Object.keys(models);
}

async function mayRequest({ forge, actor, role }: AuthorityQuestion, requesters: Requesters): Promise<Authority> {
  if (!requesters) return hasRole(role, 'write') ? yes : denied('someone with write access to this repository');
  const login = `@${actor.login}`.toLowerCase();
  const teams: string[] = [];
  for (const principal of requesters) {
    if (principal.startsWith('@')) {
      if (principal.toLowerCase() === login && (hasRole(role, 'read') || !forge.repository.private)) return yes;
    } else if (isRole(principal)) {
      if (principal !== 'none' && hasRole(role, principal)) return yes;
    } else teams.push(principal);
  }
  const unreadable: string[] = [];
  for (const team of teams) {
    try {
      if ((await forge.people.teamMembers(team)).includes(actor.id)) return yes;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.push(team);
    }
  }
  if (unreadable.length === 0) return denied(listed(requesters));
  return no(
    say(
      'unclear',
      'CANNOT_READ_TEAM',
      md`Whether you may ask for this is not known: the team ${listed(unreadable)} can't be read.`,
      'Let the app read members of the organisation, or mend the name under `requesters:` in weighin.yaml.',
    ),
  );
}

const yes: Authority = { allowed: true };
const no = (reply: Reply): Authority => ({ allowed: false, reply });
const denied = (whom: Parameters<typeof say>[2]): Authority =>
  no(say('refused', 'NOT_ALLOWED', 'The policy of the default branch does not let you ask for this.', md`Ask ${whom}.`));

const hasRole = (role: Role, least: Role) => roles.indexOf(role) >= roles.indexOf(least);
const isRole = (text: string): text is Role => roles.some((role) => role === text);
