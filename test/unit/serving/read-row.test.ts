import { describe, expect, it } from 'vitest';
import { readRow } from '../../../shared/serving/read-row.ts';
import type { ServedField } from '../../../shared/serving/served-field.ts';

const field = (name: string, type: ServedField['type'] = 'number', more: Partial<ServedField> = {}): ServedField => ({
  name,
  type,
  source: null,
  required: false,
  ...more,
});
const read = (row: unknown, ...fields: ServedField[]) => readRow(row, fields, new Set([...fields.map(({ name }) => name), 'id']), '');
const refusal = (row: unknown, ...fields: ServedField[]) => {
  try {
    read(row, ...fields);
  } catch (error) {
    const { status, code, field: at, message } = error as { status: number; code: string; field?: string; message: string };
    return { status, code, at, message };
  }
  return null;
};

describe('a row', () => {
  it('gives values in the order of the fields', () => {
    expect(read({ plan: 'basic', id: 'a', age: 40, active: true }, field('age'), field('active'), field('plan', 'text'))).toEqual([
      40,
      1,
      'basic',
    ]);
    expect(read({ age: null, plan: null }, field('age'), field('plan', 'text'))).toEqual([Number.NaN, null]);
    const day = field('day', 'number', { source: 'date' });
    expect(read({ day: '2026-01-05' }, day)).toEqual([Date.UTC(2026, 0, 5)]);
    expect(read({ day: '2026-01-05T01:00:00+01:00' }, day)).toEqual([Date.UTC(2026, 0, 5)]);
    expect(read({ day: '2026-01-05T01:00:00' }, day)).toEqual([Date.UTC(2026, 0, 5, 1)]);
  });

  it('is refused by its field, and the message holds no value', () => {
    const secret = 'secret-4711';
    const cases: [unknown, ServedField, string][] = [
      [{}, field('age'), 'FIELD_MISSING'],
      [{ age: null }, field('age', 'number', { required: true }), 'FIELD_MISSING'],
      [{ age: secret }, field('age'), 'FIELD_TYPE'],
      [{ age: [4711] }, field('age'), 'FIELD_TYPE'],
      [{ age: 4711.5 }, field('age', 'integer'), 'FIELD_TYPE'],
      [{ age: Number.POSITIVE_INFINITY }, field('age'), 'FIELD_TYPE'],
      [{ age: 4711 }, field('age', 'text'), 'FIELD_TYPE'],
      [{ age: secret }, field('age', 'number', { source: 'date' }), 'FIELD_TYPE'],
      [{ age: 4711 }, field('age', 'number', { minimum: 0, maximum: 120 }), 'FIELD_RANGE'],
      [{ age: 0 }, field('age', 'number', { exclusiveMinimum: 0 }), 'FIELD_RANGE'],
      [{ age: 120 }, field('age', 'number', { exclusiveMaximum: 120 }), 'FIELD_RANGE'],
      [{ age: secret }, field('age', 'text', { accepted: new Set(['basic']) }), 'FIELD_NOT_ACCEPTED'],
    ];
    for (const [row, one, code] of cases) {
      const found = refusal(row, one);
      expect(found).toMatchObject({ status: 422, code, at: 'age' });
      expect(found?.message).not.toContain('4711');
    }
    expect(refusal({ age: 1, agee: 2 }, field('age'))).toMatchObject({
      code: 'FIELD_UNKNOWN',
      at: 'agee',
      message: expect.stringContaining('Did you mean age?'),
    });
    expect(refusal({ age: Number.POSITIVE_INFINITY }, field('age'))?.message).toBe(
      'age must be a finite number, and it is larger than any.',
    );
    expect(refusal([1], field('age'))).toMatchObject({ code: 'ROW_NOT_AN_OBJECT' });
  });

  it('is read by its own keys alone', () => {
    expect(refusal(JSON.parse('{"__proto__": {"age": 1}}'), field('age'))).toMatchObject({ code: 'FIELD_MISSING' });
    expect(refusal({}, field('constructor', 'text'))).toMatchObject({ code: 'FIELD_MISSING' });
  });

  it('takes the ends of a range', () => {
    const age = field('age', 'number', { minimum: 0, maximum: 120 });
    expect([read({ age: 0 }, age), read({ age: 120 }, age)]).toEqual([[0], [120]]);
  });
});
