import { connect } from "node:net";
import { Fault } from "@tagwire/messages";
import { SerialPort } from "serialport";
import type { NetworkAddress } from "../network-address.ts";
import type { SerialAddress } from "../serial-address.ts";

/** What a port tells: bytes, and once the one fault that ended it. */
export type PortHost = {
  readonly data: (chunk: Buffer) => void;
  readonly ended: (fault: Fault) => void;
};

/** An open way to a reader that carries bytes both ways. */
export type Port = {
  readonly write: (bytes: Uint8Array) => void;
  /** Resolves when the device is free for the next one. */
  readonly close: () => Promise<void>;
};

/** Once `signal` aborts nobody wants the port any more: what takes long to open is given up, and rejects. */
export type OpenPort = (host: PortHost, signal?: AbortSignal) => Promise<Port>;

const gone = (): Fault => new Fault("reader.closed", "the device is gone");
const broken = (cause: Error): Fault => new Fault("reader.closed", cause.message, { cause });

/** Opens a serial port. Rejects with `reader.unreachable`, or `reader.refused` when another process holds it. */
export const serialPort =
  ({ path, baudRate }: SerialAddress): OpenPort =>
  (host) =>
    new Promise((resolve, reject) => {
      const port = new SerialPort({ path, baudRate, autoOpen: false });
      port.on("data", host.data);
      port.open((cause) => {
        if (cause !== null) {
          const code = /lock|busy/i.test(cause.message) ? "reader.refused" : "reader.unreachable";
          return reject(new Fault(code, `${path} (${cause.message})`, { cause }));
        }
        port.on("error", (error: Error) => host.ended(broken(error)));
        port.on("close", () => host.ended(gone()));
        resolve({
          write: (bytes) => void port.write(Buffer.from(bytes)),
          close: () =>
            new Promise<void>((closed) => {
              if (!port.isOpen) return closed();
              port.close(() => closed());
            }),
        });
      });
    });

const connectTimeoutMs = 5_000;
/** A reader that floods its line is heard in shares of this many bytes. */
const readShareBytes = 4_096;
/** A peer that went away without a word is noticed by the system from here on. */
const keepAliveAfterMs = 10_000;

/** Connects to a reader, or to a box that stands before its serial port. Rejects with `reader.unreachable` or `reader.refused`. */
export const tcpPort =
  ({ host: name, port }: NetworkAddress): OpenPort =>
  (host, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host: name,
        port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveAfterMs,
        onread: {
          buffer: Buffer.alloc(readShareBytes),
          callback: (length, buffer) => {
            host.data(Buffer.from(buffer.subarray(0, length)));
            return true;
          },
        },
      });
      const timer = setTimeout(() => socket.destroy(new Error("no answer")), connectTimeoutMs);
      const giveUp = (): void => void socket.destroy(new Error("not wanted any more"));
      const settled = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
      };
      const refused = (cause: Error): void => {
        settled();
        reject(new Fault("reader.unreachable", `${name}:${port} (${cause.message})`, { cause }));
      };
      socket.once("error", refused);
      signal?.addEventListener("abort", giveUp, { once: true });
      if (signal?.aborted === true) giveUp();
      socket.once("connect", () => {
        settled();
        socket.off("error", refused);
        socket.on("error", (error) => host.ended(broken(error)));
        socket.on("close", () => host.ended(new Fault("reader.closed", "the reader closed the connection")));
        resolve({
          write: (bytes) => void socket.write(bytes),
          close: () =>
            new Promise<void>((closed) => {
              if (socket.destroyed) return closed();
              socket.once("close", () => closed());
              // What was written last is the farewell, so it goes out first.
              socket.destroySoon();
            }),
        });
      });
    });
