import type { CommandModule } from './command.ts';

interface Entry {
  /** Repeats the command's own summary (a test holds them together), so that the list of commands loads none of them. */
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order in which help lists them. One line a command; its code loads when it is called. */
export const commandTable: Readonly<Record<string, Entry>> = {
  plan: { summary: 'Check the configuration and list the models that a change reaches', load: () => import('./commands/plan.ts') },
  help: { summary: 'Explain a command', load: () => import('./commands/help.ts') },
};
