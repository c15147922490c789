import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's own folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the script with one line that says what went wrong, exit code 3: the surroundings' fault. */
export function stop(message) {
  console.error(`error: ${message}`);
  process.exit(3);
}
