import { Socket } from "node:net";

/** For how long nothing must be written before the end of a connection is told, in ms. */
const quietMs = 50;

/**
 * A socket that answers what is written after its end with an error, and says that it is closed once nobody writes any more.
 *
 * postgres.js 3.4 drops its socket on `close`. What a transaction still sends (the rollback of one whose session the server
 * ended, say) would then be written to nothing, which throws where nobody can catch it and ends the process
 * (porsager/postgres#1154, #1208).
 */
class PatientSocket extends Socket {
  #closing: NodeJS.Timeout | undefined;

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== "close") return super.emit(event, ...args);
    this.#closing = setTimeout(() => super.emit(event, ...args), quietMs);
    return true;
  }

  override write(...args: Parameters<Socket["write"]>): boolean {
    if (this.#closing === undefined) return super.write(...args);
    this.#closing.refresh();
    setImmediate(() => this.emit("error", new Error("the server ended this connection")));
    return true;
  }
}

/** Where postgres.js wants to go: several hosts are tried in turn, a path is a Unix socket. */
export type PoolAddress = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
};

/** Makes the sockets of a pool. They connect by themselves: what is written meanwhile waits. */
export const patientSockets = () => {
  let next = 0;
  return ({ host, port, path }: PoolAddress): Socket => {
    const socket = new PatientSocket();
    if (typeof path === "string" && path !== "") return socket.connect(path);
    const to = { host: host[next % host.length] ?? "127.0.0.1", port: port[next % port.length] ?? 5432 };
    next += 1;
    // The driver names these in its errors, and in the certificate it asks for.
    return Object.assign(socket, to).connect(to.port, to.host);
  };
};
