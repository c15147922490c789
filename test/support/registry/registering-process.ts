import { createFolderStore } from '../../../shared/adapters/folder-store/create-folder-store.ts';
import { registerVersion } from '../../../shared/registry/register-version.ts';
import { registration } from './version-draft.ts';

/**
 * A process of its own that registers: bundled and started by the tests of concurrency and of crashes.
 * Arguments: folder of the store, seed, how many, bytes of each model. Waits for a byte on standard input, so that all begin at once.
 */
const [folder = '', seed = '', count = '1', bytes = '64'] = process.argv.slice(2);
const store = createFolderStore(folder);
process.stdout.write('ready\n');
process.stdin.once('data', async () => {
  process.stdin.pause();
  for (let index = 0; index < Number(count); index++) {
    const claim = await registerVersion(store, registration({ seed: `${seed}.${index}`, bytes: Number(bytes) }));
    process.stdout.write(`v${claim.record.number}\n`);
  }
});
