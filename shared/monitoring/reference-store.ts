import type { Profile } from '../profile/profile.ts';
import { profileText } from '../profile/profile-text.ts';
import { readProfile } from '../profile/read-profile.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { checkedName } from '../registry/version-name.ts';
import { countedAs, type WindowSeries } from './window-store.ts';

export interface ReferenceKey extends Pick<WindowSeries, 'milliseconds' | 'by'> {
  readonly model: string;
  /** Version of the dataset that a model was trained on. */
  readonly dataset: string;
}

/** `monitoring/<model>/reference/<dataset>.<how it was counted>.json`: of the training rows, written once, read by every run since. */
const prefixOf = ({ model, dataset }: ReferenceKey) => `monitoring/${checkedName(model, 'model')}/reference/${dataset.slice(7, 39)}.`;

/** @returns false where there was one already, which stays */
export const keepReference = (store: Pick<ObjectStore, 'create'>, key: ReferenceKey, profile: Profile): Promise<boolean> =>
  store.create(`${prefixOf(key)}${countedAs(key)}.json`, new TextEncoder().encode(profileText(profile)));

/** Null where no run kept one. @throws what `readProfile` throws of a damaged one, or of another schema version */
export async function readReference(store: Pick<ObjectStore, 'read'>, key: ReferenceKey): Promise<Profile | null> {
  const name = `${prefixOf(key)}${countedAs(key)}.json`;
  const bytes = await store.read(name);
  return bytes ? readProfile(new TextDecoder().decode(bytes), name) : null;
}

export interface AnswersKey {
  readonly model: string;
  /** Digest of the model's bytes. */
  readonly subject: string;
}

/** `monitoring/<model>/reference/<model's digest>.answers.json`: what a model answered to its test rows. */
const answersName = ({ model, subject }: AnswersKey) =>
  `monitoring/${checkedName(model, 'model')}/reference/${subject.slice(7, 39)}.answers.json`;

/** @returns false where there was one already, which stays */
export const keepAnswers = (store: Pick<ObjectStore, 'create'>, key: AnswersKey, profile: Profile): Promise<boolean> =>
  store.create(answersName(key), new TextEncoder().encode(profileText(profile)));

/** Null where the version was registered before answers were kept. @throws what `readProfile` throws */
export async function readAnswers(store: Pick<ObjectStore, 'read'>, key: AnswersKey): Promise<Profile | null> {
  const bytes = await store.read(answersName(key));
  return bytes ? readProfile(new TextDecoder().decode(bytes), answersName(key)) : null;
}
