import type { SparkSettings } from './read-spark-settings.ts';
import { arrowBatchOf } from './spark-messages.ts';

/** Calls of the service by name, with encoded messages. */
export interface SparkConnection {
  /** @throws gRPC's ServiceError */
  ask(method: 'Config' | 'Interrupt' | 'ReleaseSession', message: Uint8Array, milliseconds: number): Promise<Uint8Array>;
  /** The Arrow streams of the responses. */
  stream(
    method: 'ExecutePlan',
    message: Uint8Array,
    milliseconds: number,
  ): { readonly batches: AsyncIterable<Uint8Array>; readonly cancel: () => void };
  close(): void;
}

const maxMessageBytes = 256 << 20;

/** Opens no connection yet: gRPC does at the first call. */
export async function connectSpark({ target, tls, token, headers }: SparkSettings): Promise<SparkConnection> {
  const grpc = await import('@grpc/grpc-js');
  const client = new grpc.Client(target, tls ? grpc.credentials.createSsl(tls.ca) : grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.primary_user_agent': 'weighin',
  });
  const metadata = () => {
    const sent = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    if (token !== null && tls) sent.set('authorization', `Bearer ${token}`);
    return sent;
  };
  const path = (method: string) => `/spark.connect.SparkConnectService/${method}`;
  const encode = (message: Uint8Array) => Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const decode = (bytes: Buffer): Uint8Array => bytes;
  const until = (milliseconds: number) => ({ deadline: new Date(Date.now() + milliseconds) });

  return {
    ask: (method, message, milliseconds) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path(method), encode, decode, message, metadata(), until(milliseconds), (error, answer) =>
          error ? reject(error) : resolve(answer ?? new Uint8Array()),
        );
      }),

    stream(method, message, milliseconds) {
      const call = client.makeServerStreamRequest(path(method), encode, decode, message, metadata(), until(milliseconds));
      async function* batches() {
        for await (const response of call as AsyncIterable<Uint8Array>) {
          const batch = arrowBatchOf(response);
          if (batch) yield batch;
        }
      }
      return { batches: batches(), cancel: () => call.cancel() };
    },

    close: () => client.close(),
  };
}
