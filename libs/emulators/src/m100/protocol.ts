import { storedTag } from "../serial/gen2-crc.ts";

/**
 * The device's side of the M100 frame: BB, type, command, length, parameters, checksum, 7E. Written apart from the driver's
 * on purpose, so that one cannot repeat the other's mistake. Source: M100 communication user protocol 2.1.
 */
export const m100Frame = (type: 1 | 2, command: number, parameters: readonly number[]): Buffer => {
  const body = [type, command, parameters.length >> 8, parameters.length & 255, ...parameters];
  const sum = body.reduce((total, byte) => total + byte, 0) & 255;
  return Buffer.from([0xbb, ...body, sum, 0x7e]);
};

/** A tag notice: RSSI, PC, EPC, CRC. */
export const tagNotice = (epc: string, rssiDbm: number): Buffer => {
  const rssi = Math.max(-128, Math.min(127, Math.round(rssiDbm))) & 255;
  return m100Frame(2, 0x22, [rssi, ...storedTag(epc)]);
};

export type M100Command = { readonly command: number; readonly parameters: Buffer };

/** Takes whole commands off the front of what has come; what does not begin one is thrown away. */
export const takeCommands = (
  heard: Buffer,
): { readonly commands: readonly M100Command[]; readonly rest: Buffer } => {
  const commands: M100Command[] = [];
  let rest = heard;
  for (;;) {
    const start = rest.indexOf(0xbb);
    if (start < 0) return { commands, rest: Buffer.alloc(0) };
    rest = rest.subarray(start);
    if (rest.length < 7) return { commands, rest };
    const end = 5 + rest.readUInt16BE(3);
    if (end > 300) {
      rest = rest.subarray(1);
      continue;
    }
    if (rest.length < end + 2) return { commands, rest };
    const sum = rest.subarray(1, end).reduce((total, byte) => total + byte, 0) & 255;
    if (rest[end] !== sum || rest[end + 1] !== 0x7e) {
      rest = rest.subarray(1);
      continue;
    }
    commands.push({ command: rest.readUInt8(2), parameters: rest.subarray(5, end) });
    rest = rest.subarray(end + 2);
  }
};
