import { Socket } from "node:net";

/** How long the end of a connection is kept from the driver, in ms: long enough for what was already on its way to be written. */
const closeDelayMs = 100;

/**
 * A socket that says late that it is closed.
 *
 * postgres.js 3.4 drops its socket on `close`; a statement that a transaction sends in that same moment (the rollback of one whose
 * session was ended) is then written to nothing, which throws where nobody can catch it and ends the process
 * (porsager/postgres#1154, #1208). Until `close` is said such a write is dropped quietly, and `close` rejects its statement.
 */
class PatientSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== "close") return super.emit(event, ...args);
    setTimeout(() => super.emit(event, ...args), closeDelayMs);
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
