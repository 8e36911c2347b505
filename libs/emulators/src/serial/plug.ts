import { openPty } from "./pty.ts";
import { openTcpPeer } from "./tcp-peer.ts";

/** How a device is plugged in. */
export type PlugKind = "serial" | "tcp";

/** The device's end of a cable. */
export type Plug = {
  /** What a driver opens: a device path, or `host:port`. */
  readonly address: string;
  readonly write: (bytes: Uint8Array) => void;
  readonly close: () => Promise<void>;
};

export const plugIn = async (kind: PlugKind, heard: (bytes: Buffer) => void): Promise<Plug> => {
  if (kind === "tcp") return openTcpPeer(heard);
  const { path, write, close } = await openPty(heard);
  return { address: path, write, close };
};
