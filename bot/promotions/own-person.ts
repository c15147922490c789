import type { Forge, Person } from '../../shared/promotion/forge.ts';

/** The bot as an actor of events. */
export const ownPerson = ({ identity }: Pick<Forge, 'identity'>): Person => ({ id: identity.id, login: identity.login, type: 'Bot' });
