import { FieldReader, type FieldValue, MalformedFrame, readFields } from "./fields.ts";
import { headerLength, type Message, messageNameOf, type ProtocolVersion } from "./message.ts";
import { messageTable } from "./message-table.ts";
import { type Parameter, parameterNameOf } from "./parameter.ts";
import { parameterTable } from "./parameter-table.ts";

/** The standard nests about seven deep; a ParameterError may contain itself, so hostile bytes could go on for ever. */
const nestingMax = 24;

const tvFlag = 0x80;
const tlvHeaderLength = 4;

const unknown = (bytes: Uint8Array): Parameter => ({ name: "Unknown", fields: { bytes }, nested: [] });

const readTv = (reader: FieldReader): Parameter => {
  const name = parameterNameOf((reader.bytes[reader.at] ?? 0) & 0x7f);
  // A TV parameter has no length of its own, so after an unknown one nothing of this container can be read.
  if (name === undefined) return unknown(reader.slice(reader.end - reader.at));
  reader.take(1);
  return {
    name,
    fields: readFields(reader, parameterTable[name].layout),
    nested: [],
  } as unknown as Parameter;
};

const readTlv = (reader: FieldReader, depth: number): Parameter => {
  const start = reader.take(tlvHeaderLength);
  const type = reader.bytes.readUInt16BE(start) & 0x3ff;
  const length = reader.bytes.readUInt16BE(start + 2);
  const end = start + length;
  if (length < tlvHeaderLength) throw new MalformedFrame(`parameter ${type} says it has ${length} bytes`);
  if (end > reader.end) throw new MalformedFrame(`parameter ${type} ends ${end - reader.end} bytes too late`);
  reader.at = end;
  const name = parameterNameOf(type);
  if (name === undefined) return unknown(new Uint8Array(reader.bytes.subarray(start, end)));

  const inner = new FieldReader(reader.bytes, start + tlvHeaderLength, end);
  const fields = readFields(inner, parameterTable[name].layout);
  return { name, fields, nested: readParameters(inner, depth + 1) } as unknown as Parameter;
};

const readParameters = (reader: FieldReader, depth: number): readonly Parameter[] => {
  if (depth > nestingMax) throw new MalformedFrame(`parameters nest deeper than ${nestingMax}`);
  const parameters: Parameter[] = [];
  while (reader.at < reader.end) {
    const isTv = ((reader.bytes[reader.at] ?? 0) & tvFlag) !== 0;
    parameters.push(isTv ? readTv(reader) : readTlv(reader, depth));
  }
  return parameters;
};

/** Decodes parameters from `at` to the end of `bytes`. Throws {@link MalformedFrame}. */
export const decodeParameters = (bytes: Uint8Array, at = 0): readonly Parameter[] =>
  readParameters(new FieldReader(bytes, at, bytes.length), 0);

/**
 * Decodes one whole frame, header included, as the frame splitter delivers it. Parameters that the tables do not know
 * are kept raw, never refused. Throws {@link MalformedFrame} when lengths contradict each other.
 */
export const decodeMessage = (frame: Uint8Array): Message => {
  const reader = new FieldReader(frame, 0, frame.length);
  const first = reader.bytes.readUInt16BE(reader.take(2));
  reader.take(4);
  const id = reader.bytes.readUInt32BE(reader.take(4));
  const version = ((first >> 10) & 7) as ProtocolVersion;
  const type = first & 0x3ff;
  const name = messageNameOf(type);
  if (name === undefined) {
    return {
      name: "Unknown",
      version,
      id,
      fields: { type, body: new Uint8Array(frame.subarray(headerLength)) },
      parameters: [],
    };
  }
  const fields: Record<string, FieldValue> = readFields(reader, messageTable[name].layout);
  return { name, version, id, fields, parameters: readParameters(reader, 0) } as unknown as Message;
};
