import { type AddressInfo, createServer, type Socket } from 'node:net';

interface Server {
  readonly name: string;
  weight: number;
  readonly initial: number;
  admin: number;
  readonly backup: boolean;
}

/** Answers of HAProxy 2.6.12, as they came from a real one (haproxy-target.full.test.ts asks it the same). */
export async function openHaproxyDouble(initial: Readonly<Record<string, number>>, { balance = 'roundrobin', backup = '' } = {}) {
  const start = (): Server[] =>
    Object.entries(initial).map(([name, weight]) => ({ name, weight, initial: weight, admin: 0, backup: name === backup }));
  const connections = new Set<Socket>();
  const double = {
    servers: start(),
    /** Every line that came, oldest first. */
    lines: [] as string[],
    /** Commands that are still carried out; those after it meet a connection that breaks. */
    left: Number.POSITIVE_INFINITY,
    /** In place of the answer to everything that is set. */
    says: null as string | null,
    restart: () => {
      double.servers = start();
    },
    port: 0,
    close: () => {
      for (const connection of connections) connection.destroy();
      server.close();
    },
  };

  function answer(command: string): string {
    const [, list] = /^show servers state (\S+)$/.exec(command) ?? [];
    if (list !== undefined) return list === 'model' ? stateOf(double.servers) : "Can't find backend.\n\n";
    if (/^show stat model 6 -1$/.test(command)) return statOf(double.servers, balance);
    if (double.says !== null) return `${double.says}\n\n`;
    const [, weighed, weight = ''] = /^set weight model\/(\S+) (\S+)$/.exec(command) ?? [];
    const [, readied] = /^set server model\/(\S+) state ready$/.exec(command) ?? [];
    const found = double.servers.find(({ name }) => name === (weighed ?? readied));
    if (weighed === undefined && readied === undefined) return 'Unknown command.\n\n';
    if (!found) return 'No such server.\n\n';
    if (readied !== undefined) found.admin = 0;
    else if (!/^\d+$/.test(weight) || Number(weight) > 256) return 'Absolute weight can only be between 0 and 256 inclusive.\n\n';
    else found.weight = Number(weight);
    return '\n';
  }

  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined).on('close', () => connections.delete(connection));
    connection.once('data', (chunk) => {
      const line = chunk.toString().trim();
      if (double.left > 0) double.lines.push(line);
      let said = '';
      for (const command of line.split(/\s*;\s*/)) {
        if (double.left <= 0) return void connection.destroy();
        double.left--;
        said += answer(command);
      }
      connection.end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  double.port = (server.address() as AddressInfo).port;
  return double;
}

const stateOf = (servers: readonly Server[]) =>
  [
    '1',
    '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port',
    ...servers.map(
      ({ name, weight, initial, admin }, index) =>
        `3 model ${index + 1} ${name} 127.0.0.1 ${(admin & 7) === 0 ? 2 : 0} ${admin} ${weight} ${initial} 1 1 0 2 0 0 0 0 - 18411 - 0 0 - - 0`,
    ),
    '',
    '',
  ].join('\n');

const statOf = (servers: readonly Server[], balance: string) =>
  [
    '# pxname,svname,status,weight,act,bck,type,algo,-,',
    ...servers.map(({ name, weight, backup }) => `model,${name},no check,${weight},${backup ? '0,1' : '1,0'},2,,-,`),
    `model,BACKEND,UP,100,${servers.length},0,1,${balance},-,`,
    '',
    '',
  ].join('\n');
