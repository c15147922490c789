import type { MetricResult } from '../evaluation/evaluation-result.ts';

export type Unit = MetricResult['unit'];

const minus = (text: string) => text.replace(/^-/, '−');

/** A share or a plain number as reviewers read it: `.061`, `−.0045`, `12.3`. Three decimals, more where fewer than two digits would be left. */
function plain(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-6 || size >= 1e6) return minus(value.toPrecision(3));
  if (size >= 100) return minus(value.toFixed(1));
  const decimals = size >= 10 ? 2 : Math.max(3, 1 - Math.floor(Math.log10(size)));
  const text = value.toFixed(decimals).replace(/(\.\d{3}\d*?)0+$/, '$1');
  return minus(text.replace(/^(-?)0\./, '$1.'));
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];
function bytes(value: number): string {
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${value < 0 ? '−' : ''}${unit === 0 ? size : Number(size.toPrecision(3))} ${SIZES[unit]}`;
}

/** A value with its unit, for sentences. */
export function figure(value: number, unit: Unit): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'ms') return `${minus(String(Number(value.toPrecision(3))))} ms`;
  if (unit === 'count') return wholeNumber(value);
  return plain(value);
}

/** `12.3 %`. */
export const percent = (share: number): string => `${minus(String(Number((share * 100).toPrecision(3))))} %`;

/** `21,340`. */
export const wholeNumber = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
