import type { FieldsOf } from "./fields.ts";
import { type MessageTable, messageTable } from "./message-table.ts";
import type { Parameter } from "./parameter.ts";

export type MessageName = keyof MessageTable;

/** 1 is LLRP 1.0.1, 2 is LLRP 1.1. */
export type ProtocolVersion = 1 | 2;

export type MessageOf<Name extends MessageName> = {
  readonly [N in Name]: {
    readonly name: N;
    readonly version: ProtocolVersion;
    readonly id: number;
    readonly fields: FieldsOf<MessageTable[N]["layout"]>;
    readonly parameters: readonly Parameter[];
  };
}[Name];

/** A message whose number the standard does not have. Its body is left alone. */
export type UnknownMessage = {
  readonly name: "Unknown";
  readonly version: ProtocolVersion;
  readonly id: number;
  readonly fields: { readonly type: number; readonly body: Uint8Array };
  readonly parameters: readonly [];
};

export type Message = MessageOf<MessageName> | UnknownMessage;

const namesByType = new Map<number, MessageName>(
  Object.entries(messageTable).map(([name, { type }]) => [type, name as MessageName]),
);

export const messageNameOf = (type: number): MessageName | undefined => namesByType.get(type);

/** Reserved bits and version, type, length including these ten bytes, message id. */
export const headerLength = 10;

/**
 * The longest frame that is accepted. The largest one in a published capture is a report of 1.4 MB; LLRP itself
 * allows 4 GiB, which no client could hold.
 */
export const frameLengthMax = 4 * 1024 * 1024;

export const frameType = (frame: Buffer): number => frame.readUInt16BE(0) & 0x3ff;
export const frameId = (frame: Buffer): number => frame.readUInt32BE(6);
