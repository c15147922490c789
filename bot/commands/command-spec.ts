import type { CommandName } from './command-line.ts';

/** A place in a command's line, in order. Each fills fields of the command (`CommandLine`) that the parser makes. */
export interface Slot {
  readonly is: SlotKind;
  /** Only with one other field than its kind's own name. */
  readonly field?: 'to';
  readonly optional?: true;
  /** The word `to` before it: it may stand there, or it must. */
  readonly to?: 'may' | 'must';
}
export type SlotKind = 'model-version' | 'model' | 'stage' | 'version' | 'versions' | 'gate' | 'command' | 'traffic';

export interface OptionSlot {
  readonly name: OptionName;
  readonly required?: true;
}
export type OptionName = 'dry-run' | 'reason' | 'until' | 'window';

/** What a reply's code says, and what to do then. */
export interface ReplyCode {
  readonly code: string;
  readonly says: string;
  readonly next: string;
}

export interface CommandSpec {
  readonly name: CommandName;
  /** Whether it also works without `/weighin` before it. */
  readonly alone: boolean;
  readonly slots: readonly Slot[];
  readonly options: readonly OptionSlot[];
  /** One line, as lists show it. */
  readonly summary: string;
  /** Sentences; what stands in backticks is code. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
  /**
   * `read`, `write`: the role in the repository that it takes, or more. `requesters`: those whom the stage's `requesters:` names on the
   * default branch, and everyone with write where it names nobody.
   */
  readonly may: 'read' | 'write' | 'requesters';
  /** Besides those that every command can answer with. */
  readonly codes: readonly ReplyCode[];
}

const shown: Readonly<Record<SlotKind, string>> = {
  'model-version': '<model>@<version>',
  model: '<model>',
  stage: '<stage>',
  version: '<version>',
  versions: '<version> <version>',
  gate: '<gate>',
  command: '<command>',
  traffic: 'pause|resume|promote|abort|set <percent>',
};
const shownOptions: Readonly<Record<OptionName, string>> = {
  'dry-run': '--dry-run',
  reason: '--reason "…"',
  until: '--until <time>',
  window: '--window <duration>',
};

/** `/promote <model>@<version> [to] <stage> [--dry-run] [--reason "…"]`. */
export function usageOf({ name, alone, slots, options }: CommandSpec): string {
  const places = slots.map(({ is, to, optional }) => {
    const place = `${to === 'may' ? '[to] ' : to === 'must' ? 'to ' : ''}${shown[is]}`;
    return optional ? `[${place}]` : place;
  });
  const flags = options.map((option) => (option.required ? shownOptions[option.name] : `[${shownOptions[option.name]}]`));
  return [alone ? `/${name}` : `/weighin ${name}`, ...places, ...flags].join(' ');
}
