import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { readArchive } from '../../../shared/source/read-archive.ts';

const limits = { entries: 10, fileBytes: 1_000, totalBytes: 1_500 };
const text = (content: string) => new TextEncoder().encode(content);
const why = (zip: Uint8Array, some = limits) => {
  try {
    readArchive(zip, some);
  } catch (error) {
    if (error instanceof UserError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'read';
};

it('gives the files that are wanted, by name', () => {
  const zip = zipSync({ 'churn/training.json': text('{}'), 'churn/training/model.onnx': text('model'), 'churn/empty': new Uint8Array() });
  expect([...readArchive(zip, limits, (name) => name.endsWith('.json'))]).toEqual([['churn/training.json', text('{}')]]);
  expect([...readArchive(zip, limits).keys()].sort()).toEqual(['churn/empty', 'churn/training.json', 'churn/training/model.onnx']);
});

it.each(['../x', 'a/../../x', '/etc/passwd', 'a\\..\\x', 'C:/x', 'a/./b', 'a//b', 'a\0b', '__proto__', 'a/__proto__'])(
  'attack: zip with the name %j',
  (name) => {
    // Behind a name that fflate can write: the same length, put in afterwards where an object could not hold it.
    const stand = 'x'.repeat(text(name).length);
    const zip = replace(zipSync({ [stand]: text('x') }), stand, name);
    expect(why(zip)).toMatch(/^ARCHIVE_REFUSED .*leaves its folder/);
  },
);

it('attack: zip bomb, by what it says and by what it does', () => {
  expect(why(zipSync({ a: new Uint8Array(1_001) }))).toMatch(/unpacks to more than 1000/);
  expect(why(zipSync({ a: new Uint8Array(900), b: new Uint8Array(900) }))).toMatch(/unpacks to more than/);
  // Says 10 bytes in both places, and holds a million zeros: no more than it said is ever unpacked.
  const liar = lie(zipSync({ a: [new Uint8Array(1_000_000), { level: 9 }] }), 1_000_000, 10);
  expect([
    why(liar),
    (() => {
      try {
        return [...readArchive(liar, limits).values()].map((bytes) => bytes.byteLength);
      } catch {
        return [];
      }
    })(),
  ]).toSatisfy(([said, sizes]) => said !== 'read' || sizes.every((size: number) => size <= 10));
  expect(why(zipSync(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`f${index}`, text('x')]))))).toMatch(
    /more than 10 files/,
  );
});

it('refuses a name that stands twice, and what is no zip', () => {
  expect(why(replace(zipSync({ aa: text('1'), ab: text('2') }), 'ab', 'aa'))).toMatch(/stands in it twice/);
  expect(why(text('no zip at all'))).toMatch(/no zip/);
});

function replace(zip: Uint8Array, from: string, to: string): Uint8Array {
  const [old, made] = [Buffer.from(from), Buffer.from(to)];
  const out = Buffer.from(zip);
  for (let at = out.indexOf(old); at !== -1; at = out.indexOf(old, at + old.length)) made.copy(out, at);
  return out;
}

function lie(zip: Uint8Array, size: number, said: number): Uint8Array {
  const out = Buffer.from(zip);
  const [truth, word] = [Buffer.alloc(4), Buffer.alloc(4)];
  truth.writeUInt32LE(size);
  word.writeUInt32LE(said);
  for (let at = out.indexOf(truth); at !== -1; at = out.indexOf(truth, at + 4)) word.copy(out, at);
  return out;
}
