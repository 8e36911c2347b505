import type { ReaderRegion } from "@tagwire/messages";
import type { Inbox } from "./json/inbox.ts";

/**
 * One tag as one reader's antenna heard it.
 *
 * `epc` is upper-case hex, as many digits as the reader sent. `count` is how often the reader heard the tag
 * since it last said so (readers merge reads before they report them), so accounting sums counts, not rows.
 * `heardAtMs` is Unix time in ms by this machine's clock: a reader's own clock is corrected by its offset at arrival.
 */
export type TagRead = {
  readonly epc: string;
  readonly antenna: number;
  readonly rssiDbm: number | null;
  /** Strength on the reader's own scale, which is no dBm and says nothing to anybody else: it is recorded, and decides nothing. */
  readonly rssiRaw?: number;
  readonly count: number;
  readonly heardAtMs: number;
  /** What the reader read of the tag's own memory bank besides, in upper-case hex. */
  readonly tid?: string;
  /** The tag's protocol control word says that ISO defines its content, and not GS1. Absent where the reader tells no such word. */
  readonly isIso?: true;
};

/** What a reader says of itself besides tags. Kept as its health, shown to people. */
export type ReaderNotice =
  | {
      readonly kind: "identified";
      readonly firmware: string;
      readonly model: string;
      readonly antennas: number;
    }
  | { readonly kind: "antenna"; readonly antenna: number; readonly connected: boolean }
  /** A light barrier, or whatever else is wired to an input, was broken; Unix ms. */
  | { readonly kind: "input"; readonly port: number; readonly atMs: number }
  /** How far the reader's clock is ahead of ours; less than nothing when it is behind. */
  | { readonly kind: "clock"; readonly offsetMs: number }
  | { readonly kind: "warning"; readonly code: string; readonly message: string };

/** The phases of a connection, in order. `backoff` and `stopped` belong to the supervisor, not to a driver. */
export type DriverPhase = "connecting" | "configuring" | "inventory";

/** Where a driver delivers. Every call is synchronous and does not throw: a mistake behind it ends this connection. */
export type DriverHost = {
  readonly phase: (phase: DriverPhase) => void;
  /**
   * One frame that was understood, and the tags in it (often none: keepalives and answers count as frames too). `bytes` is the frame as
   * it came, where the family has frames of bytes; it is good until the call returns.
   */
  readonly frame: (reads: readonly TagRead[], bytes?: Uint8Array) => void;
  /** Bytes that could not be read as a frame, with the reason; they are counted and the first few are kept. */
  readonly malformed: (reason: string, bytes: Uint8Array) => void;
  readonly notice: (notice: ReaderNotice) => void;
};

/** `port` counts from 1, as on the housing. Power is in dBm; absent means the reader's own default. */
export type AntennaSettings = { readonly port: number; readonly powerDbm?: number };

/** Who we are to a reader. For the reader alone: neither logged nor answered. */
export type ReaderLogin = { readonly username: string; readonly password: string };

export type DriverSettings = {
  /** `host[:port]` or a URL for network readers; a device path with optional `?baud=` for serial ones; empty for one that comes to us. */
  readonly address: string;
  readonly login?: ReaderLogin;
  /** Where its events come that it brings by itself, and what is known of those that came before. */
  readonly inbox?: Inbox;
  /** What lies before one that is practised with. */
  readonly field?: { readonly round: (nowMs: number) => readonly TagRead[] };
  readonly antennas: readonly AntennaSettings[];
  /** Absent leaves what the reader has. */
  readonly region?: ReaderRegion;
  /** The Gen2 session, 0 to 3; absent leaves what the reader has. */
  readonly session?: number;
  /** The inputs that have to be told of. A driver whose readers have none, or do not tell, takes no notice. */
  readonly inputs?: readonly number[];
  /** Tags are to be asked for their TID too; set only for a driver whose readers can be told to. */
  readonly asksTid?: boolean;
};

/** How long a driver may take to end after the abort, in ms: its farewell to the reader has to fit. */
export const driverStopTimeoutMs = 2_000;

/**
 * A driver knows one family of readers, byte by byte.
 *
 * It connects, configures, starts reading and then delivers until `signal` aborts (it then stops the reader, closes the
 * connection and resolves, within {@link driverStopTimeoutMs}, whatever the reader answers) or the connection ends (it
 * rejects with a `Fault` whose code is in the catalogue). It never reconnects by itself: the supervisor decides when to
 * call it again.
 */
export type Driver = (settings: DriverSettings, host: DriverHost, signal: AbortSignal) => Promise<void>;
