import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

/** Makes `NAME.key` and `NAME.crt` for localhost; the certificate is its own authority. */
export async function makeCertificate(folder: string, name: string): Promise<{ readonly key: string; readonly certificate: string }> {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  return { key, certificate };
}

export interface TlsProxy {
  readonly port: number;
  readonly authority: string;
  stop(): Promise<void>;
}

/** Ends TLS before a server that knows none, as a load balancer does. */
export async function startTls(folder: string, target: number): Promise<TlsProxy> {
  const { key, certificate } = await makeCertificate(folder, 'proxy');
  const port = await freePort();
  const open = new Set<{ destroy(): void }>();
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate), ALPNProtocols: ['h2'] }, (client) => {
    const behind = connect({ port: target, host: '127.0.0.1' });
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    client.pipe(behind).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    authority: certificate,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
