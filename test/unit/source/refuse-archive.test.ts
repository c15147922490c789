import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../../shared/source/read-archive.ts';

const limits = { maxBytes: 5_000_000, maxFiles: 100, allow: () => true };
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const refused = { code: 'ARTIFACT_REFUSED' };

/** A zip with bytes of its directory overwritten: what a library would never write. */
function patched(zip: Uint8Array, patch: (view: DataView, entry: number) => void): Uint8Array {
  const copy = zip.slice();
  const view = new DataView(copy.buffer);
  const end = copy.length - 22;
  patch(view, view.getUint32(end + 16, true));
  return copy;
}

describe('an artifact', () => {
  it('gives its files, packed or stored', async () => {
    const zip = zipSync({ 'churn/report.json': strToU8('{"a":1}'), 'churn/note.md': [strToU8('hello'), { level: 0 }] });
    const files = await readArchive(zip, limits);
    expect([...files].map(([path, bytes]) => [path, text(bytes)])).toEqual([
      ['churn/report.json', '{"a":1}'],
      ['churn/note.md', 'hello'],
    ]);
  });

  it('gives what is asked for alone', async () => {
    const zip = zipSync({ 'churn/report.json': strToU8('{}'), 'churn/report.html': strToU8('<p>') });
    expect([...(await readArchive(zip, { ...limits, allow: (path) => path.endsWith('.json') })).keys()]).toEqual(['churn/report.json']);
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'a\\b', 'C:/x', './x', 'a//b', 'a/\u0000b'])(
    'refuses the path %j, wanted or not',
    async (path) => {
      const zip = zipSync({ [path]: strToU8('x') });
      await expect(readArchive(zip, { ...limits, allow: () => false })).rejects.toMatchObject(refused);
    },
  );

  it('refuses a link', async () => {
    const zip = patched(zipSync({ 'churn/report.json': strToU8('/etc/passwd') }), (view, entry) =>
      view.setUint32(entry + 38, (0o120777 << 16) >>> 0, true),
    );
    await expect(readArchive(zip, limits)).rejects.toThrow(/link/);
  });

  it('refuses a name twice, also in other case', async () => {
    const zip = zipSync({ 'churn/a.json': strToU8('1'), 'churn/A.json': strToU8('2') });
    await expect(readArchive(zip, limits)).rejects.toThrow(/twice/);
  });

  it('refuses more files than allowed', async () => {
    const zip = zipSync(Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}`, strToU8('')])));
    await expect(readArchive(zip, limits)).rejects.toThrow(/101 files/);
  });

  it('refuses a bomb by its size, by its ratio, and by a size that it does not confess', async () => {
    const bomb = zipSync({ 'churn/report.json': new Uint8Array(20_000_000) });
    expect(bomb.length).toBeLessThan(50_000);
    await expect(readArchive(bomb, limits)).rejects.toThrow(/more than 5000000 bytes/);
    await expect(readArchive(bomb, { ...limits, maxBytes: 50_000_000 })).rejects.toThrow(/bomb/);
    const liar = patched(bomb, (view, entry) => view.setUint32(entry + 24, 10, true));
    await expect(readArchive(liar, { ...limits, maxBytes: 50_000_000 })).rejects.toThrow(/more than it says/);
  });

  it('counts all files together', async () => {
    const noise = Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 2654435761) >>> 13);
    const zip = zipSync({ a: noise, b: noise, c: noise }, { level: 0 });
    await expect(readArchive(zip, limits)).rejects.toThrow(/more than 5000000 bytes/);
  });

  it('refuses a directory that its local headers contradict, and files that share bytes', async () => {
    const zip = zipSync({ 'good.json': strToU8('1'), 'evil.json': strToU8('2') }, { level: 0 });
    const renamed = patched(zip, (view) => view.setUint8(30, 'x'.charCodeAt(0)));
    await expect(readArchive(renamed, limits)).rejects.toThrow(/two ways/);
    const shared = patched(zip, (view, entry) => view.setUint32(entry + 20, 60, true));
    await expect(readArchive(shared, limits)).rejects.toThrow(/overlap/);
  });

  it('refuses damage: other bytes than the checksum says, a cut file, no zip at all', async () => {
    const zip = zipSync({ a: strToU8('hello') }, { level: 0 });
    const changed = zip.slice();
    changed[31] = 0x48;
    await expect(readArchive(changed, limits)).rejects.toThrow(/broken/);
    await expect(readArchive(zip.slice(0, -1), limits)).rejects.toThrow(/no zip/);
    await expect(readArchive(strToU8('<html>'), limits)).rejects.toThrow(/no zip/);
  });

  it('refuses zip64 and encryption', async () => {
    const zip = zipSync({ a: strToU8('hello') });
    await expect(
      readArchive(
        patched(zip, (view, entry) => view.setUint32(entry + 24, 0xffffffff, true)),
        limits,
      ),
    ).rejects.toThrow(/larger/);
    await expect(
      readArchive(
        patched(zip, (view, entry) => view.setUint16(entry + 8, 1, true)),
        limits,
      ),
    ).rejects.toThrow(/encrypted/);
  });
});
