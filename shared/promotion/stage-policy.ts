import { parseDuration } from '../config/quantities.ts';
import type { Config, StageConfig } from '../config/schema.ts';
import { stageOfConfig } from '../registry/stage-of-config.ts';
import type { Person, Role } from './forge.ts';
import type { PeopleFacts } from './promotion-facts.ts';

/** Whom a line of `approvers:` or `requesters:` means. */
export type Principal =
  | { readonly kind: 'person'; readonly login: string }
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'team'; readonly slug: string };

/** What weighin.yaml resolves to for one stage of one model. Durations in milliseconds. */
export interface StagePolicy {
  readonly approvals: {
    /** How many people in all. */
    readonly count: number;
    /** How many of each team, as written; empty where `approvals:` is a number. */
    readonly byTeam: Readonly<Record<string, number>>;
  };
  /** null: everyone with write access. */
  readonly approvers: readonly Principal[] | null;
  readonly requesters: readonly Principal[] | null;
  /** Slugs of every team that decides about approvals. */
  readonly teams: readonly string[];
  readonly merge: 'person' | 'bot';
  readonly after: string | null;
  readonly soakMs: number;
  readonly freezes: readonly Freeze[];
  /** Whether nothing but a verdict of `pass` will do. */
  readonly requiresPass: boolean;
  readonly onInconclusive: 'warn' | 'fail' | 'pass';
  readonly allowClaimed: boolean;
  /** null: whoever registered it. */
  readonly builders: readonly string[] | null;
  readonly rollout: string | null;
  readonly baseline: { readonly stage: string; readonly maxAgeMs: number | null };
  readonly cardRequires: readonly string[];
}
export type Freeze = NonNullable<StageConfig['freeze']>[number];

const grantedRoles: readonly Role[] = ['write', 'maintain', 'admin'];

/** @throws UserError MODEL_UNKNOWN or STAGE_UNKNOWN */
export function stagePolicy(config: Config, model: string, stage: string): StagePolicy {
  const declared = stageOfConfig(config, model, stage);
  const { approvals, approvers, requesters, after, soak, freeze, requires, allowClaimed, builders, merge, rollout } = declared.stage;
  const { baseline, defaults } = declared.model.evaluation;
  const byTeam = typeof approvals === 'number' ? {} : approvals;
  const named = approvers?.map(parsePrincipal) ?? null;
  const slugs = [...Object.keys(byTeam).map(parsePrincipal), ...(named ?? [])].flatMap((one) => (one.kind === 'team' ? [one.slug] : []));
  return {
    approvals: { count: typeof approvals === 'number' ? approvals : Object.values(approvals).reduce((sum, each) => sum + each, 0), byTeam },
    approvers: named,
    requesters: requesters?.map(parsePrincipal) ?? null,
    teams: [...new Set(slugs)],
    merge,
    after: after ?? null,
    soakMs: soak === undefined ? 0 : parseDuration(soak),
    freezes: freeze ?? [],
    requiresPass: requires === 'pass',
    onInconclusive: defaults.onInconclusive,
    allowClaimed: allowClaimed ?? false,
    builders: builders ?? null,
    rollout: rollout ?? null,
    baseline: { stage: baseline.stage, maxAgeMs: baseline.maxAge === undefined ? null : parseDuration(baseline.maxAge) },
    cardRequires: declared.model.card.require,
  };
}

/** `@anna`, `maintain`, or the slug of a team. */
export function parsePrincipal(written: string): Principal {
  if (written.startsWith('@')) return { kind: 'person', login: written.slice(1) };
  const role = grantedRoles.find((one) => one === written);
  return role ? { kind: 'role', role } : { kind: 'team', slug: written };
}

export const showPrincipal = (one: Principal): string =>
  one.kind === 'person' ? `@${one.login}` : one.kind === 'role' ? `everyone with ${one.role}` : `team ${one.slug}`;

/**
 * Whether a person is meant by a principal. `unknown` where the team could not be read, which is neither yes nor no.
 * A role means that role or a greater one. Logins are compared as GitHub does, without case.
 */
export function isMeant(one: Principal, person: Person, role: Role, teams: PeopleFacts['teams']): boolean | 'unknown' {
  if (one.kind === 'person') return one.login.toLowerCase() === person.login.toLowerCase();
  if (one.kind === 'role') return grantedRoles.indexOf(role) >= grantedRoles.indexOf(one.role);
  const members = Object.hasOwn(teams, one.slug) ? teams[one.slug] : 'unreadable';
  return members === 'unreadable' || members === undefined ? 'unknown' : members.includes(person.id);
}

/** Whether a person may ask for a promotion, a rollback or a hold: with write access, and among the requesters where there are some. */
export function mayRequest({ requesters }: StagePolicy, person: Person, role: Role, teams: PeopleFacts['teams']): boolean | 'unknown' {
  if (!grantedRoles.includes(role)) return false;
  if (!requesters) return true;
  const answers = requesters.map((one) => isMeant(one, person, role, teams));
  return answers.includes(true) || (answers.includes('unknown') ? 'unknown' : false);
}
