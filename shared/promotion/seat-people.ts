import type { Person } from './forge.ts';

/**
 * Gives as many seats as possible to different people, each to one who fits it: somebody of two teams speaks for one of them. Seats
 * that name a team are filled first, and people move along where that makes room (augmenting paths). By account id, the seat's team
 * or null for a free one; as large as the number of seats that could be filled.
 */
export function seatPeople(
  seats: readonly (string | null)[],
  people: readonly Person[],
  fits: (person: Person, seat: string | null) => boolean,
): ReadonlyMap<number, string | null> {
  const holder = new Map<number, Person>();
  const place = (seat: number, tried: Set<number>): boolean => {
    for (const person of people) {
      if (tried.has(person.id) || !fits(person, seats[seat] ?? null)) continue;
      tried.add(person.id);
      const at = [...holder].find(([, { id }]) => id === person.id)?.[0];
      if (at === undefined || place(at, tried)) {
        holder.set(seat, person);
        return true;
      }
    }
    return false;
  };
  for (const seat of seats.keys()) place(seat, new Set());
  return new Map([...holder].map(([seat, { id }]) => [id, seats[seat] ?? null]));
}
