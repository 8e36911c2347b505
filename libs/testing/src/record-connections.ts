import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

/*
 * Loaded before a program by `--import`: writes down each connection that its process opens, and each request that it sends over HTTP, one
 * JSON a line, into the file that RECORD_CONNECTIONS names. What a process does not open, it cannot speak over.
 */

/** A connection, or a request; `program` is the file that was run. */
export type RecordedConnection = { readonly program: string } & (
  | { readonly port: number; readonly host: string }
  | { readonly method: string; readonly url: string }
);

const file = process.env.RECORD_CONNECTIONS;
const program = process.argv[1] ?? "";

const record = (what: object): void => {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ program, ...what })}\n`);
};

type Target = { readonly port?: number | string; readonly host?: string; readonly path?: string };
const targetOf = ([first, second]: readonly unknown[]): Target => {
  const one: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof one === "object" && one !== null) return one;
  return { port: one as number | string, ...(typeof second === "string" ? { host: second } : {}) };
};

// Everything over TCP or TLS goes through here, whatever library asks for it.
const { connect } = Socket.prototype;
Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
  const { port, host, path } = targetOf(given);
  record({ host: host ?? path ?? "localhost", port: Number(port ?? 0) });
  return Reflect.apply(connect, this, given);
} as typeof connect;

type Sent = {
  readonly request: { readonly method: string; readonly origin: unknown; readonly path: string };
};
subscribe("undici:client:sendHeaders", (message) => {
  const { request } = message as Sent;
  record({ method: request.method, url: `${String(request.origin)}${request.path}` });
});
type Begun = {
  readonly request: {
    readonly method: string;
    readonly protocol: string;
    readonly host: string;
    readonly path: string;
  };
};
subscribe("http.client.request.start", (message) => {
  const { method, protocol, host, path } = (message as Begun).request;
  record({ method, url: `${protocol}//${host}${path}` });
});
