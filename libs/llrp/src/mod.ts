export { decodeMessage, decodeParameters } from "./decode.ts";
export { encodeMessage, encodeParameters, type MessageContent, message } from "./encode.ts";
export { type Bits, MalformedFrame } from "./fields.ts";
export { FrameSplitter, type SplitterHost } from "./frame-splitter.ts";
export {
  frameId,
  frameLengthMax,
  frameType,
  headerLength,
  type Message,
  type MessageName,
  type MessageOf,
  type ProtocolVersion,
} from "./message.ts";
export { messageTable } from "./message-table.ts";
export {
  findParameter,
  findParameters,
  type Parameter,
  type ParameterName,
  type ParameterOf,
  parameter,
} from "./parameter.ts";
export { parameterTable } from "./parameter-table.ts";
export { reportPieces } from "./report-pieces.ts";
export { type Status, statusName, statusNames, statusOf } from "./status-codes.ts";
export { type TagEntry, type TagReportHost, TagReportReader } from "./tag-report.ts";
