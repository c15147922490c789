import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectApp } from '../../../../shared/adapters/github-app/connect-app.ts';
import { proxiedFetch } from '../../../../shared/adapters/github-forge/proxied-fetch.ts';
import { privateKey, startStubApi, stubRoutes } from '../../../support/bot/stub-api.ts';

let api: Awaited<ReturnType<typeof startStubApi>>;
let asked: { readonly host: string; readonly authorization: string | undefined }[];
let proxy: ReturnType<typeof createServer>;
beforeEach(async () => {
  api = await startStubApi(stubRoutes());
  asked = [];
  proxy = createServer().on('connect', (request, socket) => {
    asked.push({ host: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await api.close();
  proxy.closeAllConnections();
  proxy.close();
});

const identify = async (except: string) => {
  const url = `http://ada:hunter2@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const fetch = await proxiedFetch({ https_proxy: url, http_proxy: url, no_proxy: except });
  return connectApp({ appId: 123, privateKey, baseUrl: api.baseUrl, userAgent: 'weighin/test', fetch }).identify();
};

it('asks GitHub through the proxy, with its user and password', async () => {
  expect(await identify('')).toMatchObject({ slug: 'weighin' });
  expect(asked).toEqual([{ host: api.host, authorization: `Basic ${Buffer.from('ada:hunter2').toString('base64')}` }]);
});

it('asks hosts of NO_PROXY directly', async () => {
  expect(await identify('127.0.0.1')).toMatchObject({ slug: 'weighin' });
  expect(asked).toEqual([]);
});
