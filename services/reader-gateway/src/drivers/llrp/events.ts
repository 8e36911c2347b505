import { findParameter, type Message, type Parameter, statusOf } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { ReaderNotice } from "../driver.ts";
import type { ReaderClock } from "../reader-clock.ts";

/** What an unasked message means for the driver, besides notices. */
export type Told = {
  readonly notices: readonly ReaderNotice[];
  /** The reader's greeting: 0 welcome, else why not. */
  readonly connectionAttempt?: number;
  readonly endedRoSpecId?: number;
  readonly closes?: Fault;
};

const warning = (code: string, message: string): ReaderNotice => ({ kind: "warning", code, message });

const attemptTexts: Readonly<Record<number, string>> = {
  1: "a connection that the reader opened itself exists already",
  2: "another client is connected already",
  3: "the reader failed for reasons of its own",
};

/** What a greeting other than 0 says, as a fault. Source: LLRP 1.1, ConnectionAttemptEvent. */
export const refusalOf = (status: number): Fault =>
  new Fault("reader.refused", attemptTexts[status] ?? `connection attempt status ${status}`);

const anotherAttempted = 4;
const roSpecStarted = 0;

const noticeOf = (event: Parameter, atMs: number): ReaderNotice | undefined => {
  switch (event.name) {
    case "GPIEvent":
      return event.fields.event ? { kind: "input", port: event.fields.port, atMs } : undefined;
    case "AntennaEvent":
      return { kind: "antenna", antenna: event.fields.antennaId, connected: event.fields.event === 1 };
    case "ReaderExceptionEvent":
      return warning("reader_exception", event.fields.message.trim() || "the reader reports an exception");
    case "ReportBufferLevelWarningEvent":
      return warning("buffer_filling", `the reader's report buffer is ${event.fields.percentFull} % full`);
    case "ReportBufferOverflowErrorEvent":
      return warning(
        "buffer_overflow",
        "the reader's report buffer has overflown: reads were lost in the reader",
      );
    case "ConnectionAttemptEvent":
      return event.fields.status === anotherAttempted
        ? warning("another_client", "another client tried to connect to the reader and was refused")
        : undefined;
    default:
      return undefined;
  }
};

const readEvents = (events: readonly Parameter[], atMs: number): Told => {
  const notices = events.map((event) => noticeOf(event, atMs)).filter((notice) => notice !== undefined);
  const attempt = findParameter(events, "ConnectionAttemptEvent")?.fields.status;
  const roSpec = findParameter(events, "ROSpecEvent")?.fields;
  const isClosing = findParameter(events, "ConnectionCloseEvent") !== undefined;
  return {
    notices,
    ...(attempt === undefined || attempt === anotherAttempted ? {} : { connectionAttempt: attempt }),
    ...(roSpec === undefined || roSpec.event === roSpecStarted ? {} : { endedRoSpecId: roSpec.roSpecId }),
    ...(isClosing ? { closes: new Fault("reader.closed", "the reader closed the connection") } : {}),
  };
};

/** Reads an unasked message; its timestamp also tells how the reader's clock stands. */
export const readTold = (message: Message, clock: ReaderClock, arrivedAtMs: number): Told => {
  if (message.name === "ERROR_MESSAGE") {
    return { notices: [warning("error_message", statusOf(message.parameters).text)] };
  }
  if (message.name !== "READER_EVENT_NOTIFICATION") return { notices: [] };
  const events = findParameter(message.parameters, "ReaderEventNotificationData")?.nested ?? [];
  const utc = findParameter(events, "UTCTimestamp")?.fields.microseconds;
  const uptime = findParameter(events, "Uptime")?.fields.microseconds;
  const stamps = [["utc", utc] as const, ["uptime", uptime] as const];
  let atMs = arrivedAtMs;
  for (const [kind, microseconds] of stamps) {
    if (microseconds === undefined) continue;
    const stampMs = Number(microseconds) / 1000;
    clock.observe(kind, stampMs, arrivedAtMs);
    atMs = clock.ours(kind, stampMs, arrivedAtMs);
  }
  return readEvents(events, atMs);
};
