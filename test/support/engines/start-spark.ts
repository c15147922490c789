import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RunningServer, startServer } from './start-server.ts';

export interface SparkServer {
  readonly port: number;
  readonly server: RunningServer;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Sail: Spark's protocol and SQL without a JVM. Binary by WEIGHIN_SAIL. */
export async function startSail(): Promise<SparkServer> {
  const binary = process.env['WEIGHIN_SAIL'];
  if (!binary) throw new Error('set WEIGHIN_SAIL to the sail of pysail, as .ci/run does');
  return start('Sail', (port) => ({ command: binary, args: ['spark', 'server', '--ip', '127.0.0.1', '--port', String(port)] }));
}

/** Spark itself with two executors in processes of their own. Its home is WEIGHIN_SPARK_HOME, the folder of the Python module pyspark. */
export async function startSpark(env: Readonly<Record<string, string>> = {}): Promise<SparkServer> {
  const home = process.env['WEIGHIN_SPARK_HOME'];
  if (!home) throw new Error('set WEIGHIN_SPARK_HOME to the folder of the module pyspark, as .ci/run does');
  return start('Spark', (port, folder) => {
    const settings = {
      'spark.connect.grpc.binding.address': '127.0.0.1',
      'spark.connect.grpc.binding.port': String(port),
      'spark.ui.enabled': 'false',
      'spark.driver.host': '127.0.0.1',
      'spark.driver.bindAddress': '127.0.0.1',
      'spark.sql.shuffle.partitions': '4',
      'spark.default.parallelism': '4',
      // What must not matter.
      'spark.sql.session.timeZone': 'Asia/Kolkata',
      'spark.sql.warehouse.dir': join(folder, 'warehouse'),
      'spark.local.dir': folder,
    };
    return {
      command: join(home, 'bin', 'spark-submit'),
      args: [
        ...['--master', 'local-cluster[2,1,1024]', '--driver-memory', '1500m'],
        ...Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
        ...['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer', 'spark-internal'],
      ],
      env: { SPARK_HOME: home, SPARK_LOCAL_IP: '127.0.0.1', SPARK_WORKER_DIR: join(folder, 'work'), ...env },
    };
  });
}

interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function start(name: string, describe: (port: number, folder: string) => Started): Promise<SparkServer> {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-spark-'));
  const port = await freePort();
  const server = await startServer({ name, ...describe(port, folder), cwd: folder, port, log: join(folder, 'log'), seconds: 120 });
  return {
    port,
    server,
    folder,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
