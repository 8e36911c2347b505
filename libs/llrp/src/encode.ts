import { type FieldsOf, FieldWriter, writeFields } from "./fields.ts";
import type { Message, MessageName, ProtocolVersion } from "./message.ts";
import { type MessageTable, messageTable } from "./message-table.ts";
import type { Parameter } from "./parameter.ts";
import { parameterTable } from "./parameter-table.ts";

const tvTypeMax = 127;
const tlvLengthMax = 0xffff;

const writeParameter = (writer: FieldWriter, one: Parameter): void => {
  if (one.name === "Unknown") {
    writer.raw(one.fields.bytes);
    return;
  }
  const { type, layout } = parameterTable[one.name];
  if (type <= tvTypeMax) {
    writer.u8(type | 0x80);
    writeFields(writer, layout, one.fields);
    return;
  }
  const start = writer.room(4);
  writeFields(writer, layout, one.fields);
  for (const nested of one.nested) writeParameter(writer, nested);
  const length = writer.at - start;
  if (length > tlvLengthMax)
    throw new RangeError(`${one.name} of ${length} bytes does not fit a 16-bit length`);
  writer.u16(type, start);
  writer.u16(length, start + 2);
};

/** Encodes parameters one after the other, without a message around them. */
export const encodeParameters = (parameters: readonly Parameter[]): Buffer => {
  const writer = new FieldWriter();
  for (const one of parameters) writeParameter(writer, one);
  return writer.written();
};

/** Encodes a message to a whole frame. A value that does not fit its field throws RangeError: it is our own mistake. */
export const encodeMessage = (message: Message): Buffer => {
  const writer = new FieldWriter();
  const type = message.name === "Unknown" ? message.fields.type : messageTable[message.name].type;
  writer.u16((message.version << 10) | type);
  const lengthAt = writer.room(4);
  writer.u32(message.id);
  if (message.name === "Unknown") writer.raw(message.fields.body);
  else writeFields(writer, messageTable[message.name].layout, message.fields);
  for (const one of message.parameters) writeParameter(writer, one);
  writer.u32(writer.at, lengthAt);
  return writer.written();
};

/** What a message says apart from its header. */
export type MessageContent<Name extends MessageName> = {
  readonly fields: FieldsOf<MessageTable[Name]["layout"]>;
  readonly parameters?: readonly Parameter[];
};

/** Makes a message; the header is `{ version, id }`. */
export const message = <Name extends MessageName>(
  header: { readonly version: ProtocolVersion; readonly id: number },
  name: Name,
  content: MessageContent<Name>,
): Message => ({ parameters: [], ...header, name, ...content }) as unknown as Message;
