import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type RunningServer, startServer } from './start-server.ts';
import { makeCertificate } from './tls-in-front.ts';

const run = promisify(execFile);

export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** File of the server's certificate, for `localhost`. */
  readonly authority: string;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own: SCRAM passwords, TLS with a certificate made for it. Binaries by WEIGHIN_POSTGRES_BIN. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = process.env['WEIGHIN_POSTGRES_BIN'];
  if (!bin) throw new Error('set WEIGHIN_POSTGRES_BIN to the folder of initdb and postgres, as .ci/run does');
  const folder = await mkdtemp(join(tmpdir(), 'weighin-postgres-'));
  const [data, port, password, user] = [join(folder, 'data'), await freePort(), 'the-password-that-no-message-shows', 'owner'];
  const { key, certificate: authority } = await makeCertificate(folder, 'server');
  await writeFile(join(folder, 'password'), password);
  await mkdir(data);
  // The server refuses to run as root: there it runs as the user that Debian's package made.
  const owner = process.getuid?.() === 0 ? await userId('postgres') : undefined;
  if (owner) for (const path of [folder, data, join(folder, 'password'), key]) await chown(path, owner.uid, owner.gid);
  await chmod(key, 0o600);
  const become = owner ? { uid: owner.uid, gid: owner.gid } : {};
  // Letters in a dictionary's order, which must not matter.
  await run(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      user,
      `--pwfile=${join(folder, 'password')}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=icu',
      '--icu-locale=en-US',
      '-N',
    ],
    become,
  );
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: authority,
    ssl_key_file: key,
    // What must not matter: a zone, an order of dates and of letters that are not ours.
    TimeZone: 'Asia/Kolkata',
    DateStyle: 'German',
  };
  const server: RunningServer = await startServer({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: folder,
    port,
    log: join(folder, 'log'),
    ...(owner && { owner }),
  });
  return {
    port,
    user,
    password,
    authority,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function userId(name: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined) throw new Error(`there is no user ${name}: install Debian's postgresql`);
  return { uid: Number(uid), gid: Number(gid) };
}
