import type { ReaderWay } from "@tagwire/messages";
import { type OpenPort, serialPort, tcpPort } from "./line/port.ts";
import { networkAddress } from "./network-address.ts";
import { serialAddress } from "./serial-address.ts";

/** What tells a device path from a host name. */
const device = /^(\/[^\s?]+|COM\d{1,3})(\?|$)/;

export const isDevicePath = (address: string): boolean => device.test(address);

/** How the reader with this address is reached. */
export const wayTo = (address: string): ReaderWay => {
  if (address === "") return "pushes";
  return isDevicePath(address) ? "serial" : "network";
};

/** Without a port of its own a family is behind some serial server, and the address has to name one. */
export type LineDefaults = { readonly baudRate: number; readonly tcpPort?: number };

const noPort = 0;

/** A device path with optional `?baud=`, or `host[:port]` of what carries the same bytes over the network. Throws `reader.settings`. */
export const lineAt = (address: string, defaults: LineDefaults): OpenPort =>
  isDevicePath(address)
    ? serialPort(serialAddress(address, defaults.baudRate))
    : tcpPort(networkAddress(address, defaults.tcpPort ?? noPort));
