import { contentOf, readFields } from '../../onnx/read-fields.ts';
import { writeBytes, writeInteger, writeMessage, writeText } from '../../onnx/write-fields.ts';

/**
 * The few messages of `spark/connect/base.proto` and `relations.proto` (Spark 3.4 and later) that ask for a SELECT and read its rows.
 * Protobuf passes over fields that it doesn't know, so a part of the protocol is the protocol.
 */
export interface SparkSession {
  readonly sessionId: string;
  readonly user: string;
  /** Shown in the server's logs. */
  readonly clientType: string;
}

/** Fields that all requests begin with; `client_type` has another number in each. */
function request(
  { sessionId, user, clientType }: SparkSession,
  clientTypeField: number,
  rest: Parameters<typeof writeMessage>[0],
): Uint8Array {
  return writeMessage((writer) => {
    writeText(writer, 1, sessionId);
    const context = writeMessage((inner) => {
      writeText(inner, 1, user);
      writeText(inner, 2, user);
    });
    writeBytes(writer, 2, context);
    writeText(writer, clientTypeField, clientType);
    rest(writer);
  });
}

/** `ExecutePlanRequest`: the SQL as a relation (`Plan.root.sql`), never as a command, so that it is a question whatever its words. */
export function executeRequest(session: SparkSession, operationId: string, sql: string): Uint8Array {
  const relation = writeMessage((writer) => {
    writeBytes(
      writer,
      1,
      writeMessage((common) => writeInteger(common, 2, 1)),
    );
    writeBytes(
      writer,
      10,
      writeMessage((inner) => writeText(inner, 1, sql)),
    );
  });
  const plan = writeMessage((writer) => writeBytes(writer, 1, relation));
  return request(session, 4, (writer) => {
    writeBytes(writer, 3, plan);
    writeText(writer, 6, operationId);
  });
}

/** `ConfigRequest` with `Operation.set`. */
export function configRequest(session: SparkSession, settings: Readonly<Record<string, string>>): Uint8Array {
  const set = writeMessage((writer) => {
    for (const [key, value] of Object.entries(settings)) {
      const pair = writeMessage((inner) => {
        writeText(inner, 1, key);
        writeText(inner, 2, value);
      });
      writeBytes(writer, 1, pair);
    }
  });
  const operation = writeMessage((writer) => writeBytes(writer, 1, set));
  return request(session, 4, (writer) => writeBytes(writer, 3, operation));
}

/** `InterruptRequest` of one operation. */
export const interruptRequest = (session: SparkSession, operationId: string): Uint8Array =>
  request(session, 3, (writer) => {
    writeInteger(writer, 4, 3);
    writeText(writer, 6, operationId);
  });

export const releaseRequest = (session: SparkSession): Uint8Array => request(session, 3, () => undefined);

/** The Arrow stream in an `ExecutePlanResponse`; undefined in those that hold none. */
export function arrowBatchOf(response: Uint8Array): Uint8Array | undefined {
  const batch = contentOf(readFields(response), 2);
  return batch && contentOf(readFields(batch), 2);
}
