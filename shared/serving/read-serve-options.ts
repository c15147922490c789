import { parseBytes } from '../config/quantities.ts';
import { UserError } from '../errors.ts';
import { clipText, visibleText } from '../words/visible-text.ts';
import { RefusedRequest } from './refused-request.ts';
import type { Fallback, ServingSettings } from './serving-engine.ts';
import { checkedWeights, type Weights } from './traffic-weights.ts';

/** `churn`, `churn@v12` or `churn@production`. */
export function readServedName(text: string): { readonly model: string; readonly version: number | null; readonly stage: string | null } {
  const [, model, digits, stage] = /^([a-z0-9][a-z0-9-]{0,62})(?:@(?:v?([1-9]\d{0,8})|([a-z0-9][a-z0-9-]{0,62})))?$/.exec(text) ?? [];
  if (model === undefined)
    throw new UserError('MODEL_NAME_INVALID', `${JSON.stringify(text)} names no model.`, 'Write churn@production, churn@v12, or churn.');
  return { model, version: digits === undefined ? null : Number(digits), stage: stage ?? (digits === undefined ? 'production' : null) };
}

/** `model.onnx`, or `v11=old.onnx,v12=new.onnx`. */
export function readModelFiles(text: string): ReadonlyMap<string, string> {
  const parts = text.split(',').map((part) => /^(v[1-9]\d{0,8})=(.+)$/.exec(part.trim()));
  if (!parts.every((part) => part !== null)) return new Map([['v1', text]]);
  const files = new Map(parts.map((part) => [part[1]!, part[2]!]));
  if (files.size !== parts.length) throw wrong('model', 'names a version twice', '--model v11=old.onnx,v12=new.onnx');
  return files;
}

/** `v11=95,v12=5`. */
export function readWeights(text: string): Weights {
  const entries = text.split(',').map((part) => {
    const [, version, weight] = /^\s*v?([1-9]\d{0,8})\s*=\s*(\d+(?:\.\d+)?)%?\s*$/.exec(part) ?? [];
    if (version === undefined) throw wrong('versions', 'must be a list of versions with percentages', '--versions v11=95,v12=5');
    return [`v${version}`, Number(weight)] as const;
  });
  try {
    return checkedWeights(entries);
  } catch (error) {
    if (error instanceof RefusedRequest)
      throw wrong('versions', `is not right: ${error.message.replace(/^The weights are not right: |\.$/g, '')}`, '--versions v11=95,v12=5');
    throw error;
  }
}

/** `v11`, a number, or a label. */
export function readFallback(text: string | undefined): Fallback | null {
  if (text === undefined) return null;
  if (/^v[1-9]\d{0,8}$/.test(text)) return { version: text };
  const number = Number(text);
  return { constant: text.trim() !== '' && Number.isFinite(number) ? number : text };
}

/** `user_id`, or `header:x-user-id`. */
export function readSticky(text: string | undefined): ServingSettings['sticky'] {
  if (text === undefined) return null;
  const header = /^header:([A-Za-z0-9-]+)$/.exec(text)?.[1];
  return header === undefined ? { field: text } : { header: header.toLowerCase() };
}

/** Whole numbers within bounds. */
export function readCount(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw wrong(name, `must be a whole number from ${low} to ${high}`, `--${name} ${low}`);
}

export function readShare(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw wrong(name, 'must be from 0 to 1', `--${name} 0.1`);
}

export function readSize(name: string, text: string): number {
  try {
    const bytes = parseBytes(/^\d+$/.test(text) ? Number(text) : text);
    if (bytes > 0) return bytes;
  } catch {
    // Said below.
  }
  throw wrong(name, `must be a size above 0 in B, KB, MB or GB, not "${clipText(visibleText(text), 30)}"`, `--${name} 1MB`);
}

const wrong = (name: string, why: string, example: string) =>
  new UserError('FLAG_INVALID', `\`--${name}\` ${why}.`, `For example \`${example}\`.`);
