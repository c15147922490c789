import type { RunningBotProcess } from '../../test/support/bot/run-bot.ts';
import type { GitHub } from '../../test/support/github/open-github.ts';
import type { Flights } from './flights.ts';
import type { Processes } from './processes.ts';
import type { Teller } from './tell.ts';

/** What every act plays with. */
export interface DemoParts {
  readonly github: GitHub;
  readonly bot: RunningBotProcess;
  readonly processes: Processes;
  readonly teller: Teller;
  readonly flights: Flights;
  /** Folder of the demo; gone after it. */
  readonly top: string;
  /** One below it, made where it is missing. */
  folder(name: string): string;
  /** Where the built command line lies, and this demo's own scripts. */
  readonly dist: string;
  readonly scripts: string;
  readonly root: string;
  /** Where `weighin serve` will listen. */
  readonly serverPort: number;
  /** Seconds that stand for an hour. */
  readonly hour: number;
}
