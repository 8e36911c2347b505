import type { Logger } from "@tagwire/service";
import { antennasMax, shownText } from "../actors/health.ts";
import { believable, believableMs } from "../actors/heard-at.ts";
import type { DriverHost, DriverPhase, ReaderNotice, TagRead } from "../drivers/driver.ts";
import { tellOddReads } from "../drivers/odd-reads.ts";
import type { Recording } from "../spool/recording.ts";
import type { Hearing } from "./hearing.ts";
import type { LogShare } from "./log-share.ts";

const loggedBytesMax = 64;

export type ReaderHostOptions = {
  readonly log: Logger;
  readonly logShare: LogShare;
  readonly hearing: Hearing;
  readonly recording: () => Recording | undefined;
  readonly phase: (phase: DriverPhase) => void;
  /** A frame that cannot be read. */
  readonly malformed: () => void;
  /** Reads whose times can be believed. */
  readonly reads: (reads: readonly TagRead[]) => void;
  readonly warned: (code: string, message: string) => void;
  /** What the reader says of itself, and how many antennas it has said it has. */
  readonly noticed: (notice: ReaderNotice, antennas: number) => void;
};

/** What one connection may tell, and what becomes of it: how many antennas a reader has, each connection finds out anew. */
export const createReaderHost = (options: ReaderHostOptions): DriverHost => {
  const { log, logShare, hearing, recording } = options;
  let antennas = antennasMax;
  const host: DriverHost = {
    phase: options.phase,
    frame: (heard, bytes) => {
      recording()?.frame(heard, bytes);
      const { reads, mistimed } = believable(heard, Date.now());
      if (mistimed > 0) tellOdd("clock_unbelievable", mistimed);
      options.reads(reads);
    },
    malformed: (reason, bytes) => {
      recording()?.malformed(reason, bytes);
      options.malformed();
      const start = Buffer.from(bytes.subarray(0, loggedBytesMax)).toString("hex");
      if (logShare.take()) log.warn({ reason, bytes: bytes.length, start }, "a frame could not be read");
    },
    notice: (said) => {
      recording()?.notice(said);
      if (said.kind === "warning") {
        if (logShare.take()) log.warn({ code: said.code, said: shownText(said.message) }, "the reader warns");
        options.warned(said.code, said.message);
        return;
      }
      if (said.kind === "input") {
        hearing.trigger({ port: said.port, atMs: believableMs(said.atMs, Date.now()) });
        return;
      }
      if (said.kind === "identified" && said.antennas > 0) antennas = said.antennas;
      options.noticed(said, antennas);
    },
  };
  const tellOdd = tellOddReads(host);
  return host;
};
