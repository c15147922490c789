import type { Person, Role } from '../../shared/promotion/forge.ts';
import type { BotContext, Reply } from '../bot-context.ts';

/** A command as the parser understood it: its words, checked for form only. */
export type CommandLine =
  | {
      readonly name: 'promote';
      readonly model: string;
      readonly version: number;
      readonly stage: string;
      readonly dryRun: boolean;
      readonly reason: string | null;
    }
  | {
      readonly name: 'rollback';
      readonly model: string;
      readonly stage: string;
      readonly to: number | null;
      readonly dryRun: boolean;
      readonly reason: string | null;
    }
  | {
      readonly name: 'canary';
      readonly model: string;
      readonly stage: string;
      readonly action: 'pause' | 'resume' | 'promote' | 'abort' | { readonly set: number };
    }
  | { readonly name: 'drift'; readonly model: string; readonly window: string | null }
  | { readonly name: 'diff'; readonly model: string; readonly versions: readonly [number, number] | null }
  | { readonly name: 'why' }
  | { readonly name: 'help'; readonly command: string | null }
  | { readonly name: 'status'; readonly model: string | null }
  | { readonly name: 'run' }
  | { readonly name: 'hold'; readonly model: string; readonly stage: string | null; readonly reason: string; readonly until: string | null }
  | { readonly name: 'unhold'; readonly model: string; readonly stage: string | null }
  | { readonly name: 'override'; readonly gate: string; readonly reason: string }
  | { readonly name: 'retry'; readonly gate: string }
  | { readonly name: 'cancel' };
export type CommandName = CommandLine['name'];

/** Who asked, where, and the fact that made it. */
export interface CommandCall {
  readonly context: BotContext;
  /** Issue or pull request that the comment is on. */
  readonly number: number;
  readonly onPull: boolean;
  readonly actor: Person;
  /** Asked of GitHub for this command. */
  readonly role: Role;
  /** `comment:<id>:<line>`. */
  readonly cause: string;
  readonly commentUrl: string | null;
}

/** Carries out one command; refusals are replies, not errors. */
export type Execute<Name extends CommandName = CommandName> = (
  line: Extract<CommandLine, { name: Name }>,
  call: CommandCall,
) => Promise<Reply>;
