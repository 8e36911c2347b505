import type { MessageName } from "@tagwire/llrp";
import type { SessionFlaws } from "./session.ts";
import type { ReaderClock } from "./tag-entries.ts";

/** How a reader lies. Everything is off until asked for, and drawn from the reader's seed. */
export type LlrpFlaws = Partial<SessionFlaws> & {
  /** Leaves optional report parameters out where they equal the last ones sent. */
  readonly omitOptional?: boolean;
  /** How far the reader's clock is ahead, in ms. */
  readonly clockSkewMs?: number;
  /** The reader has no clock, only its time since power-up. */
  readonly uptimeOnly?: boolean;
  /** Loses its connection again and again, after so many ms on average. */
  readonly dropsAfterMs?: number;
  /** Accepts the connection and says nothing, ever. */
  readonly silent?: boolean;
  /** Refuses every client with this ConnectionAttemptEvent status. */
  readonly refuses?: number;
  /** Knows LLRP 1.0.1 only. */
  readonly onlyVersion1?: boolean;
  /** Answers a message with this status code instead of doing it. */
  readonly answers?: Partial<Record<MessageName, number>>;
  /** Messages that are never answered. */
  readonly ignores?: readonly MessageName[];
};

/** What of it concerns the line and the frames on it. */
export const sessionFlaws = (flaws: LlrpFlaws): SessionFlaws => ({
  splitFrames: flaws.splitFrames ?? false,
  mergeFrames: flaws.mergeFrames ?? false,
  garbageShare: flaws.garbageShare ?? 0,
  customEverywhere: flaws.customEverywhere ?? false,
  ownIds: flaws.ownIds ?? false,
});

/** A reader's clock, wrong as asked for. */
export const readerClock = (flaws: LlrpFlaws): ReaderClock => {
  const poweredUpMs = Date.now();
  const isUptime = flaws.uptimeOnly ?? false;
  const skewMs = flaws.clockSkewMs ?? 0;
  return {
    isUptime,
    microseconds: (unixMs) =>
      BigInt(Math.max(0, Math.round((unixMs - (isUptime ? poweredUpMs : 0) + skewMs) * 1000))),
  };
};
