import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/** A device behind a network plug: whoever connects speaks with it. */
export type TcpPeer = {
  /** `host:port` that a driver opens. */
  readonly address: string;
  readonly write: (bytes: Uint8Array) => void;
  /** Pulls the plug. */
  readonly close: () => Promise<void>;
};

/** Listens on this machine, at a free port; `heard` gets what any client writes, and all of them get what is written. */
export const openTcpPeer = (heard: (bytes: Buffer) => void): Promise<TcpPeer> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("data", heard);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    });
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        address: `127.0.0.1:${port}`,
        write: (bytes) => {
          for (const socket of sockets) socket.write(bytes);
        },
        close: () =>
          new Promise<void>((closed) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => closed());
          }),
      });
    });
  });
