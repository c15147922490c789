import { isLost } from './forge-error.ts';
import { lostAttempts, secondsBefore, type Transport } from './transport.ts';

/** Reads again what broke off under way, twice. `read` must not repeat by itself. @throws InfrastructureError FORGE_UNREACHABLE */
export async function repeatLost<Result>(transport: Pick<Transport, 'pause'>, read: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!isLost(error) || attempt >= lostAttempts) throw error;
      await transport.pause(secondsBefore(attempt));
    }
  }
}
