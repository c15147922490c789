import { InfrastructureError } from '../../errors.ts';

/**
 * The answer, or InfrastructureError LATE: whoever guards waits for nobody. What comes later is dropped, its errors too. Real time, also
 * where a test's clock stands: work that answers at once meets no timer.
 */
export async function within<Answer>(milliseconds: number, what: string, work: () => Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new InfrastructureError('LATE', `${what} took longer than ${(milliseconds / 1000).toFixed(0)} s.`)),
      milliseconds,
    );
  });
  const answer = work();
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
