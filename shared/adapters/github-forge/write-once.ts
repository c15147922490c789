import { isLost } from './forge-error.ts';
import { lostAttempts, secondsBefore, type Transport } from './transport.ts';

/**
 * A write that must not happen twice: after a lost answer it looks whether the write arrived, and only then sends it again. `send` must
 * not repeat by itself (`again: false`). @throws InfrastructureError FORGE_UNREACHABLE
 */
export async function writeOnce<Result>(
  transport: Pick<Transport, 'pause'>,
  write: { readonly send: () => Promise<Result>; readonly arrived: () => Promise<Result | null> },
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write.send();
    } catch (error) {
      if (!isLost(error)) throw error;
      // The write may still be under way: it is looked for after the pause.
      await transport.pause(secondsBefore(attempt));
      const found = await write.arrived();
      if (found !== null) return found;
      if (attempt >= lostAttempts) throw error;
    }
  }
}
