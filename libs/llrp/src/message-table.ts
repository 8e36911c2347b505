import type { Layout } from "./fields.ts";

const row = <const L extends Layout>(
  type: number,
  layout: L,
): { readonly type: number; readonly layout: L } => ({
  type,
  layout,
});

const bare = (type: number) => row(type, {});
const roSpec = (type: number) => row(type, { roSpecId: "u32" });
const accessSpec = (type: number) => row(type, { accessSpecId: "u32" });

/** Every message of LLRP 1.0.1 and 1.1: its number and the fields before its parameters. Source: LLRP 1.1, section 17.1. */
export const messageTable = {
  GET_READER_CAPABILITIES: row(1, { requestedData: "u8" }),
  GET_READER_CONFIG: row(2, { antennaId: "u16", requestedData: "u8", gpiPort: "u16", gpoPort: "u16" }),
  SET_READER_CONFIG: row(3, { resetToFactoryDefault: "flag", reserved: "pad7" }),
  CLOSE_CONNECTION_RESPONSE: bare(4),
  GET_READER_CAPABILITIES_RESPONSE: bare(11),
  GET_READER_CONFIG_RESPONSE: bare(12),
  SET_READER_CONFIG_RESPONSE: bare(13),
  CLOSE_CONNECTION: bare(14),
  ADD_ROSPEC: bare(20),
  DELETE_ROSPEC: roSpec(21),
  START_ROSPEC: roSpec(22),
  STOP_ROSPEC: roSpec(23),
  ENABLE_ROSPEC: roSpec(24),
  DISABLE_ROSPEC: roSpec(25),
  GET_ROSPECS: bare(26),
  ADD_ROSPEC_RESPONSE: bare(30),
  DELETE_ROSPEC_RESPONSE: bare(31),
  START_ROSPEC_RESPONSE: bare(32),
  STOP_ROSPEC_RESPONSE: bare(33),
  ENABLE_ROSPEC_RESPONSE: bare(34),
  DISABLE_ROSPEC_RESPONSE: bare(35),
  GET_ROSPECS_RESPONSE: bare(36),
  ADD_ACCESSSPEC: bare(40),
  DELETE_ACCESSSPEC: accessSpec(41),
  ENABLE_ACCESSSPEC: accessSpec(42),
  DISABLE_ACCESSSPEC: accessSpec(43),
  GET_ACCESSSPECS: bare(44),
  CLIENT_REQUEST_OP: bare(45),
  GET_SUPPORTED_VERSION: bare(46),
  SET_PROTOCOL_VERSION: row(47, { protocolVersion: "u8" }),
  ADD_ACCESSSPEC_RESPONSE: bare(50),
  DELETE_ACCESSSPEC_RESPONSE: bare(51),
  ENABLE_ACCESSSPEC_RESPONSE: bare(52),
  DISABLE_ACCESSSPEC_RESPONSE: bare(53),
  GET_ACCESSSPECS_RESPONSE: bare(54),
  CLIENT_REQUEST_OP_RESPONSE: bare(55),
  GET_SUPPORTED_VERSION_RESPONSE: row(56, { currentVersion: "u8", supportedVersion: "u8" }),
  SET_PROTOCOL_VERSION_RESPONSE: bare(57),
  GET_REPORT: bare(60),
  RO_ACCESS_REPORT: bare(61),
  KEEPALIVE: bare(62),
  READER_EVENT_NOTIFICATION: bare(63),
  ENABLE_EVENTS_AND_REPORTS: bare(64),
  KEEPALIVE_ACK: bare(72),
  ERROR_MESSAGE: bare(100),
  CUSTOM_MESSAGE: row(1023, { vendor: "u32", subtype: "u8", data: "rest" }),
} as const;

export type MessageTable = typeof messageTable;
