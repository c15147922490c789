import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchBytes } from '../../../../shared/adapters/metric-sources/fetch-bytes.ts';
import { readSourceAddress } from '../../../../shared/rollout/sources/source-address.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});
async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer as never).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  open.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const wish = { accept: 'text/plain', token: null, timeout: 5000, limit: 10_000 };

describe('a page of metrics', () => {
  it('does not lead the guard to where only the guard can go', async () => {
    let asked = 0;
    const inner = await serve((_, response) => {
      asked++;
      response.end('secret_of_the_cloud 1');
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const pod = await serve((_, response) => response.writeHead(status, { location: `http://${inner}/latest/meta-data` }).end('moved'));
      const got = await fetchBytes(readSourceAddress(`http://${pod}/metrics`), wish);
      expect(got).toMatchObject({ is: 'unreachable', detail: expect.stringContaining(`answers ${status}: a redirect is not followed`) });
    }
    expect(asked).toBe(0);
  });

  it('takes no more memory than its limit, also where it is compressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    expect(bomb.byteLength).toBeLessThan(30_000);
    const pod = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await fetchBytes(readSourceAddress(`http://${pod}/metrics`), { ...wish, limit: 1_000_000 })).toMatchObject({ is: 'too-large' });
  });

  it('that comes drop by drop is late, and says no password', async () => {
    const pod = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('# \n'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const got = await fetchBytes(readSourceAddress(`http://me:hidden@${pod}/metrics?key=hidden`), { ...wish, timeout: 200 });
    expect(got.is).toBe('late');
    expect(JSON.stringify(got)).not.toContain('hidden');
  });
});
