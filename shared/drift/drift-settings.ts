import { UserError } from '../errors.ts';

/** What decides, and by which limits. */
export interface DriftSettings {
  /** Rate of false discoveries over the run; .05. */
  readonly alpha: number;
  /** Effect from which a shown change is a shift, and from which it is drift. */
  readonly shift: number;
  readonly alarm: number;
  /** Drift must hold in k of the last m windows, this one included. */
  readonly agree: { readonly k: number; readonly m: number };
  /** Also an alarm where this share of the compared columns shifted or drifted; null: never. */
  readonly shareLimit: number | null;
  /** auto: learnt from the reference's own windows; a number: given. */
  readonly dispersion: 'auto' | number;
  /** Columns compared as what they are told to be, rather than by what they hold. */
  readonly types: Readonly<Record<string, 'numeric' | 'categorical'>>;
  /** Columns of the profiles that aren't compared: ids, times, what was excluded. */
  readonly ignore: readonly string[];
  /** The column whose newest value must not be older than `maxAge` milliseconds; every time column where it is null. */
  readonly time: string | null;
  readonly maxAge: number | null;
  /** `allow`: rare categories are named too. */
  readonly values: 'allow' | 'deny';
}

export const defaultDriftSettings: DriftSettings = {
  alpha: 0.05,
  shift: 0.03,
  alarm: 0.1,
  agree: { k: 2, m: 3 },
  shareLimit: null,
  dispersion: 'auto',
  types: {},
  ignore: [],
  time: null,
  maxAge: null,
  values: 'deny',
};

/** What a configuration or a command line says; the rest is the default. */
export interface DriftRequest extends Partial<Omit<DriftSettings, 'agree'>> {
  /** `2 of 3`. */
  readonly agree?: string | DriftSettings['agree'];
}

/**
 * @throws UserError `DRIFT_SETTINGS` for limits that contradict each other
 */
export function readDriftSettings(request: DriftRequest): DriftSettings {
  const agree = typeof request.agree === 'string' ? agreeOf(request.agree) : (request.agree ?? defaultDriftSettings.agree);
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const settings: DriftSettings = { ...defaultDriftSettings, ...given, agree };
  const { shift, alarm, alpha, shareLimit, dispersion } = settings;
  for (const [name, share] of Object.entries({ shift, alarm, alpha, ...(shareLimit !== null && { shareLimit }) })) {
    if (!(share > 0 && share <= 1)) throw wrong(`${name} is ${share}: no share of rows.`, `Write ${name} as a number above 0 and up to 1.`);
  }
  if (shift > alarm)
    throw wrong(`shift (${shift}) is above alarm (${alarm}).`, 'A shift is the smaller change: lower shift, or raise alarm.');
  if (dispersion !== 'auto' && !(dispersion >= 1)) throw wrong(`dispersion is ${dispersion}.`, 'Write auto, or a number of at least 1.');
  if (agree.k > agree.m || agree.k < 1) throw wrong(`agree is ${agree.k} of ${agree.m}.`, 'Write K of M with K up to M, such as 2 of 3.');
  return settings;
}

function agreeOf(text: string): DriftSettings['agree'] {
  const [, k, m] = /^\s*(\d{1,2})\s+of\s+(\d{1,2})\s*$/.exec(text) ?? [];
  if (k === undefined || m === undefined) throw wrong(`agree is \`${text}\`.`, 'Write K of M, such as 2 of 3.');
  return { k: Number(k), m: Number(m) };
}

const wrong = (message: string, hint: string) => new UserError('DRIFT_SETTINGS', message, hint);
