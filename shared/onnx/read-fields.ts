import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** One field of a protobuf message as it stands in the file. */
export interface WireField {
  readonly no: number;
  readonly type: WireType;
  /** Tag and value, to be copied as they are. */
  readonly raw: Uint8Array;
  /** The value's bytes: the content of strings and messages, the encoded number of all others. */
  readonly content: Uint8Array;
}

/**
 * The fields of a message, in file order; only those numbered in `wanted` where it is given, which makes a tree's million numbers cheap
 * to pass over. Nothing is copied: all arrays are views of `bytes`. Throws where it is no protobuf.
 */
export function readFields(bytes: Uint8Array, wanted?: ReadonlySet<number>): readonly WireField[] {
  const reader = new BinaryReader(bytes);
  const fields: WireField[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [no, type] = reader.tag();
    if (wanted && !wanted.has(no)) {
      if (type === WireType.Varint) reader.uint32();
      else if (type === WireType.Bit32) reader.pos += 4;
      else reader.skip(type, no);
      continue;
    }
    const content = type === WireType.LengthDelimited ? reader.bytes() : reader.skip(type, no);
    fields.push({ no, type, raw: bytes.subarray(start, reader.pos), content });
  }
  if (reader.pos > reader.len) throw new RangeError('the last field is cut short');
  return fields;
}

/** The contents of every field numbered `no`. */
export const contentsOf = (fields: readonly WireField[], no: number): readonly Uint8Array[] =>
  fields.filter((field) => field.no === no).map((field) => field.content);

/** The last field numbered `no`, as protobuf says that a repeated single field is read. */
export const contentOf = (fields: readonly WireField[], no: number): Uint8Array | undefined =>
  fields.findLast((field) => field.no === no)?.content;

const decoder = new TextDecoder();
export const textOf = (content: Uint8Array | undefined): string => (content ? decoder.decode(content) : '');

/** 0 where the field is absent, as protobuf has it. */
export const integerOf = (content: Uint8Array | undefined): bigint => (content ? BigInt(new BinaryReader(content).int64()) : 0n);

/** A repeated integer, packed or one field a value: ONNX files hold both. */
export function integersOf(fields: readonly WireField[], no: number): readonly bigint[] {
  const values: bigint[] = [];
  for (const field of fields) {
    if (field.no !== no) continue;
    const reader = new BinaryReader(field.content);
    while (reader.pos < reader.len) values.push(BigInt(reader.int64()));
  }
  return values;
}
