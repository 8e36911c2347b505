import { createServer, type Server } from "node:net";
import { type Message, type Parameter, parameter } from "@tagwire/llrp";
import { EmulatedReader, type LlrpReaderOptions } from "./llrp/emulated-reader.ts";
import { eventTypes } from "./llrp/reader-config.ts";

export type { LlrpReaderOptions } from "./llrp/emulated-reader.ts";
export type { LlrpFlaws } from "./llrp/flaws.ts";

export type LlrpReaderStats = {
  readonly connections: number;
  readonly refused: number;
  readonly isServing: boolean;
  readonly requests: number;
  readonly reports: number;
  readonly tags: number;
  readonly keepalivesMissed: number;
};

/** A reader that runs. It listens on 127.0.0.1 only. */
export type LlrpReader = {
  readonly port: number;
  /** `host:port`, as a driver wants it. */
  readonly address: string;
  readonly stats: () => LlrpReaderStats;
  /** The names of the requests of all clients so far, in their order. */
  readonly requests: () => readonly Message["name"][];
  /** The ROSpecs that it has now, as the client added them. */
  readonly roSpecs: () => readonly Parameter[];
  /** Cuts every connection without a word, as a power cut does. */
  readonly dropConnections: () => void;
  /** Says nothing more until {@link LlrpReader.resume}; the connection stays. */
  readonly stall: () => void;
  readonly resume: () => void;
  /** Unplugs or plugs an antenna in; the client is told when it asked to be. */
  readonly plugAntenna: (antenna: number, isConnected: boolean) => void;
  /** Breaks the light barrier at an input for a moment; the client is told when it asked to be. */
  readonly breakInput: (port: number) => void;
  readonly raiseException: (text: string) => void;
  readonly warnBuffer: (percentFull: number) => void;
  /** Ends the running ROSpecs as if their time were up. */
  readonly endRoSpecs: () => void;
  /** Puts bytes on the line as they are. */
  readonly sendRaw: (bytes: Uint8Array) => void;
  readonly stop: () => Promise<void>;
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
    });
  });

/**
 * Starts an LLRP reader on a real TCP port: a peer for the driver, the demo and the training room.
 *
 * It speaks 1.0.1 and 1.1, serves one client, checks settings against its tables, honours durations and triggers, and
 * reports what `world` sees. ROSpecs and settings outlive a connection, as they do on a reader. It has four
 * inputs and no outputs, does no surveys, and of access operations carries out reads of the TID.
 */
export const startLlrpReader = async (options: LlrpReaderOptions): Promise<LlrpReader> => {
  const reader = new EmulatedReader(options);
  const server = createServer((socket) => reader.accept(socket));
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    address: `127.0.0.1:${port}`,
    stats: () => ({ ...reader.counts, isServing: reader.session !== undefined }),
    requests: () => [...reader.requests],
    roSpecs: () => reader.specs.roSpecs(),
    dropConnections: () => reader.drop(),
    stall: () => reader.session?.stall(),
    resume: () => reader.session?.resume(),
    plugAntenna: (antenna, isConnected) => reader.plugAntenna(antenna, isConnected),
    breakInput: (port) => reader.breakInput(port),
    raiseException: (text) =>
      reader.tell(eventTypes.exception, parameter("ReaderExceptionEvent", { message: text })),
    warnBuffer: (percentFull) =>
      reader.tell(eventTypes.buffer, parameter("ReportBufferLevelWarningEvent", { percentFull })),
    endRoSpecs: () => reader.specs.endAll(),
    sendRaw: (bytes) => reader.session?.sendRaw(bytes),
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      reader.specs.clear();
      reader.drop();
      await closed;
    },
  };
};
