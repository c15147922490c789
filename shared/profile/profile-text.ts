import { canonicalJson } from '../digest/canonical-json.ts';
import type { Profile } from './profile.ts';

/** The file's text: canonical, so that equal profiles are equal files. */
export const profileText = (profile: Profile): string => `${canonicalJson(profile)}\n`;
