/**
 * The device's side of UHFReader frames: length, address, command, status, data, CRC. Written apart from the driver's on purpose, so
 * that one cannot repeat the other's mistake. Source: UHFReader18 user's manual 2.0.
 */
const crcOf = (bytes: Iterable<number>): number => {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
};

export const uhfFrame = (command: number, status: number, data: readonly number[] = []): Buffer => {
  const body = [data.length + 5, 0, command, status, ...data];
  const crc = crcOf(body);
  return Buffer.from([...body, crc & 255, crc >> 8]);
};

export type UhfCommand = { readonly command: number; readonly data: Buffer };

/** Takes whole commands off the front of what has come; what does not begin one is thrown away. */
export const takeCommands = (
  heard: Buffer,
): { readonly commands: readonly UhfCommand[]; readonly rest: Buffer } => {
  const commands: UhfCommand[] = [];
  let rest = heard;
  while (rest.length > 0) {
    const length = rest.readUInt8(0);
    const isPossible = length >= 4 && (rest.length < 2 || rest[1] === 0xff || rest[1] === 0);
    if (isPossible && rest.length <= length) break;
    const whole = rest.subarray(0, length + 1);
    if (!isPossible || crcOf(whole.subarray(0, -2)) !== whole.readUInt16LE(length - 1)) {
      rest = rest.subarray(1);
      continue;
    }
    commands.push({ command: whole.readUInt8(2), data: whole.subarray(3, -2) });
    rest = rest.subarray(length + 1);
  }
  return { commands, rest };
};

export type SaidTag = { readonly epc: string; readonly rssi: number; readonly tid?: string };

const bytesOf = (hex: string): number[] => [...Buffer.from(hex, "hex")];

export const entry18 = ({ epc }: SaidTag): number[] => [epc.length / 2, ...bytesOf(epc)];

export const entry288 = ({ epc, rssi, tid }: SaidTag): number[] => {
  const both = [...bytesOf(epc), ...bytesOf(tid ?? "")];
  return [tid === undefined ? both.length : 0x80 | both.length, ...both, rssi];
};
