import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { readArchive } from '../../../shared/source/read-archive.ts';

const limits = { maxFiles: 10, maxFileBytes: 1_000, maxBytes: 1_500, allow: (_name: string) => true };
const text = (content: string) => new TextEncoder().encode(content);
const why = async (zip: Uint8Array) => {
  try {
    await readArchive(zip, limits);
  } catch (error) {
    if (error instanceof UserError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'read';
};

it('gives the files that are wanted, by name', async () => {
  const zip = zipSync({ 'churn/training.json': text('{}'), 'churn/training/model.onnx': text('model'), 'churn/empty': new Uint8Array() });
  expect([...(await readArchive(zip, { ...limits, allow: (name) => name.endsWith('.json') }))]).toEqual([
    ['churn/training.json', text('{}')],
  ]);
  expect([...(await readArchive(zip, limits)).keys()].sort()).toEqual(['churn/empty', 'churn/training.json', 'churn/training/model.onnx']);
});

it.each(['../x', 'a/../../x', '/etc/passwd', 'a\\..\\x', 'C:/x', 'a/./b', 'a//b', 'a\0b', '__proto__', 'a/__proto__'])(
  'attack: zip with the name %j',
  async (name) => {
    // Behind a name that fflate can write: the same length, put in afterwards where an object could not hold it.
    const stand = 'x'.repeat(text(name).length);
    const zip = replace(zipSync({ [stand]: text('x') }), stand, name);
    expect(await why(zip)).toMatch(/^ARTIFACT_REFUSED .*leaves its folder/);
  },
);

it('attack: zip bomb, by what it says and by what it does', async () => {
  expect(await why(zipSync({ a: new Uint8Array(1_001) }))).toMatch(/unpacks to more than 1000/);
  expect(await why(zipSync({ a: new Uint8Array(900), b: new Uint8Array(900) }))).toMatch(/unpacks to more than/);
  // Says 10 bytes in both places, and holds a million zeros.
  const liar = lie(zipSync({ a: [new Uint8Array(1_000_000), { level: 9 }] }), 1_000_000, 10);
  expect(await why(liar)).toMatch(/unpacks to more than it says/);
  expect(await why(zipSync(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`f${index}`, text('x')]))))).toMatch(
    /holds 11 files; at most 10/,
  );
});

it('refuses a name that stands twice, and what is no zip', async () => {
  expect(await why(replace(zipSync({ aa: text('1'), ab: text('2') }), 'ab', 'aa'))).toMatch(/names a file twice/);
  expect(await why(text('no zip at all'))).toMatch(/no zip/);
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
