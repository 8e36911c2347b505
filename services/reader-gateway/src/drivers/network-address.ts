import { Fault } from "@tagwire/messages";

export type NetworkAddress = { readonly host: string; readonly port: number };

/** Reads `host[:port]`; an IPv6 address with a port stands in brackets. Throws `reader.settings`. */
export const networkAddress = (address: string, defaultPort: number): NetworkAddress => {
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::(\d+))?$/.exec(address);
  const plain = /^([^\s:/[\]]+)(?::(\d+))?$/.exec(address);
  const bare = /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address) ? [address, address] : null;
  const [, host, portText] = bracketed ?? plain ?? bare ?? [];
  const port = portText === undefined ? defaultPort : Number(portText);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Fault("reader.settings", `"${address}" is not host[:port]`);
  }
  return { host, port };
};
