import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { dimensionField, type ElementType, elementTypes, tensorTypeField, typeField, valueInfoField } from './field-numbers.ts';

/** The bytes of a message that `write` fills. */
export function writeMessage(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

export const writeText = (writer: BinaryWriter, no: number, text: string) => writer.tag(no, WireType.LengthDelimited).string(text);
export const writeBytes = (writer: BinaryWriter, no: number, bytes: Uint8Array) => writer.tag(no, WireType.LengthDelimited).bytes(bytes);
export const writeInteger = (writer: BinaryWriter, no: number, value: number | bigint) => writer.tag(no, WireType.Varint).int64(value);
export const writeFloat = (writer: BinaryWriter, no: number, value: number) => writer.tag(no, WireType.Bit32).float(value);

/** A `ValueInfoProto` of a tensor. A null dimension is free, a text names it. */
export function writeTensorInfo(name: string, element: ElementType, shape: readonly (number | string | null)[]): Uint8Array {
  const shapeBytes = writeMessage((writer) => {
    for (const dimension of shape) {
      const content = writeMessage((inner) => {
        if (typeof dimension === 'number') writeInteger(inner, dimensionField.value, dimension);
        else if (dimension !== null) writeText(inner, dimensionField.parameter, dimension);
      });
      writeBytes(writer, 1, content);
    }
  });
  const tensor = writeMessage((writer) => {
    writeInteger(writer, tensorTypeField.element, elementTypes[element]);
    writeBytes(writer, tensorTypeField.shape, shapeBytes);
  });
  return writeMessage((writer) => {
    writeText(writer, valueInfoField.name, name);
    writeBytes(
      writer,
      valueInfoField.type,
      writeMessage((inner) => writeBytes(inner, typeField.tensor, tensor)),
    );
  });
}
