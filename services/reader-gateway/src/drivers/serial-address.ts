import { Fault } from "@tagwire/messages";

export type SerialAddress = { readonly path: string; readonly baudRate: number };

const baudRateMax = 4_000_000;

/** Reads a device path with optional `?baud=`. Throws `reader.settings`. */
export const serialAddress = (address: string, defaultBaudRate: number): SerialAddress => {
  const [path = "", query, ...more] = address.split("?");
  const baud = query === undefined ? String(defaultBaudRate) : (/^baud=(\d{1,7})$/.exec(query)?.[1] ?? "");
  const baudRate = Number(baud);
  if (path.trim() === "" || more.length > 0 || baud === "" || baudRate < 300 || baudRate > baudRateMax) {
    throw new Fault("reader.settings", `"${address}" is not a device path with optional ?baud=`);
  }
  return { path, baudRate };
};
